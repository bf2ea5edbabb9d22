#include "sync/lane_log.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>
#include <vector>

using namespace raiten;
using namespace raiten::sync;

namespace {

std::vector<OutboxRow> rows(std::uint64_t from, std::uint64_t through)
{
    std::vector<OutboxRow> made;
    for (auto s = from; s <= through; ++s) made.push_back({Lane::coupon, s, "t", "{}", {}});
    return made;
}

void send_all(LaneLog& log)
{
    while (!log.ready().empty()) log.sent(log.take().sequence);
}

}  // namespace

TEST_CASE("lane: only HQ's word, and only a possible one, settles", "[sync]")
{
    LaneLog log;
    CHECK(log.add(rows(1, 5)) == 5);
    send_all(log);
    for (std::uint64_t s = 1; s <= 5; ++s) log.confirmed(s);
    CHECK(log.settled() == 0);

    CHECK(log.acknowledged(6, 5) == LaneLog::Ack::ahead);
    CHECK(log.settled() == 0);
    CHECK(log.acknowledged(3, 5) == LaneLog::Ack::advanced);
    CHECK(log.acknowledged(2, 5) == LaneLog::Ack::stale);
    CHECK(log.settled() == 3);
    CHECK(log.unsettled() == 2);

    log.rewind();
    CHECK(log.cursor() == 3);
    CHECK(log.add(rows(4, 6)) == 3);
    CHECK(log.sent(log.take().sequence));                     // 4 again
    CHECK(log.acknowledged(5, 6) == LaneLog::Ack::advanced);  // sent before the rewind
    CHECK(log.ready().size() == 1);
    CHECK(log.ready().front().sequence == 6);
}

TEST_CASE("lane: HQ may name what an earlier process sent, never what has no number", "[sync]")
{
    LaneLog log;
    log.add(rows(1, 5));
    log.sent(log.take().sequence);
    CHECK(log.acknowledged(9, 8) == LaneLog::Ack::ahead);
    CHECK(log.acknowledged(8, 8) == LaneLog::Ack::advanced);
    CHECK(log.unsettled() == 0);
    CHECK(log.ready().empty());
    CHECK(log.cursor() == 8);  // what was to be fetched next is settled too
    CHECK(log.acknowledged(8, 8) == LaneLog::Ack::stale);
}

TEST_CASE("lane: PUBACKs in any order settle without gaps only", "[sync]")
{
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 50; ++round) {
        LaneLog log;
        log.add(rows(1, 40));
        send_all(log);
        std::vector<std::uint64_t> order;
        for (std::uint64_t s = 1; s <= 40; ++s) order.push_back(s);
        std::shuffle(order.begin(), order.end(), random);
        std::vector<bool> confirmed(42, false);
        for (const auto s : order) {
            log.confirmed(s);
            confirmed[s] = true;
            log.settle_confirmed();
            std::uint64_t expected = 0;
            while (confirmed[expected + 1]) ++expected;
            REQUIRE(log.settled() == expected);
        }
        CHECK(log.unsettled() == 0);
    }
}

TEST_CASE("lane: what the outbox repeats is not sent twice", "[sync]")
{
    LaneLog log;
    log.add(rows(1, 3));
    CHECK(log.add(rows(2, 4)) == 1);
    CHECK(log.ready().size() == 4);
}
