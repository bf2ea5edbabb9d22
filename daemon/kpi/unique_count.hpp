#pragma once

#include "daemon/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace raiten {

/// Under what members are hashed for the count of unique ones: the same in every store of a tenant,
/// so that stores can be united, and unknown to HQ, so that nobody can be looked up.
struct SketchKey {
    std::uint64_t low{};
    std::uint64_t high{};

    /// SipHash-2-4 of a member's name, or of a token's key: 64 bits for UniqueCount::add.
    std::uint64_t hash(std::string_view name) const;

    template <class Archive>
    void archive(Archive& a)
    {
        a(low, high);
    }
};

/// How many different ones there were: HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with
/// 64-bit hashes (Heule, Nunkesser, Hall 2013), 2,048 registers of 5 bits. Counts of parts merge to
/// the count of the whole exactly, whatever they have in common.
///
/// Registers, bytes and estimate are those of PostgreSQL's `hll` type, made by hll_empty(11,5,0,0).
class UniqueCount {
 public:
    static constexpr std::size_t register_count = 2048;
    static constexpr std::size_t byte_count = 3 + register_count * 5 / 8;

    /// A hash, equally distributed over 64 bits; adding it again changes nothing.
    void add(std::uint64_t hash);
    void merge(const UniqueCount& other);

    /// What the database's hll_cardinality says of the same registers. Standard error 2.3 % of the
    /// truth above 5,120, less below (README: measured). Infinite where registers are so full that
    /// the database says NaN: no store fills them, damage does.
    double estimate() const;
    /// Ertl's improved raw estimator (2017, arXiv 1702.01284, algorithm 6): no seam between its
    /// ranges, otherwise the same error.
    double smooth_estimate() const;

    /// The storage format of `hll`, schema version 1, always FULL: the README has the byte map.
    std::array<std::byte, byte_count> bytes() const;
    /// Refuses everything but FULL with these parameters, and bytes that are not `byte_count`.
    static Result<UniqueCount> from_bytes(std::span<const std::byte> bytes);

    friend bool operator==(const UniqueCount&, const UniqueCount&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(registers_);
    }

 private:
    std::array<std::uint8_t, register_count> registers_{};
};

/// The same, from the mean of four counts that see each hash mixed differently: half the error of
/// one (README: measured) for four times the bytes. The first sees the hash as it is.
class MeanCount {
 public:
    static constexpr std::size_t count_max = 4;
    static constexpr std::size_t byte_count = count_max * UniqueCount::byte_count;

    void add(std::uint64_t hash);
    void merge(const MeanCount& other);
    double estimate() const;

    const std::array<UniqueCount, count_max>& counts() const { return counts_; }
    /// The bytes of the four, one after the other.
    static Result<MeanCount> from_bytes(std::span<const std::byte> bytes);

    friend bool operator==(const MeanCount&, const MeanCount&) = default;

 private:
    std::array<UniqueCount, count_max> counts_{};
};

}  // namespace raiten
