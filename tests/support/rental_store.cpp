#include "tests/support/rental_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace raiten::stage {
namespace {

using namespace std::chrono_literals;

constexpr Millis one_day = 24h;

template <class Value>
Value sure(Result<Value> result)
{
    if (!result) std::abort();
    return std::move(result.value());
}

}  // namespace

// ---- the box ----------------------------------------------------------------------------------

/// Members of the campaign's segment, by a function of their names.
class RentalBox::Chosen final : public Segments {
 public:
    explicit Chosen(Belongs belongs) : belongs_{std::move(belongs)} {}
    std::unique_ptr<SegmentSet> together(const std::vector<std::string>& wheres) override
    {
        return std::make_unique<Set>(wheres.size(), belongs_);
    }

 private:
    class Set final : public SegmentSet {
     public:
        Set(std::size_t size, const Belongs& belongs) : matches_(size), belongs_{belongs} {}
        std::span<const std::uint8_t> matching(const ScoreCard& card) override
        {
            const bool in = !belongs_ || belongs_(card.member);
            std::fill(matches_.begin(), matches_.end(), in ? 1 : 0);
            return matches_;
        }

     private:
        std::vector<std::uint8_t> matches_;
        const Belongs& belongs_;
    };
    Belongs belongs_;
};

const StoreClock& RentalBox::clock()
{
    static const StoreClock clock{{{Instant::min(), 540min}}, 4h};
    return clock;
}

const VisitRules& RentalBox::visit_rules()
{
    static const VisitRules rules;
    return rules;
}

Engine::Setup RentalBox::setup(std::uint64_t seed) const
{
    Engine::Setup setup;
    setup.clock = clock();
    setup.rules = visit_rules();
    setup.readers = {{"desk", "entrance", false, {}}};
    if (campaign_) setup.campaigns = {*campaign_};
    setup.seed = seed;
    setup.tenant_seed = seed + 1;
    setup.currency = "JPY";
    return setup;
}

RentalBox::RentalBox(std::uint64_t seed, std::size_t members, std::optional<Campaign> campaign,
                     Belongs belongs)
    : seed_{seed},
      campaign_{std::move(campaign)},
      segments_{std::make_unique<Chosen>(std::move(belongs))},
      engine_{setup(seed), memory_, *segments_}
{
    for (std::size_t n = 0; n < members; ++n)
        sure(memory_.enrol(name(n), false, true, {}, {token(n)}));
}

Consequence RentalBox::apply(const Event& event)
{
    auto what = engine_.apply(event);
    for (const auto& member : what.members) memory_.put(member);
    for (const auto& visit : what.visits) memory_.put(visit);
    for (const auto& coupon : what.coupons) memory_.put(coupon);
    for (const auto& effect : what.effects) noted(effect);
    return what;
}

void RentalBox::night(Instant at)
{
    app::NightRules rules;
    rules.clock = clock();
    rules.visits = visit_rules();
    rules.tenant_seed = seed_ + 1;
    if (campaign_) app::serve(rules, *campaign_, at);
    auto out = app::reckon_night(memory_, rules, at, models_.get(), [&](app::NightSlice&& slice) {
        for (const auto& move : slice.moves) apply({at, at, move});
        for (const auto& forecast : slice.forecasts) apply({at, at, forecast});
        forecasts_ += slice.forecasts.size();
        for (auto& row : slice.scores) memory_.put(std::move(row));
        for (const auto member : slice.unscored) memory_.drop_score(member);
        return true;
    });
    if (!out) std::abort();
    models_ = out->models;
    engine_.replace_models(models_);
}

// ---- a season ---------------------------------------------------------------------------------

Instant rental_start()
{
    return std::chrono::sys_days{std::chrono::year{2026} / 1 / 5} - 9h;  // midnight in Tokyo
}

Instant rental_night(int weeks)
{
    return rental_start() + weeks * 7 * one_day + 3h;
}

Campaign rental_campaign()
{
    Campaign out;
    out.id = "three-hours-ahead";
    out.moment = Moment::visit_predicted;
    out.lead = 3h;
    out.valid_for = 24h;
    out.channel = Channel::app;
    out.control = 0.5;
    out.offers = {{"a", {}, {}, Money::from_units(100), ""}};
    out.per_member = {{6, 28 * one_day}};
    out.min_gap = 2 * one_day;
    return out;
}

namespace {

/// What somebody does later.
struct UsualDayDue {
    UsualDay day;
};
struct ImpulseDue {};
struct CouponDue {
    CouponId coupon;
    double offer{};
};
struct ReceiptDue {
    std::int64_t spent{};
    std::optional<CouponId> redeems;
};
struct NightDue {};

struct Due {
    Instant at;
    std::uint64_t order{};
    std::size_t member{};
    std::variant<UsualDayDue, ImpulseDue, CouponDue, ReceiptDue, NightDue> what;
    bool operator>(const Due& other) const
    {
        return std::pair{at, order} > std::pair{other.at, other.order};
    }
};

struct Held {
    CouponId coupon;
    RentalPeople::InHand in_hand;
    Instant until;
};

class Season {
 public:
    Season(const RentalPlan& plan, std::vector<RentalStep>* steps)
        : plan_{plan},
          steps_{steps},
          people_{plan.seed, plan.members, rental_start(), plan.planted},
          box_{plan.seed, plan.members, plan.campaign, plan.belongs},
          held_(plan.members),
          next_day_(plan.members),
          began_{rental_night(plan.warm_up_weeks)},
          ends_{rental_night(plan.warm_up_weeks + plan.weeks)}
    {
        box_.noted = [this](const Effect& effect) { note(effect); };
        for (std::size_t n = 0; n < plan.members; ++n) plan_day(n, 0);
        if (plan.campaign)
            for (auto at = began_; at < ends_; at += one_day) push(at, 0, NightDue{});
    }

    RentalSeason play()
    {
        while (due_.top().at < ends_) {
            // Timers first: what falls due before may bring somebody in earlier.
            const auto timer = box_.engine().next_due();
            if (timer && *timer < due_.top().at) {
                box_.apply({*timer + 1ms, *timer + 1ms, Tick{}});
                continue;
            }
            const auto next = due_.top();
            due_.pop();
            std::visit([&](const auto& what) { happen(next, what); }, next.what);
        }
        const auto settled = ends_ + 3 * one_day;
        box_.apply({settled, settled, Tick{}});
        finish(settled);
        return std::move(out_);
    }

 private:
    template <class What>
    void push(Instant at, std::size_t member, What what)
    {
        due_.push({at, order_++, member, std::move(what)});
    }
    void plan_day(std::size_t member, std::uint64_t number)
    {
        next_day_[member] = people_.usual_day(member, number);
        push(next_day_[member].at, member, UsualDayDue{next_day_[member]});
    }
    Consequence tell(const Event& event)
    {
        if (steps_) steps_->push_back({event.at, event});
        return box_.apply(event);
    }

    const Held* in_hand(std::size_t member, Instant at) const
    {
        const auto& held = held_[member];
        return held && held->in_hand.received < at && at < held->until ? &*held : nullptr;
    }

    void happen(const Due& due, const UsualDayDue& usual)
    {
        const auto* held = in_hand(due.member, due.at);
        const auto visit = people_.decide(due.member, usual.day, held ? &held->in_hand : nullptr);
        if (visit.comes) come(due.member, due.at, visit.extra);
        plan_day(due.member, usual.day.number + 1);
    }
    void happen(const Due& due, const ImpulseDue&)
    {
        const auto* held = in_hand(due.member, due.at);
        if (held && people_.comes_on_impulse(due.member, due.at, held->in_hand))
            come(due.member, due.at, true);
    }
    void happen(const Due& due, const CouponDue& coupon)
    {
        people_[due.member].coupons.push_back(due.at);
        held_[due.member] = {coupon.coupon, {due.at, coupon.offer}, due.at + 24h};
        const auto impulse = people_.habit_after(due.member, due.at);
        if (next_day_[due.member].at > due.at + 24h) push(impulse, due.member, ImpulseDue{});
    }
    void happen(const Due& due, const ReceiptDue& paid)
    {
        if (paid.redeems) {
            const auto used = tell({due.at, due.at, Redemption{*paid.redeems, "register"}});
            if (used.verdict == Verdict::accepted && used.coupon) {
                ++out_.redeemed;
                out_.cost += used.coupon->cost.units();
            }
        }
        Receipt receipt;
        receipt.pos = "reg-1";
        receipt.number = std::to_string(++receipts_);
        receipt.token = RentalBox::token(due.member);
        receipt.total = Money::from_units(paid.spent);
        receipt.currency = "JPY";
        tell({due.at, due.at, receipt});
    }
    void happen(const Due& due, const NightDue&)
    {
        box_.apply({due.at, due.at, Tick{}});
        if (steps_) steps_->push_back({due.at, {}});
        box_.night(due.at);
    }

    void come(std::size_t member, Instant at, bool extra)
    {
        const auto* held = in_hand(member, at);
        const auto bought = people_.buy(member, at, held != nullptr);
        if (at >= began_) out_.visits.push_back({member, at, extra, bought.spent, bought.redeems});
        tell({at, at, CheckIn{ReaderId{0}, RentalBox::token(member), {}}});
        if (bought.spent == 0) return;
        ReceiptDue paid{bought.spent, {}};
        if (bought.redeems) {
            paid.redeems = held->coupon;
            held_[member].reset();
        }
        push(at + 15min, member, paid);
    }

    void note(const Effect& effect)
    {
        const auto* given = std::get_if<CouponTriggered>(&effect.what);
        const auto* withheld = std::get_if<CouponWithheld>(&effect.what);
        if (!given && !withheld) return;
        const auto& coupon = given ? given->coupon : withheld->coupon;
        const auto member = static_cast<std::size_t>(coupon.member.value() - 1);
        const double later = people_.lot(member, "delivered", coupon.id.value());
        const auto at = coupon.decided_at
                        + Millis{static_cast<std::int64_t>(
                            later * static_cast<double>(plan_.delivered_within.count()))};
        const auto hours = [](Millis span) {
            return std::chrono::duration<double, std::ratio<3600>>(span).count();
        };
        // A usual day that is moved to another lies before the one that was looked at last.
        out_.decisions.push_back({member, at, withheld != nullptr, coupon.uplift.has_value(),
                                  hours(next_day_[member].at - at),
                                  hours(people_.habit_after(member, at) - at)});
        if (!given) return;
        const auto& offers = plan_.campaign->offers;
        const auto arm = static_cast<std::size_t>(
            std::find_if(offers.begin(), offers.end(),
                         [&](const Offer& offer) { return offer.code == coupon.offer; })
            - offers.begin());
        push(at, member, CouponDue{coupon.id, plan_.offers.at(arm)});
    }

    void finish(Instant now)
    {
        for (std::size_t n = 0; n < people_.size(); ++n) out_.people.push_back(people_[n]);
        if (!plan_.campaign) return;
        out_.forecasts = box_.forecasts();
        const auto& standings = box_.engine().decisions().standings();
        if (const auto found = standings.find(plan_.campaign->id); found != standings.end())
            out_.funnel = found->second.funnel;
        std::optional<MemberId> whose;
        const auto read = box_.memory().each_decision(
            plan_.campaign->id, now, [&](const ledger::PastDecision& one) {
                if (whose != one.member) {
                    auto& member = out_.experiment.emplace_back();
                    member.withheld = one.withheld;
                    member.control_share = one.control;
                    member.first_day =
                        RentalBox::clock().day_of(one.decided_at).time_since_epoch().count();
                }
                whose = one.member;
                auto& member = out_.experiment.back();
                ++member.decisions;
                if (one.bought) ++member.bought;
                member.spent += one.spent.units();
                if (one.redeemed) member.cost += one.cost.units();
                return true;
            });
        if (!read) std::abort();
    }

    const RentalPlan& plan_;
    std::vector<RentalStep>* steps_;
    RentalPeople people_;
    RentalBox box_;
    std::vector<std::optional<Held>> held_;
    std::vector<UsualDay> next_day_;
    const Instant began_, ends_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::uint64_t order_{}, receipts_{};
    RentalSeason out_;
};

}  // namespace

RentalSeason play(const RentalPlan& plan, std::vector<RentalStep>* steps)
{
    return Season{plan, steps}.play();
}

}  // namespace raiten::stage
