#include "daemon/app/summary_json.hpp"

#include "daemon/base/hex.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/kpi/quantiles.hpp"
#include "daemon/kpi/unique_count.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <span>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 5> steps{"1", "2", "3", "4", "5+"};
constexpr std::array<const char*, 5> step_rows{"step1", "step2", "step3", "step4", "step5"};

/// In thousandths: no figure is known any better.
Json ratio(double above, double below)
{
    if (below == 0.0) return {};
    return std::round(above / below * 1e6) / 1e6;
}

double seconds(Millis span)
{
    return static_cast<double>(span.count()) / 1000.0;
}

Json sketch(const std::string& bytes)
{
    if (bytes.empty()) return {};
    return "\\x" + to_hex(std::as_bytes(std::span{bytes.data(), bytes.size()}));
}

/// The four of a MeanCount.
Json sketches(const std::string& bytes)
{
    if (bytes.empty()) return {};
    Json out = Json::array();
    for (std::size_t at = 0; at < bytes.size(); at += UniqueCount::byte_count)
        out.push_back(sketch(bytes.substr(at, UniqueCount::byte_count)));
    return out;
}

/// p50, p75, p90, p99 and the digest that they come from.
void put_quantiles(Json& into, const std::string& text)
{
    const auto digest = text.empty() ? Result<Quantiles>{Quantiles{}} : Quantiles::from_text(text);
    for (const auto& [name, share] :
         {std::pair{"p50", 0.5}, {"p75", 0.75}, {"p90", 0.9}, {"p99", 0.99}}) {
        const auto value = digest ? digest->quantile(share) : std::nullopt;
        into[name] = value ? Json(std::round(*value * 1e4) / 1e4) : Json();
    }
    into["digest"] = text.empty() ? Json() : Json(text);
}

class Figures {
 public:
    Figures(const Summary& summary, const Sender& sender, Reader reader)
        : s_{summary}, sender_{sender}, reader_{reader}
    {
    }

    Json data()
    {
        Json out;
        out["bucket"] = s_.bucket == Summary::Bucket::hour ? "hour" : "day";
        out["from"] = time(s_.from);
        out["to"] = time(s_.to);
        out["day"] = format_day(s_.day);
        out["revision"] = s_.revision;
        out["observed_minutes"] = s_.observed_minutes;
        put_visits(out);
        put_passing(out);
        put_money(out);
        put_steps(out);
        put_receipts(out);
        put_coupons(out);
        put_zones(out);
        out["suppressed"] = suppressed_;
        return out;
    }

 private:
    std::string time(Instant at) const { return format_instant(at, sender_.clock.offset_at(at)); }

    std::string money(Money amount) const
    {
        const auto& currency = s_.currency.empty() ? sender_.currency : s_.currency;
        return amount.text(currency_decimals(currency));
    }
    /// Rounded to the ten-thousandth.
    Json mean_money(Money amount, std::uint32_t count) const
    {
        if (count == 0) return {};
        const auto mean = std::llround(static_cast<double>(amount.ten_thousandths()) / count);
        return money(Money::from_ten_thousandths(mean));
    }

    bool sees(const std::string& row) const
    {
        return reader_ == Reader::staff || (s_.disclosed.told && s_.disclosed.shows(row));
    }
    /// The same; what is withheld is named.
    bool shows(const std::string& row)
    {
        if (sees(row)) return true;
        suppressed_.push_back(row);
        return false;
    }

    void put_visits(Json& out)
    {
        const bool seen = shows("visits");
        const auto put = [&](const char* name, std::uint32_t count) {
            out[name] = seen ? Json(count) : Json();
        };
        put("visits", s_.visits);
        put("members", s_.members);
        put("new_members", s_.new_members);
        put("purchase_visits", s_.purchase_visits);
        put("purchase_visits_uncertain", s_.purchase_visits_uncertain);
        put("non_purchase_visits", s_.non_purchase_visits);
        put("non_purchase_returns", s_.non_purchase_returns);
        put("returns_with_purchase", s_.returns_with_purchase);
        put("partly_blind", s_.partly_blind);
        put("conversion_visits", s_.conversion_visits);
        put("conversion_purchases", s_.conversion_purchases);
        out["conversion"] = seen ? ratio(s_.conversion_purchases, s_.conversion_visits) : Json();
        out["members_sketches"] = seen ? sketches(s_.members_sketch) : Json();
        Json& dwell = out["dwell_s"] = Json();
        if (!seen) return;
        dwell["visits"] = s_.dwell_visits;
        dwell["sum"] = seconds(s_.dwell);
        dwell["mean"] = ratio(seconds(s_.dwell), s_.dwell_visits);
        put_quantiles(dwell, s_.dwell_digest);
    }

    void put_passing(Json& out)
    {
        out["passers_by"] = shows("passers") ? Json(s_.passers_by) : Json();
        Json& anonymous = out["anonymous"] = Json::object();
        anonymous["devices"] = s_.anonymous;
        anonymous["rotating"] = s_.rotating;
        anonymous["sketch"] = sketch(s_.anonymous_sketch);
    }

    void put_money(Json& out)
    {
        const bool seen = shows("money");
        out["currency"] = s_.currency.empty() ? sender_.currency : s_.currency;
        const auto put = [&](const char* name, const Json& value) {
            out[name] = seen ? value : Json();
        };
        put("transactions", s_.transactions);
        put("itemised", s_.itemised);
        put("units", s_.units.text());
        put("units_per_transaction", ratio(s_.units.units(), s_.itemised));
        put("revenue", money(s_.revenue));
        // One refund, or one purchase in dollars, is one member's.
        const bool staff = reader_ == Reader::staff;
        out["late_refunds"] = staff ? Json(money(s_.late_refunds)) : Json();
        put("average_transaction", mean_money(s_.revenue, s_.transactions));
        put("revenue_per_visit", sees("visits") ? mean_money(s_.revenue, s_.visits) : Json());
        Json spend;
        if (seen) put_quantiles(spend, s_.spend_digest);
        out["spend"] = std::move(spend);
        Json other;
        if (staff) {
            other = Json::object();
            for (const auto& [currency, one] : s_.other_currencies)
                other[currency] = {{"transactions", one.transactions},
                                   {"revenue", one.revenue.text(currency_decimals(currency))}};
        }
        out["other_currencies"] = std::move(other);
    }

    void put_steps(Json& out)
    {
        Json& took = out["visits_to_purchase"] = Json::object();
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const bool seen = shows(step_rows[i]);
            const auto visits = s_.visits_to_purchase[i];
            const auto spend = s_.spend_by_visits_to_purchase[i];
            took[steps[i]]["visits"] = seen ? Json(visits) : Json();
            took[steps[i]]["spend"] = seen ? Json(money(spend)) : Json();
            took[steps[i]]["mean_spend"] = seen ? mean_money(spend, visits) : Json();
        }
    }

    void put_receipts(Json& out)
    {
        const auto& r = s_.receipts;
        const bool seen = shows("receipts");
        Json& all = out["receipts"] = Json();
        if (seen)
            all = {{"matched", r.matched},
                   {"inferred", r.inferred},
                   {"ambiguous", r.ambiguous},
                   {"unmatched", r.unmatched},
                   {"foreign", r.foreign}};
    }

    void put_coupons(Json& out)
    {
        const auto& c = s_.coupons;
        const bool seen = shows("coupons");
        Json& all = out["coupons"] = Json();
        if (seen)
            all = {{"triggered", c.triggered}, {"withheld", c.withheld}, {"delivered", c.delivered},
                   {"redeemed", c.redeemed},   {"expired", c.expired},   {"revoked", c.revoked}};
    }

    /// A zone that is withheld is not even named: that somebody was there is a figure too.
    void put_zones(Json& out)
    {
        Json& zones = out["zones"] = Json::object();
        for (const auto& [name, zone] : s_.zones) {
            if (!sees("zone/" + name)) continue;
            zones[name]["visits"] = zone.visits;
            zones[name]["purchase_visits"] = zone.purchase_visits;
            zones[name]["dwell_s"] = seconds(zone.dwell);
        }
    }

    const Summary& s_;
    const Sender& sender_;
    Reader reader_;
    std::vector<std::string> suppressed_;
};

}  // namespace

Json summary_data(const Summary& summary, const Sender& sender, Reader reader)
{
    return Figures{summary, sender, reader}.data();
}

}  // namespace raiten::app
