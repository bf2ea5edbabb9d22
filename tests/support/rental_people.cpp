#include "tests/support/rental_people.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace raiten::stage {
namespace {

using std::chrono::days;
using std::chrono::minutes;

constexpr Millis one_day = std::chrono::hours{24};
constexpr std::int64_t opens = 10 * 60, closes = 22 * 60 + 30;

double hours_between(Instant from, Instant to)
{
    return std::chrono::duration<double, std::ratio<3600>>(to - from).count();
}

double normal(double one, double other)
{
    return std::sqrt(-2 * std::log(1 - one)) * std::cos(2 * std::numbers::pi * other);
}

/// Who skips often can be moved; who comes always need not be.
Answers answers_of(bool casual, double lot)
{
    const std::array<double, 3> until =
        casual ? std::array{0.50, 0.90, 0.90} : std::array{0.08, 0.65, 0.90};
    if (lot < until[0]) return Answers::responds;
    if (lot < until[1]) return Answers::indifferent;
    return lot < until[2] ? Answers::comes_anyway : Answers::annoyed;
}

/// Fuller in winter.
double season(Instant at)
{
    const auto day = std::chrono::duration<double, std::ratio<86'400>>(at.time_since_epoch());
    return 1 + 0.08 * std::cos(2 * std::numbers::pi * day.count() / 365.25);
}

}  // namespace

std::string_view text_of(Answers answers)
{
    constexpr std::array<std::string_view, answers_count> names{"responds", "indifferent",
                                                                "comes anyway", "annoyed"};
    return names.at(static_cast<std::size_t>(answers));
}

RentalPeople::RentalPeople(std::uint64_t seed, std::size_t members, Instant start,
                           PlantedEffect planted)
    : seed_{seed}, start_{start}, planted_{planted}, all_(members)
{
    for (std::size_t n = 0; n < members; ++n) {
        const auto draw = [&](std::string_view what) { return lot(n, what, 0); };
        auto& who = all_[n];
        who.casual = draw("casual") < 0.4;
        who.answers = answers_of(who.casual, draw("answers"));
        const double every = draw("every");
        who.every_days = every < 0.6 ? 7 : every < 0.8 ? 14 : 3;
        who.first_day = static_cast<int>(draw("first day") * 14);
        const double hour =
            draw("evening") < 0.75 ? 17 + 4.5 * draw("hour") : 12 + 2 * draw("hour");
        who.minute = std::lround(hour * 60);
        who.attends = who.casual ? 0.35 + 0.30 * draw("attends") : 0.75 + 0.20 * draw("attends");
        who.buys = who.casual ? 0.45 + 0.30 * draw("buys") : 0.60 + 0.30 * draw("buys");
        who.basket = 600 * std::exp(0.4 * normal(draw("basket"), draw("basket too")));
    }
}

double RentalPeople::lot(std::size_t member, std::string_view what, std::uint64_t which) const
{
    return KeyedHash{seed_}.add("rental").add(member).add(what).add(which).unit();
}

UsualDay RentalPeople::usual_day(std::size_t member, std::uint64_t number) const
{
    const auto& who = all_[member];
    auto day = static_cast<std::int64_t>(number) * who.every_days;
    if (who.every_days == 3)  // twice a week
        day = static_cast<std::int64_t>(number / 2) * 7 + (number % 2 == 1 ? 3 : 0);
    const double moved = lot(member, "other day", number);
    day += who.first_day + (moved < 0.08 ? 1 : moved > 0.92 && number > 0 ? -1 : 0);
    const double off =
        35 * normal(lot(member, "minute", number), lot(member, "minute too", number));
    const auto minute = std::clamp(who.minute + std::lround(off), opens, closes);
    return {number, start_ + days{day} + minutes{minute}};
}

Instant RentalPeople::habit_after(std::size_t member, Instant at) const
{
    auto next = start_ + std::chrono::floor<days>(at - start_) + minutes{all_[member].minute};
    return next > at ? next : next + one_day;
}

double RentalPeople::pull(const RentalMember& who, Instant visit_at, const InHand& coupon) const
{
    const double ahead = hours_between(coupon.received, visit_at);
    if (ahead <= 0) return 0;
    const double in_time =
        ahead < planted_.too_late_hours
            ? ahead / planted_.too_late_hours
            : std::exp(-(ahead - planted_.too_late_hours) / planted_.fades_hours);
    const auto tired = std::count_if(who.coupons.begin(), who.coupons.end(), [&](Instant before) {
        return before < coupon.received && coupon.received - before < 28 * one_day;
    });
    return planted_.strength * coupon.offer * in_time
           * std::pow(planted_.fatigue, static_cast<double>(tired));
}

RentalPeople::Visit RentalPeople::decide(std::size_t member, const UsualDay& day,
                                         const InHand* coupon)
{
    auto& who = all_[member];
    const double attends = std::min(0.98, who.attends * season(day.at));
    Visit visit;
    visit.comes = lot(member, "comes", day.number) < attends;
    if (visit.comes && who.owes > 0) {
        --who.owes;
        if (lot(member, "borrowed", day.number) < planted_.borrowed) visit.comes = false;
    }
    if (visit.comes && who.answers == Answers::annoyed && !who.coupons.empty()
        && day.at - who.coupons.back() < 14 * one_day
        && lot(member, "annoyed", day.number) < planted_.annoyance * planted_.strength)
        visit.comes = false;
    if (visit.comes || who.answers != Answers::responds || coupon == nullptr) return visit;
    visit.comes = visit.extra =
        lot(member, "extra", day.number) < planted_.extra * pull(who, day.at, *coupon);
    if (visit.extra) ++who.owes;
    return visit;
}

bool RentalPeople::comes_on_impulse(std::size_t member, Instant visit_at, const InHand& coupon)
{
    auto& who = all_[member];
    if (who.answers != Answers::responds) return false;
    const auto which = static_cast<std::uint64_t>(visit_at.time_since_epoch().count());
    if (lot(member, "impulse", which) >= planted_.impulse * pull(who, visit_at, coupon))
        return false;
    ++who.owes;
    return true;
}

RentalPeople::Purchase RentalPeople::buy(std::size_t member, Instant at, bool coupon) const
{
    const auto& who = all_[member];
    const auto which = static_cast<std::uint64_t>(at.time_since_epoch().count());
    const bool moved = coupon && who.answers == Answers::responds;
    const double buys = who.buys + (moved ? planted_.buys_more * planted_.strength : 0);
    Purchase out;
    if (lot(member, "buys", which) >= buys) return out;
    double basket =
        who.basket
        * std::exp(0.6 * normal(lot(member, "sum", which), lot(member, "sum too", which)));
    if (moved) basket *= 1 + (planted_.basket - 1) * planted_.strength;
    out.spent = std::max<std::int64_t>(100, 10 * std::lround(basket / 10));
    constexpr std::array<double, answers_count> redeems{0.9, 0.3, 0.9, 0.1};
    out.redeems =
        coupon && lot(member, "redeems", which) < redeems.at(static_cast<std::size_t>(who.answers));
    return out;
}

}  // namespace raiten::stage
