#pragma once

#include "daemon/app/settings.hpp"
#include "daemon/ledger/decision_history.hpp"
#include "daemon/ledger/histories.hpp"
#include "daemon/ledger/rows.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/event.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/scoring/training.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace raiten::app {

/// What a night looks at: the ledger's past, or what a replay keeps in memory.
class Past {
 public:
    using Take = std::function<bool(const ledger::MemberHistory&)>;
    virtual ~Past() = default;
    /// Every member with a visit, ascending by number, until `take` says false.
    virtual Result<void> each_member(const Take& take, ledger::Detail detail) = 0;
    /// How the last night left a member.
    virtual Result<std::optional<ledger::StoredScore>> score(MemberId member) = 0;
    /// See ledger::Histories.
    virtual Result<std::vector<ledger::Basket>> baskets_after(std::uint64_t row,
                                                              std::size_t limit) = 0;
    virtual Result<std::vector<ReceiptLine>> sold(const VisitReceipt& receipt) = 0;
    virtual Result<std::map<std::string, bool>> passive_readers() = 0;
    using TakeDecision = std::function<bool(const ledger::PastDecision&)>;
    /// See ledger/decision_history.hpp.
    virtual Result<void> each_decision(const std::string& campaign, Instant settled_before,
                                       const TakeDecision& take) = 0;
};

class LedgerPast final : public Past {
 public:
    explicit LedgerPast(ledger::Histories histories) : histories_{std::move(histories)} {}
    Result<void> each_member(const Take& take, ledger::Detail detail) override
    {
        return histories_.each_member(take, detail);
    }
    Result<std::optional<ledger::StoredScore>> score(MemberId member) override
    {
        return histories_.score(member);
    }
    Result<std::vector<ledger::Basket>> baskets_after(std::uint64_t row, std::size_t limit) override
    {
        return histories_.baskets_after(row, limit);
    }
    Result<std::vector<ReceiptLine>> sold(const VisitReceipt& receipt) override
    {
        return histories_.sold(receipt);
    }
    Result<std::map<std::string, bool>> passive_readers() override
    {
        return histories_.passive_readers();
    }
    Result<void> each_decision(const std::string& campaign, Instant settled_before,
                               const TakeDecision& take) override
    {
        return histories_.each_decision(campaign, settled_before, take);
    }

 private:
    ledger::Histories histories_;
};

struct NightRules {
    scoring::TrainingRules training;
    StoreClock clock;
    VisitRules visits;
    std::set<std::string> passive_readers;  ///< of the settings
    bool forecasts{};                       ///< some campaign waits for predicted visits
    bool birthdays{};                       ///< … for birthdays
    std::set<std::string> targets;          ///< campaigns that learn their effect
    std::uint64_t tenant_seed{};            ///< as in Engine::Setup
};

/// Some members as a night leaves them; to be made durable as one.
struct NightSlice {
    static constexpr std::size_t members_max = 128;
    static constexpr std::size_t moves_max = 24;  ///< each costs the loop about 0.1 ms
    std::vector<ledger::ScoreRow> scores;
    std::vector<MemberId> unscored;  ///< who is in no result any more
    std::vector<StageMove> moves;
    std::vector<VisitForecast> forecasts;
    std::vector<Birthday> birthdays;
};

/// What a night leaves besides.
struct NightOut {
    std::shared_ptr<const scoring::Models> models;
    std::vector<ledger::ModelRow> versions;
    std::chrono::sys_days day{};
    std::size_t members{};
    std::size_t moves{};
};

/// Scores every member as of `at`: one look at all of them to make the models, a second one to make
/// the cards, given away slice by slice. `give` says false where it has to be broken off. A member
/// who is scored for the first time moves nowhere.
///
/// A pure function of the past, the rules, the moment and the last models. Memory: that of the
/// training (scoring/training.hpp) and one slice.
Result<NightOut> reckon_night(Past& past, const NightRules& rules, Instant at,
                              const scoring::Models* last,
                              const std::function<bool(NightSlice&&)>& give);

/// As the store is configured.
NightRules night_rules(const Settings& settings, const StoreClock& clock);

/// What a campaign that is not over at `at` asks of a night.
void serve(NightRules& rules, const Campaign& campaign, Instant at);

/// The local date of the latest night that was due by `now`; there is one for each date, also on
/// those whose hour is skipped or comes twice.
std::chrono::sys_days night_of(Instant now, const StoreClock& clock,
                               std::chrono::minutes refresh_at);
/// When that night was due: the first time that the wall shows `refresh_at`, or would have.
Instant night_due(std::chrono::sys_days night, const StoreClock& clock,
                  std::chrono::minutes refresh_at);

}  // namespace raiten::app
