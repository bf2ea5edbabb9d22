#include "daemon/ledger/codec.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

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

std::string counts_text(const std::vector<std::uint64_t>& counts)
{
    std::string out;
    for (const auto count : counts) {
        if (!out.empty()) out += ' ';
        out += std::to_string(count);
    }
    return out;
}

std::optional<std::vector<std::uint64_t>> counts_of(const std::string& text)
{
    std::vector<std::uint64_t> out;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        std::uint64_t count = 0;
        const auto [stop, error] = std::from_chars(at, end, count);
        if (error != std::errc{} || (stop != end && *stop != ' ')) return std::nullopt;
        out.push_back(count);
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

std::string numbers_text(const std::vector<double>& numbers)
{
    return dumped(json(numbers));
}

/// By hand: a long look reads millions of them.
std::optional<std::vector<double>> numbers_of(const std::string& text)
{
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
    std::vector<double> out;
    const char* at = text.data() + 1;
    const char* const end = text.data() + text.size() - 1;
    while (at != end) {
        double number = 0;
        const auto [stop, error] = std::from_chars(at, end, number);
        if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
        if (stop != end && (*stop != ',' || stop + 1 == end)) return std::nullopt;
        out.push_back(number);
        at = stop == end ? end : stop + 1;
    }
    return out;
}

std::string receipts_text(const std::vector<VisitReceipt>& receipts)
{
    json out = json::array();
    for (const auto& r : receipts)
        out.push_back(json::array(
            {r.pos, r.number, r.day.time_since_epoch().count(), r.at.time_since_epoch().count(),
             r.total.ten_thousandths(), r.undone.ten_thousandths(), r.currency,
             static_cast<int>(r.attribution), r.confidence, r.units.ten_thousandths()}));
    return dumped(out);
}

std::optional<std::vector<VisitReceipt>> receipts_of(const std::string& text)
{
    if (text == "[]") return std::vector<VisitReceipt>{};  // most visits: a third of a long look
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
            if (r.size() > 9) one.units = money(r.at(9));  // not in format 1
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

std::string zone_figures_text(const std::map<std::string, Summary::Zone>& zones)
{
    json out = json::object();
    for (const auto& [name, zone] : zones)
        out[name] = json::array({zone.visits, zone.purchase_visits, zone.dwell.count()});
    return dumped(out);
}

std::optional<std::map<std::string, Summary::Zone>> zone_figures_of(const std::string& text)
{
    return reading(text, [](const json& all) {
        std::map<std::string, Summary::Zone> out;
        for (const auto& [name, zone] : all.items())
            out[name] = {zone.at(0).get<std::uint32_t>(), zone.at(1).get<std::uint32_t>(),
                         Millis{zone.at(2).get<std::int64_t>()}};
        return out;
    });
}

std::string currency_figures_text(const std::map<std::string, Summary::Foreign>& currencies)
{
    json out = json::object();
    for (const auto& [currency, one] : currencies)
        out[currency] = json::array({one.transactions, one.revenue.ten_thousandths()});
    return dumped(out);
}

std::optional<std::map<std::string, Summary::Foreign>> currency_figures_of(const std::string& text)
{
    return reading(text, [](const json& all) {
        std::map<std::string, Summary::Foreign> out;
        for (const auto& [currency, one] : all.items())
            out[currency] = {one.at(0).get<std::uint32_t>(), money(one.at(1))};
        return out;
    });
}

std::string disclosed_text(const Disclosed& disclosed)
{
    json out = json::object();
    out["told"] = disclosed.told;
    out["rows"] = disclosed.rows;
    return dumped(out);
}

std::string released_text(const Disclosed& disclosed)
{
    std::string out;
    out.reserve(disclosed.released.size() * 8);
    for (const auto hash : disclosed.released)
        for (unsigned shift = 0; shift < 64; shift += 8)
            out += static_cast<char>(hash >> shift & 0xFFU);
    return out;
}

std::optional<Disclosed> disclosed_of(const std::string& text, const std::string& released)
{
    auto out = reading(text, [](const json& all) {
        Disclosed one;
        const auto told = all.find("told");
        one.told = told != all.end() && told->get<bool>();
        if (all.contains("rows"))
            one.rows = all.at("rows").get<std::map<std::string, std::uint64_t>>();
        return one;
    });
    if (!out || released.size() % 8 != 0) return std::nullopt;
    for (std::size_t i = 0; i < released.size(); i += 8) {
        std::uint64_t hash = 0;
        for (std::size_t byte = 0; byte < 8; ++byte)
            hash |= std::uint64_t{static_cast<unsigned char>(released[i + byte])} << 8 * byte;
        out->released.push_back(hash);
    }
    return out;
}

}  // namespace raiten::ledger
