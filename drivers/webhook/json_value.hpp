#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::webhook {

/// One JSON value. Numbers keep their text, so that an amount never passes through a double.
struct Value {
    enum class Type : std::uint8_t { null, boolean, number, text, array, object };

    Type type{Type::null};
    std::string text{};               ///< of a text or number; "true", "false"
    std::vector<std::string> keys{};  ///< of an object, one for each item
    std::vector<Value> items{};       ///< of an array or object

    bool is_object() const { return type == Type::object; }
    bool is_array() const { return type == Type::array; }
    bool is_true() const { return type == Type::boolean && text == "true"; }

    /// The first item of that name; null where there is none, or where this is no object.
    const Value& operator[](std::string_view key) const;
    bool has(std::string_view key) const { return operator[](key).type != Type::null; }
};

constexpr std::size_t json_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t json_depth_max = 64;
constexpr std::size_t json_values_max = 131'072;  ///< of one text, nested ones included

/// The one value of a text in UTF-8. A Problem's `what` is one of a few literals.
Result<Value> parse_json(std::string_view text);

}  // namespace raiten::drivers::webhook
