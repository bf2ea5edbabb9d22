#include "daemon/app/ctl/member_card.hpp"

#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/table.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <sstream>

namespace raiten::app::ctl {
namespace {

constexpr std::size_t margin = 16;

std::string short_number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

std::string value_text(const Json& value)
{
    if (value.is_number_float()) return short_number(value.get<double>());
    if (value.is_string()) return plain(value.get<std::string>());
    if (value.is_array()) {
        std::string all;
        for (const auto& each : value) all += (all.empty() ? "" : " ") + value_text(each);
        return all;
    }
    return plain(value.dump());
}

std::string percent(const Json& card, const char* key)
{
    const auto& value = at(card, key);
    return value.is_number() ? std::to_string(std::lround(value.get<double>() * 100)) + " %" : "";
}

/// "17:30" of 17.5 hours.
std::string hour_text(const Json& hours)
{
    if (!hours.is_number()) return "-";
    const auto minutes = std::lround(hours.get<double>() * 60);
    char text[48];
    std::snprintf(text, sizeof text, "%02ld:%02ld", minutes / 60, minutes % 60);
    return text;
}

/// An input of the reason for a score.
const Json& input_of(const Json& card, const char* score, const char* input)
{
    for (const auto& reason : at(card, "reasons"))
        if (text_at(reason, "score") == score) return at(at(reason, "from"), input);
    return at(card, "");
}

std::string days_of(const Json& card, const char* score)
{
    const auto& days = input_of(card, score, "horizon_days");
    return days.is_number() ? " within " + value_text(days) + " d" : "";
}

std::string ranks_text(const Json& card)
{
    return "recency " + shown(card, "rfm_r") + ", frequency " + shown(card, "rfm_f") + ", money "
           + shown(card, "rfm_m") + " (1 worst to 5 best)";
}

std::string buying_text(const Json& card, const std::string& currency)
{
    auto text = value_text(at(card, "expected_purchases")) + " purchases"
                + days_of(card, "expected_purchases");
    if (card.contains("expected_spend"))
        text += ", of " + text_at(card, "expected_spend") + " " + currency + " each";
    if (card.contains("ltv")) text += "; today worth " + text_at(card, "ltv") + " " + currency;
    return text;
}

std::string next_visit_text(const Json& card)
{
    auto text = time_shown(card, "next_visit_at") + "; 80 %: " + time_shown(card, "next_visit_lo")
                + " to " + time_shown(card, "next_visit_hi");
    if (card.contains("visit_hour_from"))
        text += "; likeliest " + hour_text(at(card, "visit_hour_from")) + " to "
                + hour_text(at(card, "visit_hour_to"));
    return text;
}

std::string reasons_text(const Json& card)
{
    std::string out{"\n"};
    for (const auto& reason : at(card, "reasons")) {
        const auto rule = text_at(reason, "rule"), model = text_at(reason, "model");
        const auto facts = facts_text(at(reason, "from"));
        out += labelled(text_at(reason, "score"),
                        (rule.empty() ? "model " + plain(model) : "rule " + plain(rule))
                            + (facts.empty() ? "" : ": " + facts));
    }
    return out;
}

void add_facts(const Json& value, const std::string& name, std::string& out)
{
    if (value.is_object()) {
        for (const auto& [key, each] : value.items()) add_facts(each, key, out);
        return;
    }
    if (value.is_null()) return;
    out += (out.empty() ? "" : ", ") + plain(name) + " " + value_text(value);
}

}  // namespace

std::string labelled(const std::string& label, const std::string& words)
{
    std::string out;
    std::istringstream lines{wrapped(words, Table::columns_max - margin)};
    auto head = plain(label);
    if (head.size() >= margin) {
        out = head + "\n";
        head.clear();
    }
    for (std::string line; std::getline(lines, line); head.clear()) {
        head.resize(margin, ' ');
        out += head + line + "\n";
    }
    return out;
}

std::string facts_text(const Json& object)
{
    std::string out;
    add_facts(object, "", out);
    return out;
}

std::string card_text(const Json& member, bool why)
{
    const auto& card = at(member, "score");
    if (!card.is_object())
        return labelled("score", "none yet: every night all members are scored who may be");
    const auto currency = plain(text_at(member, "currency"));
    auto out = labelled("stage", text_at(card, "stage")) + labelled("ranks", ranks_text(card));
    const auto line = [&](const char* key, const char* label, const std::string& words) {
        if (card.contains(key)) out += labelled(label, words);
    };
    line("p_alive", "still there", percent(card, "p_alive"));
    line("expected_purchases", "expected", buying_text(card, currency));
    line("p_purchase", "buys again", percent(card, "p_purchase") + days_of(card, "p_purchase"));
    line("next_visit_at", "next visit", next_visit_text(card));
    line("p_visit_7d", "within 7 days", percent(card, "p_visit_7d"));
    line("propensity", "buys this time", percent(card, "propensity"));
    return why ? out + reasons_text(card) : out;
}

}  // namespace raiten::app::ctl
