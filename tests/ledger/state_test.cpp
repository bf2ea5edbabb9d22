#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

Batch journal_batch(int number)
{
    Batch batch;
    batch.journal.push_back(
        {at(Millis{number}), at(Millis{number}), "checkin", std::to_string(number)});
    batch.engine_time = at(Millis{number});
    return batch;
}

}  // namespace

TEST_CASE("ledger: the engine's whole state is given back if nothing was committed after it",
          "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    // Two parts and a bit; every byte occurs.
    std::string state(17ULL * 1024 * 1024 + 3, ' ');
    for (std::size_t i = 0; i < state.size(); ++i) state[i] = static_cast<char>(i * 31 >> 3U);
    {
        Opened store{path};
        CHECK_FALSE(value(store.ledger->engine_state()).has_value());
        store.ledger->commit(journal_batch(1), {});
        Batch last;
        last.engine_time = at(5s);
        last.engine_state = state;
        last.awaited = false;
        store.ledger->commit(std::move(last), {});
        store.ledger->stop();
    }
    SECTION("it is there, and stays until something is committed")
    {
        for (int life = 0; life < 2; ++life) {
            Opened store{path};
            const auto kept = value(store.ledger->engine_state());
            REQUIRE(kept.has_value());
            CHECK(*kept == state);
            CHECK(store.ledger->engine_time() == at(5s));
        }
    }
    SECTION("a batch deletes it")
    {
        {
            Opened store{path};
            store.commit(journal_batch(6));
            CHECK_FALSE(value(store.ledger->engine_state()).has_value());
        }
        auto db = value(Database::open(path, Database::Access::read_only, 1000ms));
        auto rows = db->query("SELECT count(*) FROM engine_state");
        REQUIRE(rows.next());
        CHECK(rows.get<int>() == 0);
    }
    SECTION("whatever else is committed makes it worthless")
    {
        Opened store{path};
        store.enrol({{"m-1", false, true, 5, {token(1)}}});
        CHECK_FALSE(value(store.ledger->engine_state()).has_value());
    }
    SECTION("one that is too large is not kept")
    {
        {
            Opened store{path};
            Batch last;
            last.engine_state = std::string(64ULL * 1024 * 1024 + 1, 'x');
            store.commit(std::move(last));
        }
        Opened store{path};
        CHECK_FALSE(value(store.ledger->engine_state()).has_value());
    }
}
