#include "daemon/kpi/unique_count.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

namespace raiten {
namespace {

constexpr unsigned index_bits = 11;
constexpr unsigned register_bits = 5;
constexpr std::uint8_t register_max = (1U << register_bits) - 1;

constexpr std::array header{
    std::byte{1U << 4U | 4U},                           // schema version 1, FULL
    std::byte{(register_bits - 1) << 5U | index_bits},  // parameters
    std::byte{0},                                       // cutoff: never EXPLICIT, never SPARSE
};

constexpr auto registers_total = static_cast<double>(UniqueCount::register_count);

/// Ertl 2017, algorithm 6: what the untouched registers add. `share` in [0, 1).
double sigma(double share)
{
    double sum = share;
    double weight = 1.0;
    for (double before = -1.0; sum != before; weight += weight) {
        before = sum;
        share *= share;
        sum += share * weight;
    }
    return sum;
}

/// The same: what the registers that are full take away. `share` in [0, 1].
double tau(double share)
{
    if (share == 0.0 || share == 1.0) return 0.0;
    double sum = 1.0 - share;
    double weight = 1.0;
    for (double before = -1.0; sum != before;) {
        before = sum;
        share = std::sqrt(share);
        weight *= 0.5;
        sum -= (1.0 - share) * (1.0 - share) * weight;
    }
    return sum / 3.0;
}

}  // namespace

std::uint64_t SketchKey::hash(std::string_view name) const
{
    return KeyedHash{low, high}.add(name).value();
}

void UniqueCount::add(std::uint64_t hash)
{
    // As `hll` does it: the register's number below, the run above, and no run at all is nothing.
    auto& reg = registers_[hash % register_count];
    const std::uint64_t rest = hash >> index_bits;
    if (rest == 0) return;
    const auto run =
        std::min<unsigned>(static_cast<unsigned>(std::countr_zero(rest)) + 1, register_max);
    reg = std::max(reg, static_cast<std::uint8_t>(run));
}

void UniqueCount::merge(const UniqueCount& other)
{
    for (std::size_t i = 0; i < register_count; ++i)
        registers_[i] = std::max(registers_[i], other.registers_[i]);
}

double UniqueCount::estimate() const
{
    double sum = 0.0;
    for (const auto reg : registers_) sum += 1.0 / static_cast<double>(1ULL << reg);
    const auto untouched = std::count(registers_.begin(), registers_.end(), 0);

    constexpr double alpha = 0.7213 / (1.0 + 1.079 / registers_total);
    const double raw = alpha * registers_total * registers_total / sum;
    if (untouched != 0 && raw < 2.5 * registers_total)
        return registers_total * std::log(registers_total / static_cast<double>(untouched));

    // Few enough different runs that hashes begin to collide.
    constexpr auto space = static_cast<double>(1ULL << (register_max - 1 + index_bits));
    if (raw >= space) return std::numeric_limits<double>::infinity();
    return raw <= space / 30.0 ? raw : -space * std::log(1.0 - raw / space);
}

double UniqueCount::smooth_estimate() const
{
    std::array<double, register_max + 1> with{};  // registers by their value
    for (const auto reg : registers_) with[reg] += 1.0;
    if (with[0] == registers_total) return 0.0;

    double sum = registers_total * tau(1.0 - with[register_max] / registers_total);
    for (std::size_t value = register_max - 1U; value > 0; --value) sum = 0.5 * (sum + with[value]);
    sum += registers_total * sigma(with[0] / registers_total);
    if (sum == 0.0) return std::numeric_limits<double>::infinity();
    return registers_total * registers_total / (2.0 * std::numbers::ln2 * sum);
}

std::array<std::byte, UniqueCount::byte_count> UniqueCount::bytes() const
{
    std::array<std::byte, byte_count> out{};
    std::copy(header.begin(), header.end(), out.begin());
    std::size_t at = header.size();
    unsigned window = 0;
    unsigned filled = 0;
    for (const auto reg : registers_) {
        window = window << register_bits | reg;
        filled += register_bits;
        if (filled >= 8) {
            filled -= 8;
            out[at++] = static_cast<std::byte>(window >> filled & 0xffU);
        }
    }
    return out;
}

Result<UniqueCount> UniqueCount::from_bytes(std::span<const std::byte> bytes)
{
    if (bytes.size() != byte_count) {
        return Problem{"a unique count has " + std::to_string(byte_count) + " bytes, not "
                       + std::to_string(bytes.size())};
    }
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (bytes[i] != header[i]) {
            return Problem{"not a FULL hll of version 1 with 2048 registers of 5 bits",
                           "byte " + std::to_string(i),
                           "in the database it is made by hll_empty(11,5,0,0)"};
        }
    }
    UniqueCount out;
    std::size_t at = header.size();
    unsigned window = 0;
    unsigned filled = 0;
    for (auto& reg : out.registers_) {
        if (filled < register_bits) {
            window = window << 8U | std::to_integer<unsigned>(bytes[at++]);
            filled += 8;
        }
        filled -= register_bits;
        reg = static_cast<std::uint8_t>(window >> filled & register_max);
    }
    return out;
}

void MeanCount::add(std::uint64_t hash)
{
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        // SplitMix64 (Steele, Lea, Flood 2014): one to one, so that different hashes stay
        // different.
        std::uint64_t mixed = hash + i * 0x9E37'79B9'7F4A'7C15U;
        if (i > 0) {
            mixed = (mixed ^ mixed >> 30U) * 0xBF58'476D'1CE4'E5B9U;
            mixed = (mixed ^ mixed >> 27U) * 0x94D0'49BB'1331'11EBU;
            mixed ^= mixed >> 31U;
        }
        counts_[i].add(mixed);
    }
}

void MeanCount::merge(const MeanCount& other)
{
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i].merge(other.counts_[i]);
}

double MeanCount::estimate() const
{
    double sum = 0;
    for (const auto& count : counts_) sum += count.estimate();
    return sum / static_cast<double>(counts_.size());
}

Result<MeanCount> MeanCount::from_bytes(std::span<const std::byte> bytes)
{
    if (bytes.size() != byte_count)
        return Problem{"four counts of unique ones have " + std::to_string(byte_count) + " bytes"};
    MeanCount out;
    for (std::size_t i = 0; i < count_max; ++i) {
        auto one = UniqueCount::from_bytes(
            bytes.subspan(i * UniqueCount::byte_count, UniqueCount::byte_count));
        if (!one) return one.error();
        out.counts_[i] = one.value();
    }
    return out;
}

}  // namespace raiten
