#include "daemon/app/members_csv.hpp"
#include "daemon/app/ndjson.hpp"
#include "daemon/simulator/event_text.hpp"
#include "daemon/simulator/truth_text.hpp"
#include "tests/simulator/scenarios.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace raiten;
using namespace raiten::simulator;
using namespace raiten::test;

namespace {

/// The arrival as the rest of the house would write it.
app::RawEvent raw(const Store& store, const Day& day, const Arrival& arrival, Instant largest_at)
{
    using Kind = Arrival::Kind;
    app::RawEvent event;
    event.at = arrival.at;
    if (arrival.received_at != largest_at) event.received_at = arrival.received_at;
    const auto& reader = store.plan().readers[arrival.reader].name;
    switch (arrival.kind) {
        case Kind::sighting: {
            const auto& tag = store.tag(day, arrival.number);
            event.what = app::RawSighting{reader, tag.token, arrival.rssi_dbm, tag.rotating};
            break;
        }
        case Kind::check_in:
            event.what = app::RawCheckIn{reader, store.tag(day, arrival.number).token, {}};
            break;
        case Kind::receipt: {
            const auto& slip = day.slips[arrival.number];
            app::RawReceipt receipt;
            receipt.pos = reader;
            receipt.number = slip.number;
            receipt.kind = slip.kind;
            if (slip.card) receipt.token = store.tag(day, *slip.card).token;
            receipt.total = slip.total;
            receipt.currency = "JPY";
            receipt.refers_to = slip.refers_to;
            for (const auto& line : slip.lines)
                receipt.lines.push_back(
                    {line.sku, line.name, line.quantity, line.amount, line.category});
            event.what = std::move(receipt);
            break;
        }
        case Kind::reader_up:
            event.what = app::RawReaderState{reader, true, {}};
            break;
        case Kind::reader_down:
            event.what = app::RawReaderState{reader, false, "outage"};
            break;
    }
    return event;
}

}  // namespace

TEST_CASE("event text: line by line what the house itself would write", "[simulator]")
{
    auto scenario = small_scenario(100);
    scenario.advertising = std::chrono::seconds{20};
    scenario.outages_per_day = 3;
    scenario.doubled = 0.05;
    Store store{scenario, 21};
    EventText text{store};
    Instant largest_at = Instant::min();
    for (std::uint32_t number = 0; number < 2; ++number) {
        const auto day = store.day(number);
        std::string out;
        for (std::size_t at = 0; at < day.arrivals.size();) at = text.write(day, at, 1'000, out);
        std::istringstream lines{out};
        std::string line;
        for (const auto& arrival : day.arrivals) {
            REQUIRE(std::getline(lines, line));
            largest_at = std::max(largest_at, arrival.at);
            const auto event = raw(store, day, arrival, largest_at);
            REQUIRE(line == app::write_line(event, std::chrono::hours{9}));
        }
        CHECK_FALSE(std::getline(lines, line));
    }
}

TEST_CASE("members.csv: every row is good, and tokens are in their one form", "[simulator]")
{
    const Store store{small_scenario(3'000), 22};
    std::istringstream in{members_csv(store)};
    const auto list = app::read_member_lines(in, "members.csv");
    for (const auto& problem : list.problems) UNSCOPED_INFO(problem.text());
    REQUIRE(list.problems.empty());
    REQUIRE(list.rows.size() == store.people().size());
    for (std::size_t n = 0; n < list.rows.size(); ++n) {
        const auto& person = store.people()[n];
        CHECK(list.rows[n].name == person.name);
        CHECK(list.rows[n].staff == person.staff);
        REQUIRE(list.rows[n].tokens.size() == person.tags.size());
        for (std::size_t tag = 0; tag < person.tags.size(); ++tag)
            REQUIRE(list.rows[n].tokens[tag] == store.tags()[person.tags[tag]].token);
    }
}
