#include "tests/members/town.hpp"

#include "daemon/base/archive.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/ledger/score_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <tuple>

namespace raiten::test {

const Instant Town::start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

Town::Town(std::uint64_t seed, std::size_t members, int days) : members_{members}
{
    stage::Dice dice{seed};
    for (std::uint64_t member = 1; member <= members; ++member) {
        const double gap = dice.between(2, 25);
        const double first = dice.between(0, days / 3.0);
        const double leaves = dice.below(3) == 0 ? first + dice.between(5, days) : days;
        const double buys = dice.between(0.2, 0.9);
        std::uint32_t ordinal = 0;
        for (double day = first; day < std::min<double>(leaves, days);
             day += dice.between(0.5, 1.5) * gap) {
            const auto at = start + std::chrono::hours{24 * static_cast<int>(day)}
                            + std::chrono::minutes{600 + dice.below(480)};
            const bool bought = dice.share() < buys;
            const double spent = static_cast<double>(100 + dice.below(5000));
            visits_.push_back(
                visit(member, ordinal++, at, bought ? std::optional{spent} : std::nullopt));
        }
    }
    std::sort(visits_.begin(), visits_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.opened_at, a.member, a.ordinal)
               < std::tie(b.opened_at, b.member, b.ordinal);
    });
}

MemberRecord Town::record(std::uint64_t number) const
{
    MemberRecord member;
    member.id = MemberId{number};
    member.name = "m" + std::to_string(number);
    return member;
}

VisitRecord Town::visit(std::uint64_t member, std::uint32_t ordinal, Instant at,
                        std::optional<double> spent)
{
    VisitRecord visit;
    visit.id = VisitId{member << 32U | ordinal};
    visit.member = MemberId{member};
    visit.member_name = "m" + std::to_string(member);
    visit.ordinal = ordinal;
    visit.state = VisitState::settled;
    visit.opened_at = visit.left_at = visit.zone_since = at;
    visit.close_reason = CloseReason::timeout;
    visit.revision = 1;
    if (!spent) return visit;
    VisitReceipt receipt;
    receipt.pos = "reg-1";
    receipt.number = std::to_string(ordinal);
    receipt.total = Money::from_units(static_cast<std::int64_t>(*spent));
    receipt.currency = "JPY";
    visit.receipts.push_back(receipt);
    return visit;
}

void Town::write(Shelf& shelf, Instant until) const
{
    shelf.begin();
    for (std::uint64_t member = 1; member <= members_; ++member) shelf.member(member);
    for (const auto& visit : visits_)
        if (visit.opened_at < until) shelf.put(visit);
    shelf.end();
}

void Town::write(app::MemoryMembers& memory, Instant until) const
{
    for (std::uint64_t member = 1; member <= members_; ++member) memory.put(record(member));
    for (const auto& visit : visits_)
        if (visit.opened_at < until) memory.put(visit);
}

// ---- nights
// --------------------------------------------------------------------------------------

namespace {

void note(Given& given, const app::NightSlice& slice)
{
    ++given.slices;
    for (const auto& row : slice.scores) {
        ArchiveWriter habits;
        habits(row.habits);
        given.cards[row.member.value()] = text_of(row.card);
        given.habits[row.member.value()] = habits.bytes();
    }
    for (const auto& move : slice.moves)
        given.moves.push_back(move.name + " " + std::string{raiten::text_of(move.was)} + " "
                              + std::string{raiten::text_of(move.stage)} + " "
                              + std::to_string(move.number));
    for (const auto member : slice.unscored) given.unscored.push_back(member.value());
}

bool anything(const app::NightSlice& slice)
{
    return !slice.scores.empty() || !slice.unscored.empty();
}

}  // namespace

app::NightRules night_rules()
{
    app::NightRules rules;
    rules.training.cards.rfm_window = 60;
    return rules;
}

Given night_over(Shelf& shelf, Instant at, const scoring::Models* last, std::size_t slices_max)
{
    Given given;
    app::LedgerPast past{ledger::value(ledger::Histories::open(shelf.path()))};
    auto& database = shelf.database();
    auto out = app::reckon_night(past, night_rules(), at, last, [&](app::NightSlice&& slice) {
        if (!anything(slice)) return true;
        if (given.slices == slices_max) return false;
        note(given, slice);
        database.begin();
        for (const auto& row : slice.scores) ledger::put_score(database, row);
        for (const auto member : slice.unscored) ledger::drop_score(database, member);
        return database.commit().has_value();
    });
    if (!out) return given;
    database.begin();
    for (const auto& row : out->versions) ledger::put_model(database, row);
    REQUIRE(database.commit().has_value());
    given.out = std::move(out.value());
    return given;
}

Given night_over(app::MemoryMembers& memory, Instant at, const scoring::Models* last)
{
    Given given;
    auto out = app::reckon_night(memory, night_rules(), at, last, [&](app::NightSlice&& slice) {
        if (!anything(slice)) return true;
        note(given, slice);
        for (auto& row : slice.scores) memory.put(std::move(row));
        for (const auto member : slice.unscored) memory.drop_score(member);
        return true;
    });
    if (out) given.out = std::move(out.value());
    return given;
}

std::string text_of(const ScoreCard& card)
{
    std::string out;
    const auto add = [&out](double value) {
        char text[40];
        std::snprintf(text, sizeof text, "%a", value);
        out += text;
    };
    for (const auto& column : card_columns()) {
        out += std::string{column.name} + '=';
        std::visit(overloaded{[](std::monostate) {},
                              [&](std::int64_t value) { out += std::to_string(value); }, add,
                              [&](std::string_view value) { out += value; }},
                   column.of(card));
        out += '\n';
    }
    return out;
}

bool finite(const ScoreCard& card)
{
    const auto columns = card_columns();
    return std::all_of(columns.begin(), columns.end(), [&](const CardColumn& column) {
        const auto value = column.of(card);
        const auto* number = std::get_if<double>(&value);
        return number == nullptr || std::isfinite(*number);
    });
}

}  // namespace raiten::test
