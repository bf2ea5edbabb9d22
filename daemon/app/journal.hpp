#pragma once

#include "daemon/app/envelope.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/ledger/rows.hpp"

namespace raiten::app {

struct SurveyAnswer;

/// An admitted fact as the journal keeps it: the normalised event, with the pseudonym of the
/// token in the place of the token.
ledger::JournalEntry journal_entry(const Event& event, const Engine& engine, const Sender& sender);

/// Where everybody is, once a minute: what a restart would otherwise have to guess.
ledger::JournalEntry presence_entry(const std::vector<VisitRecord>& visits, Instant now,
                                    const Sender& sender);

/// An answer to the survey.
ledger::JournalEntry survey_entry(const SurveyAnswer& answer, Instant at, const Sender& sender);

}  // namespace raiten::app
