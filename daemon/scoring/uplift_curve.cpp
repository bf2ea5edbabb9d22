#include "daemon/scoring/uplift_curve.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace raiten::scoring {
namespace {

/// Who was given the offer and who was not, and how many of them came.
struct Counts {
    double given{}, given_came{}, withheld{}, withheld_came{};

    void add(bool was_given, bool came)
    {
        (was_given ? given : withheld) += 1;
        if (came) (was_given ? given_came : withheld_came) += 1;
    }
    std::optional<double> uplift() const
    {
        if (given == 0 || withheld == 0) return std::nullopt;
        return given_came / given - withheld_came / withheld;
    }
    double members() const { return given + withheld; }
};

double ratio(double above, double below)
{
    return below > 0 ? above / below : 0;
}

double qini_value(const Counts& so_far)
{
    return so_far.given_came - so_far.withheld_came * ratio(so_far.given, so_far.withheld);
}

double uplift_value(const Counts& so_far)
{
    return (ratio(so_far.given_came, so_far.given) - ratio(so_far.withheld_came, so_far.withheld))
           * so_far.members();
}

using CurveValue = double (*)(const Counts&);

/// From the highest score on; of equal ones the last comes first.
std::vector<std::uint32_t> order_of(std::span<const double> score)
{
    std::vector<std::uint32_t> order(score.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [score](auto one, auto other) {
        return score[one] != score[other] ? score[one] > score[other] : one > other;
    });
    return order;
}

std::vector<CurvePoint> curve_of(const RankedOutcomes& ranked, CurveValue value)
{
    const auto order = order_of(ranked.score);
    std::vector<CurvePoint> curve{{0, 0}};
    Counts so_far;
    for (std::size_t n = 0; n < order.size(); ++n) {
        const auto i = order[n];
        so_far.add(ranked.given[i] != 0, ranked.came[i] != 0);
        if (n + 1 == order.size() || ranked.score[order[n + 1]] != ranked.score[i])
            curve.push_back({so_far.members(), value(so_far)});
    }
    return curve;
}

/// `best` scores members as nobody could who does not know what came.
std::optional<double> coefficient(const RankedOutcomes& ranked, std::span<const double> best,
                                  CurveValue value)
{
    const auto curve = curve_of(ranked, value);
    const auto perfect = curve_of({best, ranked.given, ranked.came}, value);
    const double by_lot = curve.back().members * curve.back().value / 2;
    const double possible = area_under(perfect) - by_lot;
    if (!(std::abs(possible) > 1e-12 * curve.back().members)) return std::nullopt;
    return (area_under(curve) - by_lot) / possible;
}

}  // namespace

std::vector<CurvePoint> qini_curve(const RankedOutcomes& ranked)
{
    return curve_of(ranked, qini_value);
}

std::vector<CurvePoint> uplift_curve(const RankedOutcomes& ranked)
{
    return curve_of(ranked, uplift_value);
}

double area_under(std::span<const CurvePoint> curve)
{
    double area = 0;
    for (std::size_t i = 1; i < curve.size(); ++i)
        area +=
            (curve[i].members - curve[i - 1].members) * (curve[i].value + curve[i - 1].value) / 2;
    return area;
}

std::optional<double> qini_coefficient(const RankedOutcomes& ranked)
{
    std::vector<double> best;
    for (std::size_t i = 0; i < ranked.score.size(); ++i)
        best.push_back(ranked.came[i] == 0 ? 0 : ranked.given[i] != 0 ? 1 : -1);
    return coefficient(ranked, best, qini_value);
}

std::optional<double> uplift_coefficient(const RankedOutcomes& ranked)
{
    std::size_t withheld_came = 0, given_stayed = 0;
    for (std::size_t i = 0; i < ranked.score.size(); ++i) {
        if (ranked.given[i] == 0 && ranked.came[i] != 0) ++withheld_came;
        if (ranked.given[i] != 0 && ranked.came[i] == 0) ++given_stayed;
    }
    const auto& second = withheld_came > given_stayed ? ranked.came : ranked.given;
    std::vector<double> best;
    for (std::size_t i = 0; i < ranked.score.size(); ++i)
        best.push_back((ranked.came[i] == ranked.given[i] ? 2.0 : 0.0) + second[i]);
    return coefficient(ranked, best, uplift_value);
}

std::optional<double> uplift_at(const RankedOutcomes& ranked, double share)
{
    const auto order = order_of(ranked.score);
    const auto first = static_cast<std::size_t>(static_cast<double>(order.size()) * share);
    Counts counts;
    for (std::size_t n = 0; n < std::min(first, order.size()); ++n)
        counts.add(ranked.given[order[n]] != 0, ranked.came[order[n]] != 0);
    return counts.uplift();
}

std::optional<double> uplift_at_by_group(const RankedOutcomes& ranked, double share)
{
    Counts all;
    for (std::size_t i = 0; i < ranked.score.size(); ++i)
        all.add(ranked.given[i] != 0, ranked.came[i] != 0);
    const double given_first = std::floor(all.given * share);
    const double withheld_first = std::floor(all.withheld * share);
    Counts counts;
    for (const auto i : order_of(ranked.score)) {
        const bool given = ranked.given[i] != 0;
        if (given ? counts.given < given_first : counts.withheld < withheld_first)
            counts.add(given, ranked.came[i] != 0);
    }
    return counts.uplift();
}

std::optional<double> weighted_average_uplift(const RankedOutcomes& ranked, std::size_t bins)
{
    const auto order = order_of(ranked.score);
    double sum = 0, given = 0;
    std::size_t n = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        Counts counts;
        const auto size = order.size() / bins + (bin < order.size() % bins ? 1 : 0);
        for (const auto end = n + size; n < end; ++n)
            counts.add(ranked.given[order[n]] != 0, ranked.came[order[n]] != 0);
        const auto uplift = counts.uplift();
        if (!uplift) return std::nullopt;
        sum += counts.given * *uplift;
        given += counts.given;
    }
    if (given == 0) return std::nullopt;
    return sum / given;
}

}  // namespace raiten::scoring
