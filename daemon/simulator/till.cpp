#include "daemon/simulator/till.hpp"

#include "daemon/simulator/basket.hpp"

#include <algorithm>
#include <numeric>

namespace raiten::simulator {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Millis patience{minutes{8}};
constexpr double voided = 0.01;
constexpr double refunded = 0.01;
constexpr Millis after_printing{seconds{8}};  // card back, goods in the bag

std::string number_text(std::uint32_t day, std::uint32_t number)
{
    auto text = std::to_string(std::uint64_t{day} * 10'000 + number);
    if (text.size() < 8) text.insert(0, 8 - text.size(), '0');
    return text;
}

}  // namespace

Tills::Tills(const Scenario& scenario, const FloorPlan& plan, const People& people,
             std::uint64_t seed)
    : scenario_{scenario}, plan_{plan}, people_{people}, seed_{seed}
{
}

void Tills::ring_up(Visitor& visitor, std::size_t place, std::size_t till, std::vector<Rung>& rung,
                    const Day& day) const
{
    auto dice = dice_for(visitor.draw, Purpose::till, {day.number});
    const auto register_number =
        static_cast<std::uint16_t>(plan_.readers.size() - plan_.tills.size() + till);
    Slip sale;
    sale.reader = register_number;
    sale.at = visitor.errand.ready() - after_printing;
    sale.lines = basket(seed_, visitor.person, dice.word());
    sale.total = total_of(sale.lines);
    if (visitor.person && !dice.chance(scenario_.cards_forgotten))
        sale.card = people_.list[*visitor.person].card;
    visitor.bought = true;
    rung.push_back({sale, place, {}});

    const double chance = dice.share();
    if (chance >= voided + refunded) return;
    const bool is_void = chance < voided;
    if (!is_void) visitor.errand.stay_about(dice.between(minutes{2}, minutes{6}));
    visitor.errand.serve(dice.between(seconds{20}, seconds{60}));
    auto undo = sale;
    undo.kind = is_void ? ReceiptKind::void_ : ReceiptKind::refund;
    undo.at = visitor.errand.ready() - after_printing;
    visitor.bought = false;
    rung.push_back({std::move(undo), place, rung.size() - 1});
}

void Tills::serve(std::vector<Visitor>& visitors, Day& day) const
{
    std::vector<std::size_t> order;
    for (std::size_t n = 0; n < visitors.size(); ++n)
        if (visitors[n].errand.wants()) order.push_back(n);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair{visitors[a].errand.ready(), a} < std::pair{visitors[b].errand.ready(), b};
    });

    std::vector<Instant> free_at(plan_.tills.size(), day.span.from);
    std::vector<Rung> rung;
    for (const auto place : order) {
        auto& visitor = visitors[place];
        const auto till = static_cast<std::size_t>(std::min_element(free_at.begin(), free_at.end())
                                                   - free_at.begin());
        const auto wait = std::max(Millis{0}, free_at[till] - visitor.errand.ready());
        if (wait > patience) continue;
        const auto service = visitor.errand.dice().between(seconds{40}, seconds{120});
        visitor.errand.pay(till, wait, service);
        free_at[till] = visitor.errand.ready();
        ring_up(visitor, place, till, rung, day);
    }
    for (auto& visitor : visitors) visitor.errand.leave();

    // In order of time, numbered for each register.
    std::vector<std::size_t> by_time(rung.size());
    std::iota(by_time.begin(), by_time.end(), std::size_t{0});
    std::sort(by_time.begin(), by_time.end(), [&](std::size_t a, std::size_t b) {
        return std::tuple{rung[a].slip.at, rung[a].slip.reader, a}
               < std::tuple{rung[b].slip.at, rung[b].slip.reader, b};
    });
    std::vector<std::uint32_t> last(plan_.readers.size(), 0);
    for (const auto n : by_time) {
        auto& one = rung[n];
        one.slip.number = number_text(day.number, ++last[one.slip.reader]);
        if (one.undoes) one.slip.refers_to = rung[*one.undoes].slip.number;
        const auto number = static_cast<std::uint32_t>(day.slips.size());
        auto& visitor = visitors[one.visitor];
        if (one.slip.kind == ReceiptKind::sale) visitor.slips.push_back(number);
        day.truth.purchases.push_back(
            {number, visitor.person, static_cast<std::uint32_t>(one.visitor)});
        day.slips.push_back(one.slip);
    }
}

}  // namespace raiten::simulator
