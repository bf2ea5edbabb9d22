#include "daemon/app/campaign_check.hpp"
#include "daemon/app/campaign_json.hpp"
#include "daemon/app/campaign_values.hpp"
#include "daemon/app/nearest.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace raiten::app {
namespace {

using nlohmann::json;

constexpr std::size_t where_bytes_max = 2000;
constexpr std::size_t item_bytes_max = 64;
constexpr int depth_max = 8;
constexpr std::size_t problems_max = 32;
constexpr Millis span_max = std::chrono::hours{24 * 400};
constexpr Millis store_period_max = std::chrono::hours{24 * 31};
constexpr Millis lead_max = std::chrono::hours{24 * 7};

std::string line_and_column(std::string_view text, std::size_t at)
{
    const auto before = text.substr(0, std::min(at > 0 ? at - 1 : 0, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto start = before.rfind('\n');
    const auto column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return std::to_string(line) + ":" + std::to_string(column);
}

/// Refuses what the DOM would hide: keys that stand twice, and nesting without end.
class Strict {
 public:
    bool operator()(int depth, json::parse_event_t event, const json& parsed)
    {
        if (depth > depth_max) too_deep_ = true;
        if (too_deep_) return false;
        if (event == json::parse_event_t::object_start) keys_.emplace_back();
        if (event == json::parse_event_t::object_end && !keys_.empty()) keys_.pop_back();
        if (event == json::parse_event_t::key && !keys_.empty()
            && !keys_.back().insert(parsed.get<std::string>()).second)
            repeated_ = parsed.get<std::string>();
        return true;
    }
    bool too_deep() const { return too_deep_; }
    const std::optional<std::string>& repeated() const { return repeated_; }

 private:
    std::vector<std::set<std::string>> keys_;
    std::optional<std::string> repeated_;
    bool too_deep_{};
};

const json* find(const json& object, const char* key)
{
    const auto it = object.find(key);
    return it == object.end() ? nullptr : &*it;
}

/// A word of a short list, such as a moment or a channel.
template <class Word, class Of>
Word word(CampaignValues& values, const json* value, const std::string& pointer, const char* kind,
          const std::vector<std::string>& known, const Of& of)
{
    const auto said = value != nullptr && value->is_string() ? value->get_ref<const std::string&>()
                                                             : std::string{};
    const auto read = of(said);
    if (read) return *read;
    std::string all;
    for (const auto& each : known) all += (all.empty() ? "" : ", ") + each;
    if (value == nullptr || !value->is_string())
        values.blame(pointer, value == nullptr ? "is missing" : "is not a text", "one of " + all);
    else if (const auto meant = said.size() > item_bytes_max ? std::nullopt : nearest(said, known))
        values.blame(pointer, "'" + cut_text(said, 40) + "' is not " + kind,
                     "did you mean '" + *meant + "'?");
    else
        values.blame(pointer, "'" + cut_text(said, 40) + "' is not " + kind, "one of " + all);
    return {};
}

std::vector<std::string> moment_names()
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < moment_count; ++i)
        names.emplace_back(text_of(static_cast<Moment>(i)));
    return names;
}

std::vector<std::string> channel_names()
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < channel_count; ++i)
        names.emplace_back(text_of(static_cast<Channel>(i)));
    return names;
}

class CampaignParser {
 public:
    CampaignParser(const WhereChecker& check, std::vector<Problem>& problems)
        : check_{check}, values_{problems}
    {
    }

    Campaign parse(const json& root)
    {
        Campaign c;
        if (!values_.object(root, "", campaign_keys())) return c;
        c.id = values_.name(find(root, "id"), "/id");
        c.moment = word<Moment>(values_, find(root, "moment"), "/moment", "a moment",
                                moment_names(), &moment_of);
        c.where = where(root);
        offers(root, c);
        if (const auto* at = find(root, "starts_at"))
            c.starts_at = values_.instant(*at, "/starts_at");
        if (const auto* at = find(root, "ends_at")) c.ends_at = values_.instant(*at, "/ends_at");
        if (const auto* span = find(root, "valid_for"))
            c.valid_for = values_.duration(*span, "/valid_for", span_max);
        lead(root, c);
        if (const auto* channel = find(root, "channel"))
            c.channel = word<Channel>(values_, channel, "/channel", "a channel", channel_names(),
                                      &channel_of);
        if (const auto* share = find(root, "control"))
            c.control = values_.share(*share, "/control", 0, "0.1");
        limits(root, c);
        return c;
    }

 private:
    std::string where(const json& root)
    {
        const auto* value = find(root, "where");
        if (value == nullptr) return {};
        const auto before = values_.blamed();
        auto read = values_.text(*value, "/where", where_bytes_max, true);
        if (read.empty() || values_.blamed() > before || !check_) return read;
        if (const auto compiled = check_(read); !compiled) {
            const auto& why = compiled.error();
            values_.blame("/where", why.where.empty() ? why.what : why.what + " at " + why.where,
                          why.advice);
        }
        return read;
    }

    void offers(const json& root, Campaign& campaign)
    {
        const auto* list = find(root, "offers");
        if (list == nullptr || !list->is_array() || list->empty()) {
            values_.blame("/offers", list == nullptr ? "is missing" : "is not a list of offers",
                          "write at least one offer: [{\"code\": …, \"text\": {…}}]");
            return;
        }
        if (list->size() > campaign_offers_max) {
            values_.blame("/offers", "more than " + std::to_string(campaign_offers_max) + " offers",
                          "split the campaign");
            return;
        }
        std::set<std::string> codes;
        for (std::size_t i = 0; i < list->size(); ++i) {
            const auto pointer = "/offers/" + std::to_string(i);
            campaign.offers.push_back(offer((*list)[i], pointer));
            const auto& code = campaign.offers.back().code;
            if (!code.empty() && !codes.insert(code).second)
                values_.blame(pointer + "/code", "is there twice",
                              "each offer has a code of its own");
        }
    }

    Offer offer(const json& value, const std::string& pointer)
    {
        Offer o;
        if (!values_.object(value, pointer, offer_keys())) return o;
        o.code = values_.name(find(value, "code"), pointer + "/code");
        if (const auto* texts = find(value, "text"))
            o.text = values_.languages(*texts, pointer + "/text");
        else
            values_.blame(pointer + "/text", "is missing", "write {\"ja\": \"…\", \"en\": \"…\"}");
        if (const auto* worth = find(value, "value"))
            o.value = values_.money(*worth, pointer + "/value");
        if (const auto* cost = find(value, "cost"))
            o.cost = values_.money(*cost, pointer + "/cost");
        if (const auto* item = find(value, "item"))
            o.item = values_.text(*item, pointer + "/item", item_bytes_max, true);
        return o;
    }

    void lead(const json& root, Campaign& c)
    {
        const auto* span = find(root, "lead");
        if (span == nullptr) return;
        c.lead = values_.duration(*span, "/lead", lead_max);
        const auto* moment = find(root, "moment");
        if (moment == nullptr || *moment != text_of(Moment::visit_predicted))
            values_.blame("/lead", "is only for the moment visit_predicted",
                          "leave it out, or set the moment to \"visit_predicted\"");
    }

    void limits(const json& root, Campaign& c)
    {
        if (const auto* limit = find(root, "per_member"))
            c.per_member = use_limits(*limit, "/per_member", span_max);
        if (const auto* limit = find(root, "per_store"))
            c.per_store = use_limits(*limit, "/per_store", store_period_max);
        if (const auto* limit = find(root, "per_day"))
            c.per_store.insert(c.per_store.begin(), {values_.count(limit, "/per_day"), {}});
        if (const auto* limit = find(root, "budget")) c.budget = values_.money(*limit, "/budget");
        if (const auto* kept = find(root, "stock")) c.stock = stock(*kept);
        if (const auto* chain = find(root, "leased")) {
            c.leased = values_.flag(*chain, "/leased");
            if (c.leased && find(root, "budget") == nullptr && find(root, "stock") == nullptr)
                values_.blame("/leased", "there is nothing that head office could lease",
                              "add a budget or a stock, or leave leased out");
        }
        if (const auto* quiet = find(root, "quiet_hours")) c.quiet_hours = quiet_hours(*quiet);
        if (const auto* gap = find(root, "min_gap"))
            c.min_gap = values_.duration(*gap, "/min_gap", span_max);
        if (const auto* whom = find(root, "target")) c.target = target(*whom);
    }

    std::vector<UseLimit> use_limits(const json& value, const std::string& pointer, Millis most)
    {
        if (!value.is_array()) return {use_limit(value, pointer, most)};
        if (value.empty() || value.size() > campaign_limits_max) {
            values_.blame(pointer, "is not a list of 1 to 4 limits",
                          "such as [{\"count\": 1, \"period\": \"day\"}]");
            return {};
        }
        std::vector<UseLimit> all;
        for (std::size_t i = 0; i < value.size(); ++i)
            all.push_back(use_limit(value[i], pointer + "/" + std::to_string(i), most));
        return all;
    }

    UseLimit use_limit(const json& value, const std::string& pointer, Millis most)
    {
        UseLimit limit;
        if (!values_.object(value, pointer, limit_keys())) return limit;
        limit.count = values_.count(find(value, "count"), pointer + "/count");
        const auto* period = find(value, "period");
        if (period == nullptr)
            values_.blame(pointer + "/period", "is missing",
                          "such as \"30d\", or \"day\" for the business day");
        else if (*period != "day")
            limit.period = values_.duration(*period, pointer + "/period", most);
        return limit;
    }

    Campaign::Stock stock(const json& value)
    {
        Campaign::Stock out;
        if (!values_.object(value, "/stock", stock_keys())) return out;
        out.count = values_.count(find(value, "count"), "/stock/count");
        const auto* per = find(value, "per");
        if (per == nullptr || (*per != "day" && *per != "campaign"))
            values_.blame("/stock/per", per == nullptr ? "is missing" : "is not a span of a stock",
                          "write \"day\" or \"campaign\"");
        out.daily = per != nullptr && *per == "day";
        out.spread = out.daily;
        if (const auto* spread = find(value, "spread")) {
            out.spread = values_.flag(*spread, "/stock/spread");
            if (!out.daily)
                values_.blame("/stock/spread", "only a stock per day can be spread over the day",
                              "leave it out, or write \"per\": \"day\"");
        }
        return out;
    }

    QuietHours quiet_hours(const json& value)
    {
        QuietHours out;
        if (!values_.object(value, "/quiet_hours", quiet_hours_keys())) return out;
        const auto before = values_.blamed();
        out.from = values_.time_of_day(find(value, "from"), "/quiet_hours/from");
        out.to = values_.time_of_day(find(value, "to"), "/quiet_hours/to");
        if (values_.blamed() == before && out.from == out.to)
            values_.blame("/quiet_hours", "cover the whole day: nobody would ever get a coupon",
                          "let them end at another time than they begin, or leave them out");
        return out;
    }

    Campaign::Target target(const json& value)
    {
        Campaign::Target out;
        if (!values_.object(value, "/target", target_keys())) return out;
        const auto* top = find(value, "top_share");
        const auto* floor = find(value, "uplift_min");
        if ((top == nullptr) == (floor == nullptr))
            values_.blame("/target", top ? "has both top_share and uplift_min" : "says nothing",
                          "write {\"top_share\": 0.3} or {\"uplift_min\": 0.02}");
        if (top) out.top_share = values_.share(*top, "/target/top_share", 0.01, "0.3");
        if (floor) out.uplift_min = values_.share(*floor, "/target/uplift_min", 0, "0.02");
        return out;
    }

    const WhereChecker& check_;
    CampaignValues values_;
};

void read_json(std::string_view text, const CampaignGround& ground, CampaignRead& read)
{
    Strict strict;
    const auto root = json::parse(text, std::ref(strict));
    if (strict.too_deep()) {
        read.problems.push_back(
            {"is nested too deeply", "/",
             "a campaign has at most " + std::to_string(depth_max) + " levels of brackets"});
        return;
    }
    if (strict.repeated())
        read.problems.push_back(
            {"the key '" + cut_text(*strict.repeated(), 64) + "' stands twice in one object", "/",
             "keep one of them"});
    auto campaign = CampaignParser{ground.where, read.problems}.parse(root);
    if (!read.problems.empty()) return;
    auto findings = check_campaign(campaign, ground);
    read.problems = std::move(findings.errors);
    if (!read.problems.empty()) return;
    read.warnings = std::move(findings.warnings);
    read.campaign = std::move(campaign);
}

}  // namespace

const std::vector<std::string>& campaign_keys()
{
    static const std::vector<std::string> keys{
        "id",    "moment",  "where",       "offers",     "starts_at", "ends_at", "valid_for",
        "lead",  "channel", "control",     "per_member", "per_store", "per_day", "budget",
        "stock", "leased",  "quiet_hours", "min_gap",    "target"};
    return keys;
}

const std::vector<std::string>& offer_keys()
{
    static const std::vector<std::string> keys{"code", "text", "value", "cost", "item"};
    return keys;
}

const std::vector<std::string>& limit_keys()
{
    static const std::vector<std::string> keys{"count", "period"};
    return keys;
}

const std::vector<std::string>& stock_keys()
{
    static const std::vector<std::string> keys{"count", "per", "spread"};
    return keys;
}

const std::vector<std::string>& quiet_hours_keys()
{
    static const std::vector<std::string> keys{"from", "to"};
    return keys;
}

const std::vector<std::string>& target_keys()
{
    static const std::vector<std::string> keys{"top_share", "uplift_min"};
    return keys;
}

CampaignRead parse_campaign(std::string_view text, const CampaignGround& ground)
{
    CampaignRead read;
    if (text.size() > campaign_bytes_max) {
        read.problems.push_back(
            {"a campaign of more than " + std::to_string(campaign_bytes_max) + " bytes", "/",
             "this is no campaign; offers and texts need a few thousand"});
        return read;
    }
    try {
        read_json(text, ground, read);
    } catch (const json::parse_error& error) {
        read.problems.push_back({"is not JSON from here on", line_and_column(text, error.byte),
                                 "look for a missing comma, quote or bracket just before"});
    } catch (const json::exception&) {
        read.problems.push_back({"holds a number that is too large", "/", "write a smaller one"});
    }
    if (read.problems.size() > problems_max) {
        const auto more = read.problems.size() - problems_max;
        read.problems.resize(problems_max);
        read.problems.push_back(
            {"and " + std::to_string(more) + " more mistakes", "/", "mend these first"});
    }
    return read;
}

}  // namespace raiten::app
