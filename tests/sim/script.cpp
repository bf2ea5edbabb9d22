#include "tests/sim/script.hpp"

#include "tests/support/dice.hpp"

#include <algorithm>
#include <cstdio>

namespace raiten::sim {
namespace {

constexpr Millis second{1'000};
constexpr Millis minute{60'000};

class Writer {
 public:
    explicit Writer(const ScriptPlan& plan) : plan_{plan}, dice_{plan.seed}
    {
        for (int who = 0; who < store_members; ++who) member(who);
        if (!plan.deliberate) passers_by();
        std::stable_sort(acts_.begin(), acts_.end(),
                         [](const Act& a, const Act& b) { return a.happens < b.happens; });
    }
    std::vector<Act> take() { return std::move(acts_); }

 private:
    Millis span(Millis low, Millis high)
    {
        return low + Millis{dice_.below(static_cast<std::uint64_t>((high - low).count()) + 1)};
    }
    bool chance(double share) { return dice_.share() < share; }

    /// Every third member carries no beacon.
    void member(int who)
    {
        const bool beacon = !plan_.deliberate && who % 3 != 0;
        auto now = span(2 * minute, 60 * minute);
        while (now < plan_.span) {
            const auto left = visit(who, now, beacon);
            now =
                left + (beacon ? span(22 * minute, 90 * minute) : span(112 * minute, 170 * minute));
        }
    }

    Millis visit(int who, Millis from, bool beacon)
    {
        const auto dwell = span(1 * minute, beacon ? 20 * minute : 8 * minute);
        const auto left = from + dwell;
        if (beacon) heard(who, from, left);
        const bool taps = !beacon || chance(0.4);
        if (taps) tap(who, from + second);
        if (chance(0.15)) tap(who, from + dwell / 2);
        if (chance(0.35)) buy(who, from + dwell * 4 / 5);
        if (chance(0.1)) buy(-1, from + dwell * 3 / 5);
        return left;
    }

    void heard(int who, Millis from, Millis to)
    {
        const auto& near = chance(0.5) ? door : hall;
        int heard = 0;
        for (auto now = from; now < to;
             now += heard < 4 ? 10 * second : span(15 * second, 50 * second)) {
            if (++heard > 4 && chance(0.2)) continue;
            const auto reader = chance(0.8) ? near : hall;
            const auto level = static_cast<std::int16_t>(-78 + static_cast<int>(dice_.below(25)));
            passing(now, app::RawSighting{std::string{reader}, beacon_of(who), level, false});
        }
    }

    /// Told a little late now and then, and sometimes twice, as gateways do.
    void passing(Millis now, app::RawSighting sighting)
    {
        Act act{now, now, {}, {{}, {}, std::move(sighting)}};
        if (chance(0.1)) act.told += span(1 * second, 20 * second);
        if (chance(0.05)) act.told_again.push_back(act.told + span(Millis{4}, 5 * second));
        acts_.push_back(std::move(act));
    }

    void lasting(Act act)
    {
        act.lasting = true;
        act.told = act.happens + (chance(0.8) ? Millis{5} : span(second, 90 * second));
        if (!plan_.deliberate && chance(0.1))
            act.told = act.happens + span(5 * minute, 60 * minute);
        while (chance(0.25)) act.told_again.push_back(act.told + span(Millis{1}, 40 * minute));
        acts_.push_back(std::move(act));
    }

    void tap(int who, Millis now)
    {
        const auto id = "tap-" + std::to_string(++taps_);
        lasting({now,
                 {},
                 {},
                 {{}, {}, app::RawCheckIn{"desk", card_of(who), id}},
                 true,
                 "checkin " + id});
    }

    void buy(int who, Millis now)
    {
        app::RawReceipt receipt;
        receipt.pos = chance(0.5) ? "reg-1" : "reg-2";
        receipt.number = std::to_string(++receipts_);
        receipt.total =
            Money::from_ten_thousandths(1'000'000 * static_cast<std::int64_t>(1 + dice_.below(40)));
        receipt.currency = "JPY";
        if (who >= 0) receipt.token = card_of(who);
        receipt.lines.push_back(
            {"4901", "tea", Money::from_ten_thousandths(10'000), receipt.total, {}});
        sell(now, receipt);
        if (!chance(0.15)) return;
        receipt.kind = ReceiptKind::void_;
        sell(now + span(second, 5 * minute), receipt);
    }

    void sell(Millis now, const app::RawReceipt& receipt)
    {
        const std::string kind = receipt.kind == ReceiptKind::sale ? "sale" : "void";
        lasting({now,
                 {},
                 {},
                 {{}, {}, receipt},
                 true,
                 "receipt " + receipt.pos + "/" + receipt.number + "/" + kind});
    }

    void passers_by()
    {
        for (auto now = span(second, 10 * minute); now < plan_.span;
             now += span(minute, 20 * minute)) {
            char address[32];
            std::snprintf(address, sizeof address, "ble:0a0b0c0d%04x",
                          static_cast<unsigned>(dice_.below(65'536)));
            passing(now,
                    app::RawSighting{std::string{door}, address, std::int16_t{-70}, chance(0.5)});
        }
    }

    const ScriptPlan plan_;
    stage::Dice dice_;
    std::vector<Act> acts_;
    int taps_{};
    int receipts_{};
};

}  // namespace

std::vector<Act> store_script(const ScriptPlan& plan)
{
    return Writer{plan}.take();
}

std::string member_name_of(int number)
{
    return "m-" + std::to_string(number);
}

std::string card_of(int number)
{
    return "card:29000000000" + std::to_string(10 + number);
}

std::string beacon_of(int number)
{
    return "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/" + std::to_string(number + 1);
}

}  // namespace raiten::sim
