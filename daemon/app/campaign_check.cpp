#include "daemon/app/campaign_check.hpp"

#include "daemon/app/campaign_columns.hpp"
#include "daemon/app/units.hpp"
#include "daemon/base/iso8601.hpp"

#include <algorithm>

namespace raiten::app {
namespace {

constexpr Millis longest_day = std::chrono::hours{25};  // where clocks are set back
constexpr Millis year = std::chrono::hours{24 * 365};

std::string period_text(const UseLimit& limit)
{
    return limit.period ? duration_text(*limit.period) : "business day";
}

/// Whether `strict` is always reached before `loose`.
bool covers(const UseLimit& strict, const UseLimit& loose)
{
    if (strict.count > loose.count) return false;
    if (!loose.period) return !strict.period || *strict.period >= longest_day;
    return strict.period && *strict.period >= *loose.period;
}

/// Things that come once at most in any span of that length.
std::optional<std::string> comes_once(Moment moment, const UseLimit& limit)
{
    if (moment == Moment::first_visit) return "a member has one first visit";
    if (moment == Moment::first_purchase) return "a member has one first purchase";
    if (moment == Moment::birthday_month && limit.period.value_or(longest_day) <= year)
        return "a member has one birthday a year";
    return std::nullopt;
}

/// Where a limit of a list stands in the file. per_day goes first, a limit alone is no list.
class LimitPlaces {
 public:
    explicit LimitPlaces(std::string name, bool day_apart = false)
        : name_{std::move(name)}, day_apart_{day_apart}
    {
    }
    std::string of(const std::vector<UseLimit>& limits, std::size_t i) const
    {
        if (day_apart_ && i == 0) return "/per_day";
        const auto place = i - (day_apart_ ? 1 : 0);
        const bool alone = limits.size() - (day_apart_ ? 1 : 0) == 1;
        return name_ + (alone ? "" : "/" + std::to_string(place));
    }

 private:
    std::string name_;
    bool day_apart_;
};

class Checker {
 public:
    Checker(const Campaign& campaign, const CampaignGround& ground)
        : c_{campaign},
          ground_{ground},
          store_places_{"/per_store", !c_.per_store.empty() && !c_.per_store.front().period}
    {
    }

    CampaignFindings run()
    {
        dates();
        loose_limits(c_.per_member, member_places_);
        loose_limits(c_.per_store, store_places_);
        for (std::size_t i = 0; i < c_.per_member.size(); ++i) reachable(i);
        stock();
        budget();
        control();
        decimals();
        advice();
        return std::move(out_);
    }

 private:
    void error(std::string pointer, std::string what, std::string to_do)
    {
        out_.errors.push_back({std::move(what), std::move(pointer), std::move(to_do)});
    }
    void warn(std::string pointer, std::string what, std::string to_do)
    {
        out_.warnings.push_back({std::move(what), std::move(pointer), std::move(to_do)});
    }

    // ---- what could never be ------------------------------------------------------------------

    void dates()
    {
        if (c_.starts_at && c_.ends_at && *c_.ends_at <= *c_.starts_at)
            return error("/ends_at", "is not after starts_at",
                         "let the campaign end after it began");
        if (ground_.now)
            if (auto ended = over(c_, *ground_.now)) out_.errors.push_back(std::move(*ended));
        if (c_.min_gap && c_.starts_at && c_.ends_at && *c_.min_gap > *c_.ends_at - *c_.starts_at)
            error("/min_gap",
                  "is longer than the whole campaign (" + duration_text(*c_.ends_at - *c_.starts_at)
                      + ")",
                  "write a shorter gap; for one coupon in all use per_member with count 1");
        if (c_.moment == Moment::visit_predicted && c_.valid_for < c_.lead)
            error("/valid_for",
                  "is shorter than lead (" + duration_text(c_.lead)
                      + "): the coupon would expire before the predicted visit",
                  "write at least \"" + duration_text(c_.lead) + "\"");
    }

    void loose_limits(const std::vector<UseLimit>& limits, const LimitPlaces& places)
    {
        for (std::size_t i = 0; i < limits.size(); ++i)
            for (std::size_t k = 0; k < limits.size(); ++k) {
                const bool same = covers(limits[k], limits[i]) && covers(limits[i], limits[k]);
                if (k == i || !covers(limits[k], limits[i]) || (same && k > i)) continue;
                error(places.of(limits, i),
                      "is never reached: " + std::to_string(limits[k].count) + " per "
                          + period_text(limits[k]) + " (" + places.of(limits, k)
                          + ") is reached before",
                      "keep the stricter one of the two");
                break;
            }
    }

    /// Whether a member can come to that many decisions at all.
    void reachable(std::size_t place)
    {
        const auto& limit = c_.per_member[place];
        const auto blame = [&](const std::string& why) {
            error(member_places_.of(c_.per_member, place), "can never be reached: " + why,
                  "write a smaller count, or take the limit out");
        };
        if (limit.count < 2) return;
        if (const auto why = comes_once(c_.moment, limit)) return blame(*why);
        const auto span = limit.period.value_or(longest_day);
        if (c_.min_gap && limit.count - 1 >= (span + *c_.min_gap - Millis{1}) / *c_.min_gap)
            return blame("with min_gap " + duration_text(*c_.min_gap) + " a member gets fewer in "
                         + period_text(limit));
        for (std::size_t i = 0; i < c_.per_store.size(); ++i)
            if (const UseLimit mine{limit.count - 1, limit.period}; covers(c_.per_store[i], mine))
                return blame("the whole store gives at most "
                             + std::to_string(c_.per_store[i].count) + " per "
                             + period_text(c_.per_store[i]));
    }

    void stock()
    {
        if (!c_.stock) return;
        if (c_.leased && !c_.budget && c_.stock->daily)
            error("/leased", "there is nothing to lease: a stock per day is the store's own",
                  "add a budget, or write \"per\": \"campaign\"");
        for (std::size_t i = 0; i < c_.per_store.size(); ++i)
            if (const auto& limit = c_.per_store[i];
                limit.count > c_.stock->count && (!c_.stock->daily || !limit.period))
                error(store_places_.of(c_.per_store, i),
                      "is more than the stock (" + std::to_string(c_.stock->count)
                          + (c_.stock->daily ? " a day)" : " in all)"),
                      "write at most " + std::to_string(c_.stock->count) + ", or raise the stock");
    }

    void budget()
    {
        if (!c_.budget) return;
        for (std::size_t i = 0; i < c_.offers.size(); ++i)
            if (c_.offers[i].cost > *c_.budget)
                return error("/budget",
                             "is smaller than the cost of one offer ('" + c_.offers[i].code + "', "
                                 + c_.offers[i].cost.text() + "): no coupon could be given",
                             "raise the budget, or leave the offer out");
    }

    void control()
    {
        if (c_.control >= 1.0)
            error("/control", "is everybody: nobody would ever get a coupon",
                  "write a small share, such as 0.1");
        if (c_.target && c_.control <= 0.0)
            error("/target", "needs a control group: without one the effect cannot be learned",
                  "set control, such as 0.1, or leave the target out");
    }

    void decimals()
    {
        if (ground_.currency.empty()) return;
        const int places = currency_decimals(ground_.currency);
        std::int64_t step = Money::per_unit;
        for (int i = 0; i < places; ++i) step /= 10;
        const auto look = [&](const std::string& pointer, Money money) {
            if (money.ten_thousandths() % step == 0) return;
            error(pointer,
                  money.text() + " has more decimals than " + ground_.currency + " ("
                      + std::to_string(places) + ")",
                  "write "
                      + Money::from_ten_thousandths(money.ten_thousandths() / step * step)
                            .text(places)
                      + " or "
                      + Money::from_ten_thousandths((money.ten_thousandths() / step + 1) * step)
                            .text(places));
        };
        for (std::size_t i = 0; i < c_.offers.size(); ++i) {
            const auto pointer = "/offers/" + std::to_string(i);
            look(pointer + "/value", c_.offers[i].value);
            look(pointer + "/cost", c_.offers[i].cost);
        }
        if (c_.budget) look("/budget", *c_.budget);
    }

    // ---- what was perhaps not meant -----------------------------------------------------------

    void advice()
    {
        if (c_.control <= 0.0)
            warn("/control", "is 0: without a control group no effect can be shown",
                 "write a small share, such as 0.1");
        if (!c_.budget && c_.per_member.empty())
            warn("/per_member",
                 "is missing, and so is a budget: a member may get this again and again",
                 "such as {\"count\": 1, \"period\": \"30d\"}");
        for (std::size_t i = 0; i < c_.offers.size(); ++i) offer(i);
        for (const auto& column : columns_used(c_.where))
            if (!known_at(column, c_.moment))
                warn("/where",
                     "uses " + column + ", which is not known at the moment "
                         + std::string{text_of(c_.moment)} + ": it may never match",
                     column + " is known at " + moments_of(column));
        const bool away = c_.moment == Moment::visit_predicted || c_.moment == Moment::went_dormant;
        if (away && c_.channel == Channel::kiosk)
            warn("/channel", "is the kiosk, but at this moment the member is not in the store",
                 "write \"app\", \"mail\" or \"wallet\"");
    }

    void offer(std::size_t place)
    {
        const auto pointer = "/offers/" + std::to_string(place);
        const auto& offer = c_.offers[place];
        for (const auto* language : {"ja", "en"})
            if (!offer.text.contains(language))
                warn(pointer + "/text", std::string{"has no text for \""} + language + "\"",
                     "add one, else members who read it see another language");
        if (c_.budget && offer.cost == Money{})
            warn(pointer + "/cost", "is missing: the budget never shrinks by this offer",
                 "write what one redeemed coupon costs the store");
    }

    const Campaign& c_;
    const CampaignGround& ground_;
    CampaignFindings out_;
    LimitPlaces member_places_{"/per_member"};
    LimitPlaces store_places_;
};

}  // namespace

CampaignFindings check_campaign(const Campaign& campaign, const CampaignGround& ground)
{
    return Checker{campaign, ground}.run();
}

std::optional<Problem> over(const Campaign& campaign, Instant now)
{
    if (!campaign.ends_at || *campaign.ends_at > now) return std::nullopt;
    return Problem{"has ended: " + format_instant(*campaign.ends_at, std::chrono::minutes{0})
                       + " is in the past",
                   "/ends_at", "write a later time, or take the file away"};
}

}  // namespace raiten::app
