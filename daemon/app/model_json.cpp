#include "daemon/app/model_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

/// A positive number under the key; a Problem that names it else.
Result<double> number_at(const Json& object, std::string_view key)
{
    const auto found = object.find(std::string{key});
    if (found == object.end() || !found->is_number())
        return Problem{"is missing, or not a number", std::string{key}};
    return found->get<double>();
}

Result<scoring::PurchaseModel> purchases_in(const Json& object)
{
    scoring::PurchaseModel model;
    const auto name = object.find("model");
    const auto kind = name != object.end() && name->is_string()
                          ? scoring::model_named(name->get<std::string>())
                          : std::nullopt;
    if (!kind) return Problem{"is none of bg_nbd, mbg_nbd, mbg_cnbd_k, pareto_nbd", "model"};
    model.kind = *kind;
    const auto parameters = object.find("parameters");
    if (parameters == object.end() || !parameters->is_object())
        return Problem{"is missing, or not an object", "parameters"};
    const auto names = parameter_names(model.kind);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto value = number_at(*parameters, names[i]);
        if (!value) return value.error();
        model.parameters[i] = *value;
    }
    if (const auto k = object.find("k"); k != object.end()) {
        if (!k->is_number_unsigned()) return Problem{"is not a whole number", "k"};
        model.regularity =
            static_cast<unsigned>(std::min<std::uint64_t>(k->get<std::uint64_t>(), 1'000));
    }
    if (const auto good = check(model); !good) return good.error();
    return model;
}

}  // namespace

std::string parameters_json(const scoring::PurchaseModel& model)
{
    Json parameters = Json::object();
    const auto names = parameter_names(model.kind);
    for (std::size_t i = 0; i < names.size(); ++i)
        parameters[std::string{names[i]}] = model.parameters[i];
    return parameters.dump();
}

Result<scoring::GivenModel> read_model(const std::string& text, const std::string& unit)
{
    const auto object = Json::parse(text, nullptr, false);
    if (!object.is_object()) return Problem{"is not a JSON object"};
    const auto theirs = object.find("unit");
    if (theirs == object.end() || !theirs->is_string() || theirs->get<std::string>() != unit)
        return Problem{"is not " + unit, "unit", "give the unit of the parameters with --unit"};
    const auto purchases = purchases_in(object);
    if (!purchases) return purchases.error();
    scoring::GivenModel given{*purchases, {}};
    const auto spend = object.find("spend");
    if (spend == object.end() || !spend->is_object() || spend->contains("refused")) return given;
    scoring::SpendModel model;
    for (auto [key, place] : {std::pair{"p", &model.p}, {"q", &model.q}, {"v", &model.v}}) {
        const auto value = number_at(*spend, key);
        if (!value) return Problem{value.error().what, "spend." + value.error().where};
        *place = *value;
    }
    if (const auto good = check(model); !good) return good.error();
    given.spend = model;
    return given;
}

}  // namespace raiten::app
