#include "daemon/app/given_model.hpp"

#include "daemon/app/model_json.hpp"

#include <nlohmann/json.hpp>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kind_given = "given";

std::string unit_of(const scoring::CardRules& rules)
{
    return rules.unit_days == 7 ? "weeks" : "days";
}

Result<scoring::GivenModel> read(const std::string& text, const scoring::CardRules& rules)
{
    auto given = read_model(text, unit_of(rules));
    if (given) return given;
    auto problem = given.error();
    if (problem.where == "unit") problem.advice = "this store counts in " + unit_of(rules);
    return problem;
}

/// As read_model() takes it.
std::string text_of(const scoring::GivenModel& given, const scoring::CardRules& rules)
{
    Json out;
    out["model"] = std::string{name_of(given.purchases.kind)};
    out["k"] = given.purchases.regularity;
    out["unit"] = unit_of(rules);
    out["parameters"] = Json::parse(parameters_json(given.purchases));
    if (given.spend)
        out["spend"] = {{"p", given.spend->p}, {"q", given.spend->q}, {"v", given.spend->v}};
    return out.dump();
}

}  // namespace

Result<void> give_model(Shop& shop, const std::string& text, const scoring::CardRules& rules,
                        const std::string& source, Instant at, const ModelDone& done)
{
    if (text.size() > given_model_bytes_max) return Problem{"has more than 64 KiB"};
    const auto given = read(text, rules);
    if (!given) return given.error();
    const auto kept = text_of(*given, rules);
    shop.put_model({kind_given, at, source, true, "given", kept, kept, 0}, done);
    return {};
}

void withdraw_model(Shop& shop, const std::string& source, Instant at, const ModelDone& done)
{
    shop.put_model({kind_given, at, source, true, "withdrawn", "{}", "", 0}, done);
}

Result<std::optional<ledger::ModelRow>> given_version(const FindModel& find)
{
    auto row = find(kind_given);
    if (row && *row && (*row)->body.empty()) return std::optional<ledger::ModelRow>{};
    return row;
}

Result<std::optional<scoring::GivenModel>> given_model(const FindModel& find,
                                                       const scoring::CardRules& rules)
{
    const auto row = given_version(find);
    if (!row) return row.error();
    if (!*row) return std::optional<scoring::GivenModel>{};
    const auto given = read((*row)->body, rules);
    if (!given) return given.error();
    return std::optional{*given};
}

}  // namespace raiten::app
