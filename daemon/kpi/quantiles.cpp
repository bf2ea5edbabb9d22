#include "daemon/kpi/quantiles.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace raiten {
namespace {

/// Where the paper's scale function k1 has room for one centroid, there are this many here: an
/// answer may be wrong by the whole width of a centroid where values are heavily tied or leave a
/// gap, and k1's own 1.6 % of the ranks at the median is more than is promised.
constexpr double fineness = 4.0;

/// May the values of ranks [from, to) of `total` share one centroid? k1 (section 2.2) is
/// δ/2π·asin(2q-1): by its slope at both ends, their width is at most 2π/δ·sqrt(q(1-q)); squared,
/// so that no function is needed that differs between machines. Nothing joins the first and the
/// last.
bool may_share(std::uint64_t from, std::uint64_t to, std::uint64_t total)
{
    constexpr double step = 2.0 * std::numbers::pi / Quantiles::compression / fineness;
    constexpr double step_squared = step * step;
    const auto width = static_cast<double>(to - from);
    const double room_before = static_cast<double>(from) * static_cast<double>(total - from);
    const double room_behind = static_cast<double>(to) * static_cast<double>(total - to);
    return width * width <= step_squared * std::min(room_before, room_behind);
}

/// Takes what a text begins with.
class Reader {
 public:
    explicit Reader(std::string_view text) : rest_{text} {}

    bool word(std::string_view expected)
    {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    template <class Number>
    bool number(Number& out)
    {
        const auto [end, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
        if (failed != std::errc{}) return false;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return true;
    }
    bool at_end() const { return rest_.empty(); }

 private:
    std::string_view rest_;
};

template <class Number>
void append(std::string& out, Number number)
{
    std::array<char, 32> digits;  // a double needs 24 at most
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

bool is_value(double value)
{
    return std::abs(value) <= Quantiles::value_max;  // false for NaN
}

}  // namespace

Quantiles::Quantiles(const std::vector<double>& values) : count_{values.size()}
{
    centroids_.reserve(values.size());
    for (const double value : values) {
        if (!is_value(value)) throw std::logic_error{"a value that Quantiles does not take"};
        centroids_.push_back({value + 0.0, 1});  // -0 becomes 0
    }
    compress();
}

void Quantiles::merge(const Quantiles& other)
{
    centroids_.reserve(centroids_.size() + other.centroids_.size());
    for (std::size_t i = 0, size = other.centroids_.size(); i < size; ++i)  // it may be this one
        centroids_.push_back(other.centroids_[i]);
    count_ += other.count_;
    compress();
}

Quantiles Quantiles::united(std::span<const Quantiles> parts)
{
    Quantiles out;
    for (const auto& part : parts) {
        out.centroids_.insert(out.centroids_.end(), part.centroids_.begin(), part.centroids_.end());
        out.count_ += part.count_;
    }
    out.compress();
    return out;
}

void Quantiles::compress()
{
    std::sort(centroids_.begin(), centroids_.end());
    std::size_t kept = 0;
    std::uint64_t from = 0;
    for (std::size_t first = 0; first < centroids_.size();) {
        std::uint64_t to = from + centroids_[first].count;
        double sum = centroids_[first].mean * static_cast<double>(centroids_[first].count);
        std::size_t next = first + 1;
        for (; next < centroids_.size(); ++next) {
            const auto& one = centroids_[next];
            if (!may_share(from, to + one.count, count_)) break;
            sum += one.mean * static_cast<double>(one.count);
            to += one.count;
        }
        // Rounding must not carry a mean past its values: equal ones stay what they are.
        const double mean = std::clamp(sum / static_cast<double>(to - from), centroids_[first].mean,
                                       centroids_[next - 1].mean);
        centroids_[kept++] = {mean, to - from};
        from = to;
        first = next;
    }
    centroids_.resize(kept);
    centroids_.shrink_to_fit();
}

std::optional<double> Quantiles::quantile(double q) const
{
    if (centroids_.empty()) return std::nullopt;
    const double goal = q * static_cast<double>(count_);
    if (!(q > 0.0)) return centroids_.front().mean;
    if (goal >= static_cast<double>(count_)) return centroids_.back().mean;

    // A centroid's mean stands at the middle of its ranks; between two of them lies a straight
    // line.
    double middle = 0.0;
    double before = 0.0;  // ranks before `here`
    const Centroid* last = nullptr;
    for (const auto& here : centroids_) {
        const double half = static_cast<double>(here.count) / 2.0;
        if (goal < before + half) {
            if (last == nullptr) return here.mean;
            const double share = (goal - middle) / (before + half - middle);
            return last->mean + (here.mean - last->mean) * share;
        }
        middle = before + half;
        before += static_cast<double>(here.count);
        last = &here;
    }
    return last->mean;
}

std::string Quantiles::text() const
{
    std::string out;
    if (centroids_.empty()) return out;
    out.reserve(64 + centroids_.size() * 24);
    out += "flags 1 count ";
    append(out, count_);
    out += " compression ";
    append(out, compression);
    out += " centroids ";
    append(out, centroids_.size());
    for (const auto& [mean, count] : centroids_) {
        out += " (";
        append(out, mean);
        out += ", ";
        append(out, count);
        out += ')';
    }
    return out;
}

Result<Quantiles> Quantiles::from_text(std::string_view text)
{
    Quantiles out;
    if (text.empty()) return out;
    if (text.size() > text_bytes_max)
        return Problem{"a digest has " + std::to_string(text_bytes_max) + " bytes at most"};

    Reader in{text};
    unsigned flags = 0;
    std::uint32_t its_compression = 0;
    std::size_t size = 0;
    if (!in.word("flags ") || !in.number(flags) || !in.word(" count ") || !in.number(out.count_)
        || !in.word(" compression ") || !in.number(its_compression) || !in.word(" centroids ")
        || !in.number(size)) {
        return Problem{"not a digest: flags, count, compression, centroids", "its beginning"};
    }
    if (flags > 1) return Problem{"flags of a digest are 1 (means) or 0 (sums)"};
    if (its_compression != compression)
        return Problem{"the compression of a digest is " + std::to_string(compression)};
    if (out.count_ == 0 || out.count_ > count_max)
        return Problem{"a digest describes 1 to " + std::to_string(count_max) + " values"};
    if (size == 0 || size > centroids_max)
        return Problem{"a digest has 1 to " + std::to_string(centroids_max) + " centroids"};

    out.centroids_.reserve(size);
    std::uint64_t left = out.count_;
    for (std::size_t i = 0; i < size; ++i) {
        const auto where = [i] { return "centroid " + std::to_string(i + 1); };
        Centroid one;
        if (!in.word(" (") || !in.number(one.mean) || !in.word(", ") || !in.number(one.count)
            || !in.word(")")) {
            return Problem{"a centroid is written (mean, count)", where()};
        }
        if (one.count == 0 || one.count > left)
            return Problem{"the counts of the centroids are the digest's count", where()};
        left -= one.count;
        if (flags == 0) one.mean /= static_cast<double>(one.count);
        one.mean += 0.0;
        if (!is_value(one.mean)) return Problem{"a mean that is out of range", where()};
        if (i > 0 && one.mean < out.centroids_.back().mean)
            return Problem{"centroids are sorted by their means", where()};
        out.centroids_.push_back(one);
    }
    if (left != 0) return Problem{"the counts of the centroids are the digest's count", "its end"};
    if (!in.at_end()) return Problem{"a digest ends with its last centroid", "its end"};
    return out;
}

}  // namespace raiten
