#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten {

/// How values are spread: a merging t-digest (Dunning, Ertl 2019, arXiv 1902.04023), compression
/// 200, in the text of PostgreSQL's `tdigest` type. A few hundred means with their counts, fine at
/// both ends, from which any quantile follows; digests of parts merge to a digest of the whole
/// within a rank error of 1 % at the median and 0.2 % at p99 (README: measured).
///
/// The bytes are a function of the values alone, in whatever order they came, and the same on every
/// machine: what decides is adding, multiplying and comparing doubles.
class Quantiles {
 public:
    static constexpr std::uint32_t compression = 200;
    static constexpr std::size_t centroids_max = 10 * compression;  ///< the database's limit
    static constexpr std::uint64_t count_max = 1'000'000'000'000;   ///< that from_text takes
    static constexpr double value_max = 1e15;                       ///< either sign
    static constexpr std::size_t text_bytes_max = centroids_max * 48;

    Quantiles() = default;
    /// Finite values within `value_max`; another one is a mistake of the caller: std::logic_error.
    explicit Quantiles(const std::vector<double>& values);

    /// a.merge(b) equals b.merge(a).
    void merge(const Quantiles& other);
    /// All at once, in any order: a finer digest than one after the other.
    static Quantiles united(std::span<const Quantiles> parts);

    std::uint64_t count() const { return count_; }
    /// The value with a share `q` (in [0, 1]) of all values below it, interpolated as the database
    /// does; nothing when there are no values. The smallest (0) and the largest (1) are exact.
    std::optional<double> quantile(double q) const;
    std::optional<double> min() const { return quantile(0.0); }
    std::optional<double> max() const { return quantile(1.0); }

    /// `flags 1 count N compression 200 centroids M (mean, count) ...`, the means with all their
    /// digits. Without values it is empty: the database knows no empty digest, store NULL.
    std::string text() const;
    /// Reads that, and what the database prints (means rounded to six decimals; flags 0: sums).
    static Result<Quantiles> from_text(std::string_view text);

    friend bool operator==(const Quantiles&, const Quantiles&) = default;

 private:
    struct Centroid {
        double mean{};
        std::uint64_t count{};
        friend auto operator<=>(const Centroid&, const Centroid&) = default;
    };

    void compress();  ///< sorts first

    std::vector<Centroid> centroids_;  ///< by mean
    std::uint64_t count_{};
};

}  // namespace raiten
