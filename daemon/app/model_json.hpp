#pragma once

#include "daemon/base/result.hpp"
#include "daemon/scoring/training.hpp"

#include <string>

/// Models of buying as text.
namespace raiten::app {

/// `{"r":…,"alpha":…,…}`, by the names of the model's parameters.
std::string parameters_json(const scoring::PurchaseModel& model);

/// A model from the text of a score report, or `{"model","unit","parameters":{…},"k",
/// "spend":{p,q,v}}`. Its unit ("days" or "weeks") must be the one that is asked for.
Result<scoring::GivenModel> read_model(const std::string& text, const std::string& unit);

}  // namespace raiten::app
