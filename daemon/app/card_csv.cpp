#include "daemon/app/card_csv.hpp"

#include "daemon/app/card_json.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

/// Cells in the order of the contract's columns; null where there is nothing.
std::vector<std::pair<const char*, Json>> cells_of(const ScoreCard& card,
                                                   std::chrono::minutes ahead)
{
    const auto time = [&](const std::optional<Instant>& at) {
        return at ? Json(format_instant(*at, ahead)) : Json();
    };
    const auto shown = [](const auto& value) { return value ? Json(*value) : Json(); };
    return {{"member", card.member},
            {"recency_days", shown(card.recency_days)},
            {"frequency", shown(card.frequency)},
            {"monetary", card.monetary ? Json(card.monetary->text()) : Json()},
            {"rfm_r", shown(card.rfm_r)},
            {"rfm_f", shown(card.rfm_f)},
            {"rfm_m", shown(card.rfm_m)},
            {"stage", card.stage ? Json(text_of(*card.stage)) : Json()},
            {"x", shown(card.x)},
            {"t_x", shown(card.t_x)},
            {"T", shown(card.t_total)},
            {"p_alive", shown(card.p_alive)},
            {"expected_purchases", shown(card.expected_purchases)},
            {"expected_spend", shown(card.expected_spend)},
            {"ltv", shown(card.ltv)},
            {"next_visit_at", time(card.next_visit_at)},
            {"next_visit_lo", time(card.next_visit_lo)},
            {"next_visit_hi", time(card.next_visit_hi)},
            {"p_visit_7d", shown(card.p_visit_7d)},
            {"visit_hour_from", shown(card.visit_hour_from)},
            {"visit_hour_to", shown(card.visit_hour_to)}};
}

/// The shortest decimal that reads back as the same number.
std::string text_of(double value)
{
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string text_of(const Json& cell)
{
    if (cell.is_null()) return "";
    if (cell.is_string()) return cell.get<std::string>();
    return cell.is_number_float() ? text_of(cell.get<double>()) : cell.dump();
}

/// As RFC 4180 has it.
std::string quoted(const std::string& text)
{
    std::string out{'"'};
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

}  // namespace

std::string card_header(bool reasons)
{
    std::string line;
    for (const auto& [name, ignored] : cells_of({}, {}))
        line += (line.empty() ? "" : ",") + std::string{name};
    return reasons ? line + ",reasons" : line;
}

std::string card_row(const ScoreCard& card, std::chrono::minutes ahead,
                     const scoring::Models* reasons)
{
    std::string line;
    for (const auto& [name, cell] : cells_of(card, ahead)) {
        line += text_of(cell);
        line += ',';
    }
    if (reasons) return line + quoted(reasons_json(card, *reasons, {}));
    line.pop_back();
    return line;
}

std::string card_line(const ScoreCard& card, std::chrono::minutes ahead,
                      const scoring::Models& models)
{
    Json object = Json::object();
    for (auto& [name, cell] : cells_of(card, ahead)) object[name] = std::move(cell);
    object["p_purchase"] = card.p_purchase ? Json(*card.p_purchase) : Json();
    object["reasons"] = Json::parse(reasons_json(card, models, {}));
    return object.dump();
}

}  // namespace raiten::app
