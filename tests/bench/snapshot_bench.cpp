// The whole state of an engine with ten thousand members present, written and taken up again: what
// a clean stop and start cost.
#include "daemon/engine/engine.hpp"
#include "tests/bench/bench.hpp"
#include "tests/support/same_segments.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace raiten;

namespace {

constexpr std::size_t present = 10'000;
constexpr std::size_t readers = 4;
constexpr Instant opening{std::chrono::seconds{1'795'000'000}};
/// Each member is heard every ten seconds, for ten minutes.
constexpr std::chrono::microseconds pace{1'000};
constexpr std::size_t sightings = 60 * present;

/// Token n belongs to member n.
class Numbered final : public Members {
 public:
    std::optional<MemberId> member_of(const TokenKey& token) override
    {
        return MemberId{token.low};
    }
    MemberRecord load(MemberId member) override
    {
        MemberRecord record;
        record.id = member;
        record.name = "m" + std::to_string(member.value());
        record.kinds = kind_bit(TokenKind::ibeacon);
        return record;
    }
    std::optional<MemberId> owner_of(CouponId) override { return std::nullopt; }
};

Engine::Setup store()
{
    Engine::Setup setup;
    const char* zones[readers] = {"entrance", "floor", "fitting", "register"};
    for (std::size_t i = 0; i < readers; ++i)
        setup.readers.push_back({"r" + std::to_string(i), zones[i], true, bluetooth_kinds});
    return setup;
}

Event nth(std::size_t n)
{
    const auto member = n % present;
    Sighting seen;
    seen.reader = ReaderId{static_cast<std::uint16_t>(member % readers)};
    seen.token = {{member, member}, TokenKind::ibeacon, false};
    seen.rssi_dbm = static_cast<std::int16_t>(-60 - static_cast<int>(n % 13));
    const auto at = opening + std::chrono::floor<Millis>(pace * static_cast<std::int64_t>(n));
    return {at, at, seen};
}

}  // namespace

int main()
{
    Numbered members;
    raiten::test::SameSegments segments;
    Engine engine{store(), members, segments};
    for (std::size_t n = 0; n < sightings; ++n) bench::keep(engine.apply(nth(n)));
    if (engine.present().size() != present) return 1;

    const std::string bytes = engine.snapshot();
    const double write = bench::best_seconds([&] { bench::keep(engine.snapshot()); });
    const double read = bench::best_seconds(
        [&] {
            Engine fresh{store(), members, segments};
            if (!fresh.restore(bytes)) std::exit(1);
            bench::keep(fresh);
        },
        5);
    std::string copy(bytes.size(), ' ');
    const double plain = bench::best_seconds([&] {
        std::memcpy(copy.data(), bytes.data(), bytes.size());
        bench::keep(copy);
    });
    const double megabytes = static_cast<double>(bytes.size()) / 1e6;
    std::fprintf(stderr, "%zu members present: %.1f MB, written in %.0f ms, taken up in %.0f ms\n",
                 present, megabytes, write * 1e3, read * 1e3);
    const bench::Limit memcpy_limit{"memcpy", megabytes / plain};
    bench::print("engine: a snapshot of 10,000 present", megabytes / write, "MB/s", memcpy_limit);
    bench::print("engine: taking one up", megabytes / read, "MB/s", memcpy_limit);
}
