#include "tests/bench/night/past.hpp"

#include "daemon/ledger/past.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace raiten::bench {
namespace {

struct Coming {
    Instant at;
    std::uint32_t member{};  ///< from 0
};

/// Members come at rates of their own; some have long gone.
std::vector<Coming> comings()
{
    std::mt19937_64 dice{20261123};
    std::vector<Coming> all;
    all.reserve(members * visits_of_each);
    constexpr auto minutes_of_past = std::uint64_t{days_of_past} * 24 * 60;
    for (std::uint32_t member = 0; member < members; ++member) {
        const auto span = minutes_of_past / 10 + dice() % (minutes_of_past * 9 / 10);
        const auto until = dice() % (minutes_of_past - span + 1);
        for (std::size_t visit = 0; visit < visits_of_each; ++visit)
            all.push_back(
                {newest - std::chrono::minutes{until + dice() % span} - Millis{dice() % 60'000},
                 member});
    }
    std::sort(all.begin(), all.end(), [](const Coming& a, const Coming& b) { return a.at < b.at; });
    return all;
}

ledger::ReceiptRow sale_at(Instant at, std::uint64_t number, std::mt19937_64& dice)
{
    ledger::ReceiptRow row;
    row.key.pos = "reg-1";
    row.key.number = std::to_string(number);
    row.key.day = std::chrono::floor<std::chrono::days>(at);
    row.key.at = at;
    row.currency = "JPY";
    for (int n = 0; n < lines_of_receipt; ++n) {
        // Few things sell often: the lesser of two draws.
        const auto sku = std::min(dice() % skus, dice() % skus);
        const auto amount = Money::from_units(static_cast<std::int64_t>(100 + sku % 900));
        row.lines.push_back({"s" + std::to_string(sku), "thing " + std::to_string(sku),
                             Money::from_units(1), amount, "c" + std::to_string(sku % 40)});
        row.key.total += amount;
    }
    return row;
}

}  // namespace

void stop_on(const Problem& problem)
{
    std::fprintf(stderr, "%s\n", problem.text().c_str());
    std::exit(1);
}

void write_past(const std::string& path)
{
    ledger::StoreFile file;
    file.path = path;
    file.store = store_name;
    auto lock = ledger::FileLock::take(path + ".lock");
    if (!lock) stop_on(lock.error());
    auto opened = ledger::Past::open(file, std::move(lock.value()));
    if (!opened) stop_on(opened.error());
    auto& past = **opened;

    std::vector<MemberRecord> who(members);
    for (std::uint64_t n = 0; n < members; ++n) {
        who[n].name = "m" + std::to_string(n);
        who[n].id = past.enrol(who[n].name);
    }
    std::mt19937_64 dice{7};
    std::uint64_t number = 0;
    for (const auto& coming : comings()) {
        auto& member = who[coming.member];
        VisitRecord visit;
        visit.id = VisitId{++number};
        visit.member = member.id;
        visit.ordinal = member.visits++;
        visit.state = VisitState::settled;
        visit.opened_at = visit.zone_since = coming.at;
        visit.left_at = coming.at + std::chrono::minutes{10};
        visit.close_reason = CloseReason::timeout;
        visit.revision = 1;
        if (dice() % 2 == 0) {
            const auto sale = sale_at(coming.at, number, dice);
            past.put(sale, coming.at);
            VisitReceipt receipt;
            receipt.pos = sale.key.pos;
            receipt.number = sale.key.number;
            receipt.day = sale.key.day;
            receipt.at = sale.key.at;
            receipt.total = sale.key.total;
            receipt.currency = sale.currency;
            receipt.units = Money::from_units(lines_of_receipt);
            visit.receipts.push_back(receipt);
            ++member.purchases;
            member.spend += receipt.total;
            member.currency = sale.currency;
            member.last_purchase_at = coming.at;
        }
        past.put(visit);
        if (!member.first_visit_at) member.first_visit_at = coming.at;
    }
    for (auto& member : who) {
        member.settled_visits = member.visits;
        past.put(member);
    }
    if (const auto done = past.commit(); !done) stop_on(done.error());
}

}  // namespace raiten::bench
