#include "daemon/ledger/codec.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace raiten::ledger {
namespace {

using nlohmann::json;

std::string dumped(const json& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Parses, and turns every wrong type or index into nothing.
template <class Read>
auto reading(const std::string& text, Read read) -> std::optional<decltype(read(json{}))>
{
    try {
        return read(json::parse(text));
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

Money money(const json& value)
{
    return Money::from_ten_thousandths(value.get<std::int64_t>());
}

}  // namespace

std::string zones_text(const std::map<std::string, Millis>& zones)
{
    json out = json::object();
    for (const auto& [zone, span] : zones) out[zone] = span.count();
    return dumped(out);
}

std::optional<std::map<std::string, Millis>> zones_of(const std::string& text)
{
    return reading(text, [](const json& all) {
        std::map<std::string, Millis> out;
        for (const auto& [zone, span] : all.items())
            out.emplace(zone, Millis{span.get<std::int64_t>()});
        return out;
    });
}

std::string days_text(const std::vector<std::chrono::sys_days>& days)
{
    std::string out;
    for (const auto day : days) {
        if (!out.empty()) out += ' ';
        out += std::to_string(day.time_since_epoch().count());
    }
    return out;
}

std::optional<std::vector<std::chrono::sys_days>> days_of(const std::string& text)
{
    std::vector<std::chrono::sys_days> out;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        int day = 0;
        const auto [stop, error] = std::from_chars(at, end, day);
        if (error != std::errc{} || (stop != end && *stop != ' ')) return std::nullopt;
        out.emplace_back(std::chrono::days{day});
        at = stop == end ? end : stop + 1;
    }
    return out;
}

std::string names_text(const std::vector<std::string>& names)
{
    return dumped(json(names));
}

std::optional<std::vector<std::string>> names_of(const std::string& text)
{
    return reading(text, [](const json& all) { return all.get<std::vector<std::string>>(); });
}

std::string receipts_text(const std::vector<VisitReceipt>& receipts)
{
    json out = json::array();
    for (const auto& r : receipts)
        out.push_back(json::array({r.pos, r.number, r.day.time_since_epoch().count(),
                                   r.at.time_since_epoch().count(), r.total.ten_thousandths(),
                                   r.undone.ten_thousandths(), r.currency,
                                   static_cast<int>(r.attribution), r.confidence}));
    return dumped(out);
}

std::optional<std::vector<VisitReceipt>> receipts_of(const std::string& text)
{
    return reading(text, [](const json& all) {
        std::vector<VisitReceipt> out;
        for (const auto& r : all) {
            VisitReceipt one;
            one.pos = r.at(0).get<std::string>();
            one.number = r.at(1).get<std::string>();
            one.day = std::chrono::sys_days{std::chrono::days{r.at(2).get<int>()}};
            one.at = Instant{Millis{r.at(3).get<std::int64_t>()}};
            one.total = money(r.at(4));
            one.undone = money(r.at(5));
            one.currency = r.at(6).get<std::string>();
            one.attribution = static_cast<Attribution>(r.at(7).get<int>());
            one.confidence = r.at(8).get<double>();
            out.push_back(std::move(one));
        }
        return out;
    });
}

std::string lines_text(const std::vector<ReceiptLine>& lines)
{
    json out = json::array();
    for (const auto& line : lines)
        out.push_back(json::array({line.sku, line.name, line.quantity.ten_thousandths(),
                                   line.amount.ten_thousandths(), line.category}));
    return dumped(out);
}

std::optional<std::vector<ReceiptLine>> lines_of(const std::string& text)
{
    return reading(text, [](const json& all) {
        std::vector<ReceiptLine> out;
        for (const auto& line : all)
            out.push_back({line.at(0).get<std::string>(), line.at(1).get<std::string>(),
                           money(line.at(2)), money(line.at(3)), line.at(4).get<std::string>()});
        return out;
    });
}

}  // namespace raiten::ledger
