#pragma once

#include "daemon/app/settings.hpp"
#include "daemon/base/result.hpp"
#include "daemon/ledger/histories.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/scoring/experiences.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace raiten::app {

/// What must be known of a store beside its ledger.
struct InsightGround {
    std::set<std::string> passive_readers;  ///< by the settings; what the ledger knows is added
    std::uint64_t k_anonymity{5};
};
InsightGround insight_ground(const Settings& settings);

/// What sets loyal members apart, by a look through the whole ledger.
struct Insights {
    Instant as_of;  ///< the ledger's time less a day, in which visits may still settle
    std::chrono::days window{};
    std::chrono::days retention{};
    std::uint64_t k_anonymity{};
    scoring::Experiences found;
};

/// What one member's history says; `window`: how long baskets are looked into. Staff, equipment
/// and who has not agreed are not to be asked about.
Result<scoring::Diary> diary_of(ledger::Histories& past, const ledger::MemberHistory& history,
                                std::chrono::days window,
                                const std::set<std::string>& passive_readers,
                                const StoreClock& clock);

/// However long that takes: not for the loop. Memory: one member's, and what ExperienceCount
/// says. A Problem where `cancelled` came true meanwhile. `window`: window_min to window_max.
Result<Insights> insights(ledger::Histories& past, std::chrono::days window,
                          const InsightGround& ground, const StoreClock& clock,
                          const std::atomic<bool>& cancelled);

/// As GET /api/v1/insights shows them.
std::string insights_json(const Insights& insights, const StoreClock& clock);

}  // namespace raiten::app
