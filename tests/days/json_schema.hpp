#pragma once

#include <nlohmann/json.hpp>

#include <string>

/// The part of JSON Schema 2020-12 that our own documents use. A keyword that it does not know is
/// a fault of the schema, so that nothing is promised there and never looked at.
namespace raiten::test {

/// "" if `value` is what `schema` says, else where it is not and why. `$ref` is "#/..." within
/// `document`. Of formats only date-time is looked at, after our own rules (ISO 8601, offset).
std::string violation(const nlohmann::json& value, const nlohmann::json& schema,
                      const nlohmann::json& document, const std::string& where = "$");

/// "" if every schema within `schema` is made of known keywords and of references that lead
/// somewhere.
std::string unsound(const nlohmann::json& schema, const nlohmann::json& document,
                    const std::string& where = "#");

}  // namespace raiten::test
