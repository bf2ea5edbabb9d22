#include "drivers/webhook/json_value.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace raiten::drivers::webhook {
namespace {

/// Builds the tree as the parser goes; stops at the limits.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
    bool null() override { return add({}); }
    bool boolean(bool is) override { return add({Value::Type::boolean, is ? "true" : "false"}); }
    bool number_integer(number_integer_t n) override { return number(std::to_string(n)); }
    bool number_unsigned(number_unsigned_t n) override { return number(std::to_string(n)); }
    bool number_float(number_float_t, const string_t& as_written) override
    {
        return number(as_written);
    }
    bool string(string_t& text) override { return add({Value::Type::text, std::move(text)}); }
    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(Value::Type::object); }
    bool start_array(std::size_t) override { return open(Value::Type::array); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override
    {
        open_.back()->keys.push_back(std::move(name));
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override
    {
        return false;
    }

    Value take() { return std::move(root_); }
    const char* too_much() const { return too_much_; }

 private:
    bool number(std::string as_written)
    {
        return add({Value::Type::number, std::move(as_written)});
    }

    /// Where the next value goes: the last item of what is open. Nothing is added to a container
    /// above one that is open, so that pointers into it stay good.
    Value* place(Value value)
    {
        if (++values_ > json_values_max) {
            too_much_ = "JSON of too many values";
            return nullptr;
        }
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        return &open_.back()->items.emplace_back(std::move(value));
    }
    bool add(Value value) { return place(std::move(value)) != nullptr; }
    bool open(Value::Type type)
    {
        if (open_.size() == json_depth_max) too_much_ = "JSON that is nested too deeply";
        Value* opened = too_much_ == nullptr ? place({type, {}}) : nullptr;
        if (opened != nullptr) open_.push_back(opened);
        return opened != nullptr;
    }
    bool close()
    {
        open_.pop_back();
        return true;
    }

    Value root_;
    std::vector<Value*> open_;
    std::size_t values_{};
    const char* too_much_{};
};

}  // namespace

const Value& Value::operator[](std::string_view key) const
{
    static const Value none{};
    const auto found = std::find(keys.begin(), keys.end(), key);
    return found == keys.end() ? none : items[static_cast<std::size_t>(found - keys.begin())];
}

Result<Value> parse_json(std::string_view text)
{
    if (text.size() > json_bytes_max) return Problem{"JSON larger than 1 MiB"};
    Builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
        return Problem{builder.too_much() != nullptr ? builder.too_much() : "not JSON"};
    return builder.take();
}

}  // namespace raiten::drivers::webhook
