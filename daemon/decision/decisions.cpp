#include "daemon/decision/decisions.hpp"

#include "daemon/base/keyed_hash.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/decision/quiet_hours.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>

namespace raiten {
namespace {

constexpr std::array<std::string_view, passed_over_count> passed_over_names{
    "not_in_force", "not_agreed",  "quiet",     "per_member", "member_rules",
    "gap",          "store_rules", "per_store", "budget",     "stock",
    "lease",        "segment",     "target",    "pacing",     "decided_before"};

bool given(const CouponRecord& coupon)
{
    return coupon.state != CouponState::withheld && coupon.state != CouponState::revoked;
}

/// Four significant digits.
std::string short_text(double value)
{
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 4);
    return {text.data(), end.ptr};
}

std::string text_of(const CardValue& value)
{
    return std::visit(overloaded{
                          [](std::monostate) { return std::string{"unknown"}; },
                          [](std::int64_t number) { return std::to_string(number); },
                          [](double number) { return short_text(number); },
                          [](std::string_view text) { return std::string{text}; },
                      },
                      value);
}

bool of_a_word(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// The columns whose names stand in the expression, by the order of the card.
std::vector<const CardColumn*> columns_in(std::string where)
{
    std::transform(where.begin(), where.end(), where.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    std::set<std::string, std::less<>> words;
    for (std::size_t i = 0; i < where.size();) {
        std::size_t end = i;
        while (end < where.size() && of_a_word(where[end])) ++end;
        if (end > i) words.insert(where.substr(i, end - i));
        i = std::max(end, i + 1);
    }
    std::vector<const CardColumn*> out;
    for (const auto& column : card_columns())
        if (words.contains(column.name)) out.push_back(&column);
    return out;
}

}  // namespace

std::string_view text_of(PassedOver why)
{
    return passed_over_names.at(static_cast<std::size_t>(why));
}

Decisions::Decisions(Setup setup, std::vector<Campaign> campaigns) : setup_{std::move(setup)}
{
    replace(std::move(campaigns));
}

void Decisions::replace(std::vector<Campaign> campaigns)
{
    std::sort(campaigns.begin(), campaigns.end(),
              [](const Campaign& a, const Campaign& b) { return a.id < b.id; });
    campaigns_.clear();
    for (auto& list : by_moment_) list.clear();
    for (auto& campaign : campaigns) {
        Known known;
        for (const auto& offer : campaign.offers) {
            known.dearest = std::max(known.dearest, offer.cost);
            known.codes.push_back(offer.code);
        }
        known.asked_columns = columns_in(campaign.where);
        by_moment_.at(static_cast<std::size_t>(campaign.moment)).push_back(campaigns_.size());
        known.campaign = std::move(campaign);
        campaigns_.push_back(std::move(known));
    }
}

std::vector<std::string> Decisions::wheres(Moment moment) const
{
    std::vector<std::string> out;
    for (const auto place : of(moment)) out.push_back(campaigns_[place].campaign.where);
    return out;
}

std::vector<Millis> Decisions::leads() const
{
    std::set<Millis> out;
    for (const auto place : of(Moment::visit_predicted))
        out.insert(campaigns_[place].campaign.lead);
    return {out.begin(), out.end()};
}

CouponId Decisions::coupon_of(std::uint64_t seed, const std::string& campaign,
                              const std::string& member, const std::string& occasion)
{
    return CouponId{KeyedHash{seed}.add("coupon").add(campaign).add(member).add(occasion).value()};
}

std::vector<CouponRecord> Decisions::decide(const Occasion& occasion, const MemberRecord& member,
                                            const StoreClock& clock, const Asked& asked)
{
    std::vector<CouponRecord> decided;
    std::optional<Look> look;
    const MemberRecord* who = &member;
    std::optional<MemberRecord> so_far;  // with what was decided at this very occasion
    const auto today = clock.day_of(occasion.at);
    const auto& places = of(occasion.moment);
    for (std::size_t i = 0; i < places.size(); ++i) {
        Known& known = campaigns_[places[i]];
        const Campaign& campaign = known.campaign;
        if (occasion.lead && campaign.lead != *occasion.lead) continue;
        Funnel& funnel = standing_of(known).funnel;
        ++funnel.asked;
        const auto pass = [&](PassedOver why) {
            ++funnel.passed_over.at(static_cast<std::size_t>(why));
        };

        const Case of{occasion, *who, clock, today};
        if (const auto why = before_looking(known, of)) {
            pass(*why);
            continue;
        }
        if (!look) look = asked.look();
        if (look->matches[i] == 0) {
            pass(PassedOver::segment);
            continue;
        }
        Expected expected;
        if (campaign.target) expected = asked.expected(campaign, *look->card);
        if (!expected.in_target) {
            pass(PassedOver::target);
            continue;
        }
        const auto id = coupon_of(setup_.seed, campaign.id, member.name, occasion.key);
        if (asked.decided_before(id)) {
            pass(PassedOver::decided_before);
            continue;
        }
        const Group group = group_of(campaign, of);
        if (const auto why = paced_out(known, of, group.control)) {
            pass(*why);
            continue;
        }

        CouponRecord coupon = begun(known, of, id, *look);
        coupon.control = group.share;
        coupon.uplift = expected.uplift;
        coupon.features = std::move(expected.features);
        if (!expected.why.empty()) coupon.reasons.push_back(std::move(expected.why));
        coupon.reasons.push_back(group.why);
        if (group.control) {
            coupon.state = CouponState::withheld;
            ++funnel.withheld;
        } else {
            draw_arm(known, of, coupon);
            ++funnel.given;
        }
        if (i + 1 < places.size()) {
            if (!so_far) so_far = member;
            so_far->coupons.push_back(coupon);
            who = &*so_far;
        }
        decided.push_back(std::move(coupon));
    }
    return decided;
}

Decisions::Standing& Decisions::standing_of(const std::string& campaign)
{
    return standings_[campaign];
}

Decisions::Standing& Decisions::standing_of(Known& known)
{
    if (!known.standing.row) known.standing.row = &standings_[known.campaign.id];
    return *known.standing.row;
}

/// All that can be said without the score card.
std::optional<PassedOver> Decisions::before_looking(const Known& known, const Case& of) const
{
    const Campaign& campaign = known.campaign;
    const Instant at = of.occasion.at;
    if (campaign.offers.empty() || (campaign.starts_at && at < *campaign.starts_at)
        || (campaign.ends_at && at >= *campaign.ends_at)) {
        return PassedOver::not_in_force;
    }
    if (!of.member.consent || (of.member.channels & bit_of(campaign.channel)) == 0)
        return PassedOver::not_agreed;
    if (quiet(campaign, of)) return PassedOver::quiet;
    if (const auto why = members_limit(campaign, of)) return why;
    return stores_limit(known, of);
}

/// A withheld decision counts for the limits of its campaign as its twin would: else members of
/// the control group would be decided about more often, and not at the same occasions.
std::optional<PassedOver> Decisions::members_limit(const Campaign& campaign, const Case& of) const
{
    const Instant at = of.occasion.at;
    for (const auto& limit : campaign.per_member) {
        const auto from = limit.period ? at - *limit.period : of.clock.start_of(of.today);
        const auto used = std::count_if(
            of.member.coupons.begin(), of.member.coupons.end(), [&](const CouponRecord& coupon) {
                return coupon.campaign == campaign.id && coupon.state != CouponState::revoked
                       && (limit.period ? coupon.decided_at > from : coupon.decided_at >= from);
            });
        if (used >= limit.count) return PassedOver::per_member;
    }
    for (const auto& limit : setup_.rules.per_member) {
        const auto from = limit.period ? at - *limit.period : of.clock.start_of(of.today);
        const auto used = std::count_if(
            of.member.coupons.begin(), of.member.coupons.end(), [&](const CouponRecord& coupon) {
                return given(coupon)
                       && (limit.period ? coupon.decided_at > from : coupon.decided_at >= from);
            });
        if (used >= limit.count) return PassedOver::member_rules;
    }
    const auto gap =
        std::max(campaign.min_gap.value_or(Millis{0}), setup_.rules.min_gap.value_or(Millis{0}));
    const bool too_soon = std::any_of(
        of.member.coupons.begin(), of.member.coupons.end(), [&](const CouponRecord& coupon) {
            const bool counts =
                given(coupon)
                || (coupon.campaign == campaign.id && coupon.state == CouponState::withheld);
            return counts && at - coupon.decided_at < gap;
        });
    if (too_soon) return PassedOver::gap;
    return std::nullopt;
}

std::optional<PassedOver> Decisions::stores_limit(const Known& known, const Case& of) const
{
    const Instant at = of.occasion.at;
    if (store_uses_.broken(setup_.rules.per_store, at, of.clock)) return PassedOver::store_rules;
    const Campaign& campaign = known.campaign;
    const auto& account = known.standing.row->account;
    const auto shortage = account.shortage(campaign, known.dearest, at, of.clock);
    if (!shortage) return std::nullopt;
    switch (*shortage) {
        case Shortage::per_store:
            return PassedOver::per_store;
        case Shortage::budget:
            return PassedOver::budget;
        case Shortage::lease:
            return PassedOver::lease;
        case Shortage::stock:
            break;
    }
    // Pacing learns also from those for whom nothing is left.
    if (campaign.stock->spread) return std::nullopt;
    return PassedOver::stock;
}

bool Decisions::quiet(const Campaign& campaign, const Case& of) const
{
    const auto by = [&](const std::optional<QuietHours>& hours) {
        return hours && is_quiet(*hours, of.occasion.at, of.clock);
    };
    return by(campaign.quiet_hours) || by(setup_.rules.quiet_hours);
}

std::optional<Instant> Decisions::quiet_until(Moment moment, Millis lead, Instant at,
                                              const StoreClock& clock) const
{
    std::optional<Instant> soonest;
    for (const auto place : of(moment)) {
        const Campaign& campaign = campaigns_[place].campaign;
        if (campaign.lead != lead) continue;
        Instant until = at;
        for (const auto* hours : {&campaign.quiet_hours, &setup_.rules.quiet_hours})
            if (*hours)
                until = std::max(until, raiten::quiet_until(**hours, at, clock).value_or(at));
        if (until > at && (!soonest || until < *soonest)) soonest = until;
    }
    return soonest;
}

/// Who is in the control group meets the same chance as the others, but uses nothing up.
std::optional<PassedOver> Decisions::paced_out(const Known& known, const Case& of, bool control)
{
    const Campaign& campaign = known.campaign;
    if (!campaign.stock || !campaign.stock->spread) return std::nullopt;
    Standing& standing = standing_of(campaign.id);
    const auto left = standing.account.stock_left(campaign, of.occasion.at, of.clock);
    const double draw = KeyedHash{setup_.seed}
                            .add("pacing")
                            .add(campaign.id)
                            .add(of.member.name)
                            .add(of.occasion.key)
                            .unit();
    const auto outlook = curve_.outlook(of.occasion.at, of.clock);
    Pacing twin = standing.pacing;
    const bool gives = (control ? twin : standing.pacing).gives(outlook, left, draw);
    if (left == 0) return PassedOver::stock;
    if (!gives) return PassedOver::pacing;
    return std::nullopt;
}

CouponRecord Decisions::begun(const Known& known, const Case& of, CouponId id,
                              const Look& look) const
{
    const Campaign& campaign = known.campaign;
    CouponRecord coupon;
    coupon.id = id;
    coupon.campaign = campaign.id;
    coupon.member = of.member.id;
    coupon.member_name = of.member.name;
    coupon.visit = of.occasion.visit;
    coupon.moment = text_of(campaign.moment);
    coupon.occasion = of.occasion.key;
    coupon.decided_at = of.occasion.at;
    coupon.expires_at = of.occasion.at + campaign.valid_for;
    if (campaign.ends_at) coupon.expires_at = std::min(coupon.expires_at, *campaign.ends_at);
    if (!campaign.where.empty()) coupon.reasons.push_back("where: " + campaign.where);
    for (const auto* column : known.asked_columns)
        coupon.reasons.push_back(std::string{column->name} + ": "
                                 + text_of(column->of(*look.card)));
    return coupon;
}

/// Who is in a control group is the same in all stores, at all times, and whatever the arms are:
/// a member of whom it was decided once stays where they are, and a share never shrinks.
Decisions::Group Decisions::group_of(const Campaign& campaign, const Case& of)
{
    double& share = standing_of(campaign.id).control;
    share = std::max(share, campaign.control);
    const double everywhere = setup_.rules.control;
    Group group;
    group.share = share + everywhere * (1 - share);

    const auto& before = of.member.coupons;
    const auto last = std::find_if(before.rbegin(), before.rend(), [&](const CouponRecord& each) {
        return each.campaign == campaign.id;
    });
    const KeyedHash lots{setup_.tenant_seed};
    const double global = KeyedHash{lots}.add("control").add(of.member.name).unit();
    const double lot = KeyedHash{lots}.add("control").add(campaign.id).add(of.member.name).unit();
    std::string why;
    if (last != before.rend()) {
        group.control = last->state == CouponState::withheld;
        why = "as at the first time";
    } else if (global < everywhere) {
        group.control = true;
        why = "of all campaigns: lot " + short_text(global) + " below " + short_text(everywhere);
    } else {
        group.control = lot < share;
        why = "lot " + short_text(lot) + (group.control ? " below " : ", not below ")
              + short_text(share);
    }
    group.why = (group.control ? "control group, " : "not in the control group, ") + why;
    return group;
}

void Decisions::draw_arm(const Known& known, const Case& of, CouponRecord& coupon)
{
    const Campaign& campaign = known.campaign;
    Standing& standing = standing_of(campaign.id);
    const auto chances = standing.arms.probabilities(known.codes);
    const double draw = KeyedHash{setup_.seed}
                            .add("arm")
                            .add(campaign.id)
                            .add(of.member.name)
                            .add(of.occasion.key)
                            .unit();
    const auto arm = arm_at(chances, draw);
    coupon.offer = campaign.offers[arm].code;
    coupon.cost = campaign.offers[arm].cost;
    coupon.arm_probability = chances[arm];
    if (chances.size() > 1) {
        const auto count = standing.arms.count(coupon.offer);
        coupon.reasons.push_back(
            "offer " + coupon.offer + ": chance " + short_text(coupon.arm_probability) + " of "
            + std::to_string(chances.size()) + " offers, answered " + std::to_string(count.answered)
            + " of " + std::to_string(count.given) + " times so far");
    }
    standing.arms.given(coupon.offer);
    standing.account.reserve(campaign, coupon);
    store_uses_.note(coupon.decided_at);
    look_at_leases(campaign.id);
}

}  // namespace raiten
