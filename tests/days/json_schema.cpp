#include "tests/days/json_schema.hpp"

#include "daemon/base/iso8601.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <string_view>

namespace raiten::test {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 23> keywords{"$ref",
                                                    "type",
                                                    "enum",
                                                    "const",
                                                    "properties",
                                                    "required",
                                                    "propertyNames",
                                                    "additionalProperties",
                                                    "minProperties",
                                                    "maxProperties",
                                                    "items",
                                                    "minItems",
                                                    "maxItems",
                                                    "minLength",
                                                    "maxLength",
                                                    "pattern",
                                                    "format",
                                                    "minimum",
                                                    "maximum",
                                                    "oneOf",
                                                    "anyOf",
                                                    "allOf",
                                                    "not"};
constexpr std::array<std::string_view, 8> annotations{
    "$schema", "$defs", "title", "description", "default", "example", "examples", "x-note"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

const Json* referred(const std::string& reference, const Json& document)
{
    if (!reference.starts_with("#/")) return nullptr;
    const Json::json_pointer pointer{reference.substr(1)};
    return document.contains(pointer) ? &document.at(pointer) : nullptr;
}

bool is_type(const Json& value, const std::string& type)
{
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_boolean();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer")
        return value.is_number_integer()
               || (value.is_number_float()
                   && value.get<double>() == static_cast<double>(value.get<std::int64_t>()));
    return type == "number" && value.is_number();
}

std::size_t characters(const std::string& utf8)
{
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

/// One value against one schema.
class Check {
 public:
    Check(const Json& value, const Json& schema, const Json& document, std::string where)
        : value_{value}, schema_{schema}, document_{document}, where_{std::move(where)}
    {
    }

    std::string run()
    {
        if (schema_.is_boolean()) return schema_.get<bool>() ? "" : blame("must not be there");
        if (const auto* ref = keyword("$ref")) {
            const auto* target = referred(ref->get<std::string>(), document_);
            if (!target) return blame("refers to nothing: " + ref->dump());
            if (auto no = violation(value_, *target, document_, where_); !no.empty()) return no;
        }
        for (const auto part : {&Check::kind, &Check::combined, &Check::object, &Check::list,
                                &Check::text, &Check::number})
            if (auto no = (this->*part)(); !no.empty()) return no;
        return "";
    }

 private:
    const Json* keyword(const char* name) const
    {
        const auto found = schema_.find(name);
        return found == schema_.end() ? nullptr : &*found;
    }
    std::string blame(const std::string& what) const
    {
        return where_ + ": " + what + ", but is " + value_.dump().substr(0, 200);
    }
    bool within(const char* least, const char* most, double size) const
    {
        const auto* low = keyword(least);
        const auto* high = keyword(most);
        return (!low || size >= low->get<double>()) && (!high || size <= high->get<double>());
    }

    std::string kind()
    {
        if (const auto* type = keyword("type")) {
            const Json types = type->is_array() ? *type : Json::array({*type});
            if (std::none_of(types.begin(), types.end(), [&](const Json& each) {
                    return is_type(value_, each.get<std::string>());
                }))
                return blame("must be of type " + type->dump());
        }
        if (const auto* all = keyword("enum"))
            if (std::find(all->begin(), all->end(), value_) == all->end())
                return blame("must be one of " + all->dump());
        if (const auto* only = keyword("const"))
            if (value_ != *only) return blame("must be " + only->dump());
        return "";
    }

    std::string combined()
    {
        const auto fits = [&](const Json& schema) {
            return violation(value_, schema, document_, where_).empty();
        };
        if (const auto* all = keyword("allOf"))
            for (const auto& each : *all)
                if (auto no = violation(value_, each, document_, where_); !no.empty()) return no;
        if (const auto* any = keyword("anyOf"))
            if (std::none_of(any->begin(), any->end(), fits)) return blame("fits none of anyOf");
        if (const auto* one = keyword("oneOf")) {
            const auto count = std::count_if(one->begin(), one->end(), fits);
            if (count != 1) return blame("fits " + std::to_string(count) + " of oneOf");
        }
        if (const auto* no = keyword("not"))
            if (fits(*no)) return blame("must not fit");
        return "";
    }

    std::string object()
    {
        if (!value_.is_object()) return "";
        if (const auto* required = keyword("required"))
            for (const auto& name : *required)
                if (!value_.contains(name.get<std::string>()))
                    return blame("must have " + name.dump());
        if (!within("minProperties", "maxProperties", static_cast<double>(value_.size())))
            return blame("has too few or too many properties");
        const auto* known = keyword("properties");
        const auto* more = keyword("additionalProperties");
        const auto* names = keyword("propertyNames");
        for (const auto& [name, each] : value_.items()) {
            const auto place = where_ + "." + name;
            if (names)
                if (auto no = violation(Json(name), *names, document_, place); !no.empty())
                    return no;
            const bool named = known && known->contains(name);
            const Json* schema = named ? &known->at(name) : more;
            if (!schema) continue;
            if (auto no = violation(each, *schema, document_, place); !no.empty()) return no;
        }
        return "";
    }

    std::string list()
    {
        if (!value_.is_array()) return "";
        if (!within("minItems", "maxItems", static_cast<double>(value_.size())))
            return blame("has too few or too many items");
        const auto* items = keyword("items");
        for (std::size_t i = 0; items && i < value_.size(); ++i)
            if (auto no =
                    violation(value_[i], *items, document_, where_ + "[" + std::to_string(i) + "]");
                !no.empty())
                return no;
        return "";
    }

    std::string text()
    {
        if (!value_.is_string()) return "";
        const auto text = value_.get<std::string>();
        if (!within("minLength", "maxLength", static_cast<double>(characters(text))))
            return blame("is too short or too long");
        if (const auto* pattern = keyword("pattern"))
            if (!std::regex_search(text, std::regex{pattern->get<std::string>()}))
                return blame("must match " + pattern->dump());
        if (const auto* format = keyword("format"))
            if (*format == "date-time" && !parse_instant(text)) return blame("must be a time");
        return "";
    }

    std::string number()
    {
        if (!value_.is_number() || within("minimum", "maximum", value_.get<double>())) return "";
        return blame("is too small or too large");
    }

    const Json& value_;
    const Json& schema_;
    const Json& document_;
    std::string where_;
};

}  // namespace

std::string violation(const Json& value, const Json& schema, const Json& document,
                      const std::string& where)
{
    return Check{value, schema, document, where}.run();
}

std::string unsound(const Json& schema, const Json& document, const std::string& where)
{
    if (schema.is_boolean()) return "";
    if (!schema.is_object()) return where + " is no schema";
    for (const auto& [name, value] : schema.items()) {
        const auto place = where + "/" + name;
        if (!is_one_of(keywords, name) && !is_one_of(annotations, name))
            return place + ": no such keyword";
        if (name == "$ref" && !referred(value.get<std::string>(), document))
            return place + ": leads nowhere: " + value.dump();
        std::vector<const Json*> inner;
        if (name == "properties" || name == "$defs" || name == "oneOf" || name == "anyOf"
            || name == "allOf") {
            for (const auto& each : value) inner.push_back(&each);
        } else if (name == "items" || name == "additionalProperties" || name == "propertyNames"
                   || name == "not") {
            inner.push_back(&value);
        }
        for (const auto* each : inner)
            if (auto no = unsound(*each, document, place); !no.empty()) return no;
        // What is shown as an example must be one.
        const Json shown = name == "example"    ? Json::array({value})
                           : name == "examples" ? value
                                                : Json::array();
        for (const auto& each : shown)
            if (auto no = violation(each, schema, document, place); !no.empty()) return no;
    }
    return "";
}

}  // namespace raiten::test
