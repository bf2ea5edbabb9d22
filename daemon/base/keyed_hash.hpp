#pragma once

#include <cstdint>
#include <string_view>

namespace raiten {

/// SipHash-2-4 (Aumasson, Bernstein 2012), 64 bits, fed piece by piece. Each piece is preceded by
/// its length, so that ("ab","c") and ("a","bc") differ. The same on every machine.
class KeyedHash {
 public:
    explicit KeyedHash(std::uint64_t key_low, std::uint64_t key_high = 0x7261'6974'656e'2031U);

    KeyedHash& add(std::uint64_t value);
    KeyedHash& add(std::string_view text);
    std::uint64_t value() const;

    /// The value as a number in [0, 1), with 53 random bits.
    double unit() const { return static_cast<double>(value() >> 11U) * 0x1p-53; }

 private:
    void compress(std::uint64_t word);

    std::uint64_t v0_, v1_, v2_, v3_;
    std::uint64_t words_{};
};

}  // namespace raiten
