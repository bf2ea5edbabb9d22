#include "tests/bench/accuracy/store_visits.hpp"

#include "daemon/scoring/stage.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

namespace raiten::accuracy {
namespace {

using namespace scoring;

struct Member {
    std::uint32_t visits{}, purchases{};
    std::optional<Instant> first, last_purchase;
};

double days_between(Instant from, Instant to)
{
    return std::chrono::duration<double, std::chrono::days::period>(to - from).count();
}

VisitFeatures known_at_opening(const VisitRecord& visit, const Member& member,
                               const StoreClock& clock)
{
    const auto local = visit.opened_at + clock.offset_at(visit.opened_at);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    VisitFeatures features;
    features.streak = visit.streak;
    features.local_hour = days_between(day, local) * 24;
    features.weekday = static_cast<std::uint8_t>(std::chrono::weekday{day}.iso_encoding() - 1);
    if (member.last_purchase)
        features.days_since_purchase = days_between(*member.last_purchase, visit.opened_at);
    features.visits = member.visits;
    features.purchases = member.purchases;
    StageInputs stage;
    stage.purchases = member.purchases;
    stage.days_since_first = member.first ? days_between(*member.first, visit.opened_at) : 0;
    features.stage = stage_of(stage);
    features.checked_in = !visit.passive;
    return features;
}

}  // namespace

std::vector<SettledVisit> store_visits(const StoreBook& book, const VisitRules& rules,
                                       const StoreClock& clock)
{
    auto records = book.records;
    std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
        return std::tie(a.opened_at, a.id) < std::tie(b.opened_at, b.id);
    });
    std::map<MemberId, Member> members;
    std::vector<SettledVisit> out;
    for (const auto& record : records) {
        auto& member = members[record.member];
        const bool bought = record.outcome() == VisitOutcome::purchase;
        out.push_back({record.id, record.left_at + rules.settle_grace + rules.lateness,
                       landmarks_of(record, known_at_opening(record, member, clock)), bought});
        if (!member.first) member.first = record.opened_at;
        member.visits += 1;
        if (!bought) continue;
        member.purchases += 1;
        member.last_purchase = record.opened_at;
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::tie(a.settled_at, a.id) < std::tie(b.settled_at, b.id);
    });
    return out;
}

}  // namespace raiten::accuracy
