#pragma once

#include "daemon/app/model_store.hpp"
#include "daemon/app/shop.hpp"

#include <functional>
#include <optional>
#include <string>

/// Parameters of the models of buying that head office or an operator gives: instead of a fit, from
/// the next night on, until they are withdrawn. They are versions of the kind "given" in the
/// ledger, so that a restart forgets nothing.
namespace raiten::app {

inline constexpr std::size_t given_model_bytes_max = 64 * 1024;

using ModelDone = std::function<void(const Result<void>&)>;

/// `text`: see read_model(). A Problem comes at once, and changes nothing; `done` is called when it
/// is durable. `source`: "hq" or "operator".
Result<void> give_model(Shop& shop, const std::string& text, const scoring::CardRules& rules,
                        const std::string& source, Instant at, const ModelDone& done);
/// Fits again from the next night on.
void withdraw_model(Shop& shop, const std::string& source, Instant at, const ModelDone& done);

/// The version in force, if there is one.
Result<std::optional<ledger::ModelRow>> given_version(const FindModel& find);
/// What it says; a Problem too where it does not fit the rules any more.
Result<std::optional<scoring::GivenModel>> given_model(const FindModel& find,
                                                       const scoring::CardRules& rules);

}  // namespace raiten::app
