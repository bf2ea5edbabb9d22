#include "daemon/app/memory_members.hpp"
#include "daemon/app/night.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

/// Which visits a night expects.
using namespace raiten;
using namespace std::chrono_literals;

namespace {

const Instant opening{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 10h};

/// Members who come every other day, the newest visit a day ago.
app::MemoryMembers regulars(int members, int visits)
{
    app::MemoryMembers all;
    for (int n = 1; n <= members; ++n) {
        const auto name = "m" + std::to_string(n);
        const auto id = all.enrol(name, false, true, {}, {}).value();
        MemberRecord record = all.load(id);
        for (int i = 0; i < visits; ++i) {
            VisitRecord visit;
            visit.ordinal = record.visits++;
            visit.id = VisitId{static_cast<std::uint64_t>(n * 1000 + i)};
            visit.member = id;
            visit.member_name = name;
            visit.opened_at = opening + i * 48h + n * 1min;
            visit.left_at = visit.opened_at + 20min;
            visit.state = VisitState::settled;
            visit.revision = 1;
            all.put(visit);
        }
        record.settled_visits = static_cast<std::uint32_t>(visits);
        record.first_visit_at = opening + n * 1min;
        all.put(record);
    }
    return all;
}

std::vector<VisitForecast> forecasts(app::MemoryMembers& members, Instant at)
{
    app::NightRules rules;
    rules.forecasts = true;
    std::vector<VisitForecast> out;
    const auto night = app::reckon_night(members, rules, at, nullptr, [&](app::NightSlice&& slice) {
        out.insert(out.end(), slice.forecasts.begin(), slice.forecasts.end());
        return true;
    });
    REQUIRE(night.has_value());
    return out;
}

}  // namespace

TEST_CASE("forecasts: a visit that was none does not count as having come", "[members][nights]")
{
    constexpr int visits = 20;
    auto members = regulars(12, visits);
    // One is taken for a visitor the evening before, and then was none.
    MemberRecord passer_by = members.load(MemberId{3});
    ++passer_by.visits;
    members.put(passer_by);
    const auto told = forecasts(members, opening + (visits - 1) * 48h + 17h);
    REQUIRE(told.size() == 12);
    for (const auto& each : told) {
        INFO(each.name);
        CHECK(each.after_visits == members.load(each.member).visits);
        CHECK(each.visit_at > opening + (visits - 1) * 48h + 17h);
    }
}
