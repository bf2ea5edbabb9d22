#include "daemon/scoring/model_guard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

namespace raiten::scoring {
namespace {

constexpr std::array<std::string_view, 7> names{
    "first", "as_good", "unusable", "absurd", "shrunken", "less_likely", "foretells_worse"};

/// Mean and error of differences, as they come.
class Differences {
 public:
    void add(double difference)
    {
        ++count_;
        const double off = difference - mean_;  // Welford's
        mean_ += off / count_;
        squares_ += off * (difference - mean_);
    }
    Comparison comparison() const
    {
        return {mean_, count_ > 1 ? std::sqrt(squares_ / (count_ - 1) / count_) : 0};
    }

 private:
    double count_{}, mean_{}, squares_{};
};

bool clearly_above(const Comparison& comparison, double zero_within)
{
    return comparison.mean > guard_errors * comparison.standard_error + zero_within;
}

std::string in_words(const char* what, const Comparison& comparison)
{
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(), "%s %+.3g a member (standard error %.2g)", what,
                  comparison.mean, comparison.standard_error);
    return text.data();
}

Verdict kept(Verdict verdict, Grounds grounds, std::string reason)
{
    verdict.accepted = false;
    verdict.grounds = grounds;
    verdict.reason = std::move(reason);
    return verdict;
}

Verdict taken(Verdict verdict, Grounds grounds, std::string reason)
{
    verdict.accepted = true;
    verdict.grounds = grounds;
    verdict.reason = std::move(reason);
    return verdict;
}

/// Of one member, up to what both models share.
double deviance(double foretold, double came)
{
    const double least = 1e-12;  // a foretold nothing that came is as bad as this
    return 2 * (foretold - (came > 0 ? came * std::log(std::max(foretold, least)) : 0));
}

struct PastJudged {
    double foretold{};
    double came{};
    Comparison worse;
};

PastJudged judge_past(const PurchaseModel& tonight, const PurchaseModel* in_use,
                      std::span<const RecentPast> past, double span)
{
    PastJudged judged;
    Differences worse;
    for (const auto& member : past) {
        const double ours = expected_purchases(tonight, member.then, span);
        judged.foretold += ours;
        judged.came += member.came;
        if (in_use != nullptr)
            worse.add(deviance(ours, member.came)
                      - deviance(expected_purchases(*in_use, member.then, span), member.came));
    }
    judged.worse = worse.comparison();
    return judged;
}

std::optional<std::string> absurdity(const PastJudged& past)
{
    if (!std::isfinite(past.foretold)) return "what it foretells is no finite number";
    if (past.came < guard_came_min) return std::nullopt;
    const double times = past.foretold / past.came;
    if (times <= guard_times_max && times * guard_times_max >= 1) return std::nullopt;
    std::array<char, 160> text{};
    std::snprintf(text.data(), text.size(),
                  "it foretells %.4g purchases of the span where %.0f came", past.foretold,
                  past.came);
    return text.data();
}

/// Tonight's less the other's log-likelihood; nothing where tonight's is no number for a member.
template <class Model, class Member>
std::optional<Comparison> gain_of(const Model& tonight, const Model* in_use,
                                  std::span<const Member> members)
{
    Differences gain;
    for (const auto& member : members) {
        const double ours = log_likelihood(tonight, member);
        if (!std::isfinite(ours)) return std::nullopt;
        const double before = in_use != nullptr ? log_likelihood(*in_use, member) : ours;
        if (std::isfinite(before)) gain.add(ours - before);
    }
    return gain.comparison();
}

/// Rounding of two fits that found the same top.
constexpr double same = 1e-9;

bool clearly_less_likely(const Comparison& gain)
{
    return clearly_above({-gain.mean, gain.standard_error}, same);
}

}  // namespace

std::string_view name_of(Grounds grounds)
{
    return names[static_cast<std::size_t>(grounds)];
}

Verdict judge(const PurchaseModel& tonight, const std::optional<ModelInUse>& in_use,
              std::span<const BuyingHistory> members, std::span<const RecentPast> past,
              double past_span)
{
    Verdict verdict;
    if (const auto sound = check(tonight); !sound)
        return kept(verdict, Grounds::unusable, sound.error().text());
    const bool usable = in_use && check(in_use->model);
    const auto* before = usable ? &in_use->model : nullptr;

    const auto gain = gain_of(tonight, before, members);
    if (!gain) return kept(verdict, Grounds::unusable, "a member's likelihood is no finite number");
    const auto judged = judge_past(tonight, before, past, past_span);
    if (const auto why = absurdity(judged)) return kept(verdict, Grounds::absurd, *why);
    if (!usable) return taken(verdict, Grounds::first, "no usable model was there before");

    verdict.gain = gain;
    if (!past.empty()) verdict.deviance = judged.worse;
    const auto least = guard_members_share * static_cast<double>(in_use->members);
    if (static_cast<double>(members.size()) < least)
        return kept(verdict, Grounds::shrunken,
                    std::to_string(members.size()) + " members tonight, "
                        + std::to_string(in_use->members) + " carried the model in use");
    if (clearly_less_likely(*gain))
        return kept(verdict, Grounds::less_likely, in_words("log-likelihood", *gain));
    if (clearly_above(judged.worse, same))
        return kept(verdict, Grounds::foretells_worse,
                    in_words("deviance of what came", judged.worse));
    return taken(verdict, Grounds::as_good, in_words("log-likelihood", *gain));
}

Verdict judge(const SpendModel& tonight, const std::optional<SpendModel>& in_use,
              std::span<const Spending> members)
{
    Verdict verdict;
    if (const auto sound = check(tonight); !sound)
        return kept(verdict, Grounds::unusable, sound.error().text());
    std::vector<Spending> spenders;
    for (const auto& member : members)
        if (member.purchases > 0 && member.mean > 0 && std::isfinite(member.mean))
            spenders.push_back(member);
    const bool usable = in_use && check(*in_use);
    const auto gain =
        gain_of(tonight, usable ? &*in_use : nullptr, std::span<const Spending>{spenders});
    if (!gain) return kept(verdict, Grounds::unusable, "a member's likelihood is no finite number");
    if (!usable) return taken(verdict, Grounds::first, "no usable model was there before");
    verdict.gain = gain;
    if (clearly_less_likely(*gain))
        return kept(verdict, Grounds::less_likely, in_words("log-likelihood", *gain));
    return taken(verdict, Grounds::as_good, in_words("log-likelihood", *gain));
}

}  // namespace raiten::scoring
