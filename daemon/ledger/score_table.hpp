#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/rows.hpp"

/// What the nights leave: a row for each member, and the models.
namespace raiten::ledger {

void put_score(Database& database, const ScoreRow& row);
/// Nothing for a member whom no night has scored.
std::optional<StoredScore> score_of(Database& database, MemberId member);
/// Visits that the last night expects after `now`, as far as the engine is told of them.
std::vector<VisitForecast> forecasts_after(Database& database, Instant now);
/// Of a member who is in no result any more: all but how often the stage moved, so that no move has
/// the number of another.
void drop_score(Database& database, MemberId member);

/// Of each kind the newest model_versions_max are kept, and the newest accepted one; of models of
/// offers only those of the last uplift_kept.
inline constexpr std::size_t model_versions_max = 30;
void put_model(Database& database, const ModelRow& row);
/// Newest first; without their bodies.
std::vector<ModelRow> models(Database& database, std::size_t limit);
/// The newest accepted one of a kind.
std::optional<ModelRow> model_of(Database& database, const std::string& kind);

/// The past was changed beneath what was learned from it step by step: the next night learns anew.
void forget_learned(Database& database);

/// The business day at whose start all members were last scored.
std::optional<std::chrono::sys_days> scored_day(Database& database);
void put_scored_day(Database& database, std::chrono::sys_days day);

}  // namespace raiten::ledger
