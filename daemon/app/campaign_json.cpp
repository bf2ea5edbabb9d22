#include "daemon/app/campaign_json.hpp"

#include "daemon/app/nearest.hpp"
#include "daemon/app/token_text.hpp"
#include "daemon/app/units.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

namespace raiten::app {
namespace {

using nlohmann::json;

constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t where_bytes_max = 4096;
constexpr std::size_t text_bytes_max = 1024;
constexpr std::size_t languages_max = 16;
constexpr int depth_max = 8;
constexpr std::int64_t count_max = 1'000'000'000;
constexpr double budget_units_max = 1e12;

std::string line_and_column(std::string_view text, std::size_t at)
{
    const auto before = text.substr(0, std::min(at > 0 ? at - 1 : 0, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto start = before.rfind('\n');
    const auto column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return std::to_string(line) + ":" + std::to_string(column);
}

std::string pointer_part(const std::string& key)
{
    std::string out;
    for (const char c : key.substr(0, 64)) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

/// Refuses what the DOM would hide: keys that stand twice, and nesting without end.
class Strict {
 public:
    bool operator()(int depth, json::parse_event_t event, const json& parsed)
    {
        if (depth > depth_max) too_deep_ = true;
        if (event == json::parse_event_t::object_start) keys_.emplace_back();
        if (event == json::parse_event_t::object_end && !keys_.empty()) keys_.pop_back();
        if (event == json::parse_event_t::key && !keys_.empty()
            && !keys_.back().insert(parsed.get<std::string>()).second)
            repeated_ = parsed.get<std::string>();
        return true;
    }
    bool too_deep() const { return too_deep_; }
    const std::string& repeated() const { return repeated_; }

 private:
    std::vector<std::set<std::string>> keys_;
    std::string repeated_;
    bool too_deep_{};
};

class CampaignParser {
 public:
    CampaignParser(const WhereChecker& check, std::vector<Problem>& problems)
        : check_{check}, problems_{problems}
    {
    }

    Campaign parse(const json& root)
    {
        Campaign c;
        if (!object(root, "", campaign_keys())) return c;
        c.id = id(root);
        c.moment = moment(root);
        c.where = where(root);
        offers(root, c);
        if (const auto* at = find(root, "starts_at")) c.starts_at = instant(*at, "/starts_at");
        if (const auto* at = find(root, "ends_at")) c.ends_at = instant(*at, "/ends_at");
        if (c.starts_at && c.ends_at && *c.ends_at <= *c.starts_at)
            blame("/ends_at", "is not after starts_at", "");
        if (const auto* span = find(root, "valid_for")) c.valid_for = duration(*span, "/valid_for");
        if (const auto* share = find(root, "control")) c.control = control(*share);
        if (const auto* limit = find(root, "per_member"))
            c.per_member.push_back(per_member(*limit));
        if (const auto* limit = find(root, "per_day"))
            c.per_store.push_back({count(*limit, "/per_day"), {}});
        if (const auto* limit = find(root, "budget")) c.budget = money(*limit, "/budget");
        if (const auto* gap = find(root, "min_gap")) c.min_gap = duration(*gap, "/min_gap");
        return c;
    }

 private:
    void blame(std::string pointer, std::string what, std::string advice)
    {
        problems_.push_back(
            {std::move(what), pointer.empty() ? "/" : std::move(pointer), std::move(advice)});
    }

    static const json* find(const json& object, const char* key)
    {
        const auto it = object.find(key);
        return it == object.end() ? nullptr : &*it;
    }

    bool object(const json& value, const std::string& pointer,
                const std::vector<std::string>& known)
    {
        if (!value.is_object()) {
            blame(pointer, "is not an object", "write { … }");
            return false;
        }
        for (const auto& [key, ignored] : value.items())
            if (std::find(known.begin(), known.end(), key) == known.end())
                blame(pointer + "/" + pointer_part(key), "there is no such key",
                      advice_for(key, known));
        return true;
    }

    std::string text(const json& value, const std::string& pointer, std::size_t bytes_max,
                     bool may_be_empty)
    {
        if (!value.is_string()) {
            blame(pointer, "is not a text", "write it in quotes");
            return {};
        }
        auto read = value.get<std::string>();
        if (read.empty() && !may_be_empty) blame(pointer, "is empty", "");
        if (read.size() > bytes_max)
            blame(pointer, "is longer than " + std::to_string(bytes_max) + " bytes", "");
        else if (!is_plain_utf8(read))
            blame(pointer, "holds control characters", "");
        return read;
    }

    std::string name(const json& object, const char* key, const std::string& pointer)
    {
        const auto* value = find(object, key);
        if (value == nullptr) {
            blame(pointer, "is missing", "write 1 to 64 letters, digits, - and _");
            return {};
        }
        const auto read = text(*value, pointer, id_bytes_max, false);
        if (read.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789-_")
            != std::string::npos)
            blame(pointer, "has other characters than letters, digits, - and _", "");
        return read;
    }

    std::string id(const json& root) { return name(root, "id", "/id"); }

    Moment moment(const json& root)
    {
        const auto* value = find(root, "moment");
        const std::string known{text_of(Moment::non_purchase_return)};
        if (value == nullptr || !value->is_string()) {
            blame("/moment", "is missing", "known: " + known);
            return {};
        }
        const auto read = moment_of(value->get_ref<const std::string&>());
        if (!read)
            blame(
                "/moment",
                "'" + value->get<std::string>().substr(0, 40) + "' is not a moment of this version",
                "known: " + known);
        return read.value_or(Moment{});
    }

    std::string where(const json& root)
    {
        const auto* value = find(root, "where");
        if (value == nullptr) return {};
        const auto before = problems_.size();
        auto read = text(*value, "/where", where_bytes_max, true);
        if (read.empty() || problems_.size() > before || !check_) return read;
        if (const auto compiled = check_(read); !compiled)
            blame("/where", compiled.error().what, compiled.error().advice);
        return read;
    }

    void offers(const json& root, Campaign& campaign)
    {
        const auto* list = find(root, "offers");
        if (list == nullptr || !list->is_array() || list->empty()) {
            blame("/offers", list == nullptr ? "is missing" : "is not a list of offers",
                  "write at least one offer: [{\"code\": …, \"text\": {…}}]");
            return;
        }
        if (list->size() > campaign_offers_max) {
            blame("/offers", "more than " + std::to_string(campaign_offers_max) + " offers", "");
            return;
        }
        std::set<std::string> codes;
        for (std::size_t i = 0; i < list->size(); ++i) {
            const auto pointer = "/offers/" + std::to_string(i);
            campaign.offers.push_back(offer((*list)[i], pointer));
            const auto& code = campaign.offers.back().code;
            if (!code.empty() && !codes.insert(code).second)
                blame(pointer + "/code", "is there twice", "");
        }
    }

    Offer offer(const json& value, const std::string& pointer)
    {
        Offer o;
        if (!object(value, pointer, offer_keys())) return o;
        o.code = name(value, "code", pointer + "/code");
        if (const auto* texts = find(value, "text"))
            o.text = languages(*texts, pointer + "/text");
        else
            blame(pointer + "/text", "is missing", "write {\"ja\": \"…\", \"en\": \"…\"}");
        if (const auto* worth = find(value, "value")) o.value = money(*worth, pointer + "/value");
        if (const auto* cost = find(value, "cost")) o.cost = money(*cost, pointer + "/cost");
        if (const auto* item = find(value, "item"))
            o.item = text(*item, pointer + "/item", id_bytes_max, true);
        return o;
    }

    std::map<std::string, std::string> languages(const json& value, const std::string& pointer)
    {
        std::map<std::string, std::string> texts;
        if (!value.is_object() || value.empty() || value.size() > languages_max) {
            blame(pointer, "is not a text by language", "write {\"ja\": \"…\", \"en\": \"…\"}");
            return texts;
        }
        for (const auto& [language, said] : value.items()) {
            const auto place = pointer + "/" + pointer_part(language);
            if (language.size() < 2 || language.size() > 35
                || language.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
                       != std::string::npos)
                blame(place, "is not a language", "such as \"ja\" or \"en\"");
            else
                texts[language] = text(said, place, text_bytes_max, false);
        }
        return texts;
    }

    Money money(const json& value, const std::string& pointer)
    {
        if (!value.is_string()) {
            blame(pointer, "is not a decimal string", "write money in quotes, such as \"300\"");
            return {};
        }
        const auto read = Money::parse(value.get_ref<const std::string&>());
        if (!read)
            blame(pointer, read.error().what, "such as \"300\" or \"4.50\"");
        else if (*read < Money{})
            blame(pointer, "is negative", "");
        else if (read->units() > budget_units_max)
            blame(pointer, "is too large", "");
        return read ? *read : Money{};
    }

    Millis duration(const json& value, const std::string& pointer)
    {
        if (!value.is_string()) {
            blame(pointer, "is not a duration", "write it in quotes with a unit: \"24h\"");
            return {};
        }
        const auto read = parse_duration(value.get_ref<const std::string&>());
        if (!read)
            blame(pointer, read.error().what, read.error().advice);
        else if (read->count() == 0)
            blame(pointer, "is no time at all", "");
        return read ? *read : Millis{};
    }

    std::optional<Instant> instant(const json& value, const std::string& pointer)
    {
        const auto read = value.is_string() ? parse_instant(value.get_ref<const std::string&>())
                                            : Result<Instant>{Problem{"is not a time"}};
        if (read) return *read;
        blame(pointer, read.error().what,
              "write ISO 8601 with an offset, such as \"2026-11-22T00:00:00+09:00\"");
        return std::nullopt;
    }

    double control(const json& value)
    {
        const double share = value.is_number() ? value.get<double>() : -1.0;
        if (share >= 0.0 && share <= 1.0) return share;
        blame("/control", "is not a share", "write a number from 0 to 1, such as 0.1");
        return 0.0;
    }

    std::uint32_t count(const json& value, const std::string& pointer)
    {
        if (value.is_number_unsigned() && value.get<std::uint64_t>() >= 1
            && value.get<std::uint64_t>() <= count_max)
            return value.get<std::uint32_t>();
        blame(pointer, "is not a count", "write a whole number from 1 on");
        return 0;
    }

    UseLimit per_member(const json& value)
    {
        UseLimit limit;
        if (!object(value, "/per_member", per_member_keys())) return limit;
        const auto* times = find(value, "count");
        const auto* period = find(value, "period");
        if (times == nullptr)
            blame("/per_member/count", "is missing", "");
        else
            limit.count = count(*times, "/per_member/count");
        if (period == nullptr)
            blame("/per_member/period", "is missing", "such as \"30d\"");
        else
            limit.period = duration(*period, "/per_member/period");
        return limit;
    }

    const WhereChecker& check_;
    std::vector<Problem>& problems_;
};

nlohmann::ordered_json offer_json(const Offer& offer)
{
    nlohmann::ordered_json out{{"code", offer.code}, {"text", offer.text}};
    if (offer.value != Money{}) out["value"] = offer.value.text();
    if (offer.cost != Money{}) out["cost"] = offer.cost.text();
    if (!offer.item.empty()) out["item"] = offer.item;
    return out;
}

}  // namespace

const std::vector<std::string>& campaign_keys()
{
    static const std::vector<std::string> keys{"id",         "moment",  "where",     "offers",
                                               "starts_at",  "ends_at", "valid_for", "control",
                                               "per_member", "per_day", "budget",    "min_gap"};
    return keys;
}

const std::vector<std::string>& offer_keys()
{
    static const std::vector<std::string> keys{"code", "text", "value", "cost", "item"};
    return keys;
}

const std::vector<std::string>& per_member_keys()
{
    static const std::vector<std::string> keys{"count", "period"};
    return keys;
}

CampaignRead parse_campaign(std::string_view text, const WhereChecker& check)
{
    CampaignRead read;
    if (text.size() > campaign_bytes_max) {
        read.problems.push_back(
            {"a campaign of more than " + std::to_string(campaign_bytes_max) + " bytes"});
        return read;
    }
    try {
        Strict strict;
        const auto root = json::parse(text, std::ref(strict));
        if (strict.too_deep()) {
            read.problems.push_back({"is nested too deeply", "/"});
            return read;
        }
        if (!strict.repeated().empty())
            read.problems.push_back(
                {"the key '" + strict.repeated().substr(0, 64) + "' stands twice in one object",
                 "/", "keep one of them"});
        auto campaign = CampaignParser{check, read.problems}.parse(root);
        if (read.problems.empty()) read.campaign = std::move(campaign);
    } catch (const json::parse_error& error) {
        read.problems.push_back({"is not JSON from here on", line_and_column(text, error.byte)});
    }
    return read;
}

std::string write_campaign(const Campaign& c)
{
    const auto utc = [](Instant at) { return format_instant(at, std::chrono::minutes{0}); };
    nlohmann::ordered_json out{{"id", c.id}, {"moment", text_of(c.moment)}};
    if (!c.where.empty()) out["where"] = c.where;
    out["offers"] = nlohmann::ordered_json::array();
    for (const auto& offer : c.offers) out["offers"].push_back(offer_json(offer));
    if (c.starts_at) out["starts_at"] = utc(*c.starts_at);
    if (c.ends_at) out["ends_at"] = utc(*c.ends_at);
    out["valid_for"] = duration_text(c.valid_for);
    out["control"] = c.control;
    for (const auto& limit : c.per_member)
        if (limit.period)
            out["per_member"] = {{"count", limit.count}, {"period", duration_text(*limit.period)}};
    for (const auto& limit : c.per_store)
        if (!limit.period) out["per_day"] = limit.count;
    if (c.budget) out["budget"] = c.budget->text();
    if (c.min_gap) out["min_gap"] = duration_text(*c.min_gap);
    return out.dump(2) + "\n";
}

}  // namespace raiten::app
