#include "drivers/gateway/message.hpp"

#include "drivers/gateway/fields.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace raiten::drivers::gateway {
namespace {

using nlohmann::json;

bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
           || c == '+' || c == '.';
}

bool is_no_number(std::string_view word)
{
    constexpr std::array words{"nan", "-nan", "NaN", "inf", "-inf", "Infinity", "-Infinity"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// The same JSON without what a strict parser refuses and gateways write.
std::string mended(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            const auto byte = static_cast<unsigned char>(c);
            out.push_back(byte >= 0x80 ? '?' : byte < 0x20 ? ' ' : c);
            if (c == '\\' && i + 1 < text.size()) out.push_back(text[++i]);
            in_string = c != '"';
        } else if (is_word(c)) {
            std::size_t end = i;
            while (end < text.size() && is_word(text[end])) ++end;
            const auto word = text.substr(i, end - i);
            out.append(is_no_number(word) ? std::string_view{"null"} : word);
            i = end - 1;
        } else {
            in_string = c == '"';
            out.push_back(c);
        }
    }
    return out;
}

/// Its brackets have been counted: no deeper than Outline::depth_max.
json parsed(std::string_view text)
{
    json document = json::parse(text, nullptr, false);
    if (document.is_discarded()) document = json::parse(mended(text), nullptr, false);
    return document;
}

bool is_whole_json(std::string_view text)
{
    Outline outline;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto step = outline.take(text[i] == '\n' ? ' ' : text[i]);
        if (step == Outline::Step::damaged) return false;
        if (step == Outline::Step::complete)
            return text.find_first_not_of(" \t\r\n", i + 1) == std::string_view::npos;
    }
    return false;
}

bool is_recorders(const json& document)
{
    const auto payload = document.find("payload");
    const auto topic = document.find("topic");
    return payload != document.end() && topic != document.end() && topic->is_string()
           && (payload->is_structured() || payload->is_string());
}

void unpack_payload(Message message, const json& payload,
                    const std::function<void(const Message&)>& take, const ble::Refuse& refuse)
{
    message.json = &payload;
    if (payload.is_structured()) return take(message);
    const std::string_view text = payload.get_ref<const std::string&>();
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool bracket =
        first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
    if (!bracket) {
        message.json = nullptr;
        message.text = text;
        return take(message);
    }
    const json inner = is_whole_json(text.substr(first)) ? parsed(text.substr(first)) : json{};
    if (!inner.is_structured())
        return refuse(Garbled{"a recorded payload that is no JSON", text.size()});
    message.json = &inner;
    take(message);
}

}  // namespace

void unpack(const Lines::Message& line, const std::function<void(const Message&)>& take,
            const ble::Refuse& refuse)
{
    Message message{line.topic, std::nullopt, {}, nullptr};
    if (!line.json) {
        message.text = line.payload;
        return take(message);
    }
    const json document = parsed(line.payload);
    if (!document.is_structured())
        return refuse(Garbled{"a message that is no JSON", line.payload.size()});
    if (!document.is_object() || !is_recorders(document)) {
        message.json = &document;
        return take(message);
    }
    message.topic = document.find("topic")->get_ref<const std::string&>();
    message.told_at = time_in(document, "tst", Ticks::seconds);
    unpack_payload(message, *document.find("payload"), take, refuse);
}

std::string_view level(std::string_view topic, int n)
{
    const auto cut = [](std::string_view& rest, bool from_end) {
        const auto slash = from_end ? rest.rfind('/') : rest.find('/');
        std::string_view part = rest;
        if (slash == std::string_view::npos) {
            rest = {};
        } else if (from_end) {
            part = rest.substr(slash + 1);
            rest = rest.substr(0, slash);
        } else {
            part = rest.substr(0, slash);
            rest = rest.substr(slash + 1);
        }
        return part;
    };
    std::string_view found;
    for (int i = 0; i <= (n < 0 ? -n - 1 : n); ++i) found = cut(topic, n < 0);
    return found;
}

}  // namespace raiten::drivers::gateway
