#include "daemon/app/envelope.hpp"

#include "daemon/app/summary_json.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/base/overloaded.hpp"

#include <nlohmann/json.hpp>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

/// Writes values the way every face of the store shows them.
class Writer {
 public:
    explicit Writer(const Sender& sender) : sender_{sender} {}

    std::string time(Instant at) const { return format_instant(at, sender_.clock.offset_at(at)); }
    Json time(const std::optional<Instant>& at) const { return at ? Json(time(*at)) : Json(); }

    std::string money(Money amount, const std::string& currency) const
    {
        return amount.text(currency_decimals(currency.empty() ? sender_.currency : currency));
    }

    static Json seconds(Millis span)
    {
        if (span.count() % 1000 == 0) return span.count() / 1000;
        return static_cast<double>(span.count()) / 1000.0;
    }
    static Json seconds(const std::optional<Millis>& span)
    {
        return span ? seconds(*span) : Json();
    }

    Json visit(const VisitRecord& v) const
    {
        Json out;
        out["visit"] = text_of(v.id);
        out["member"] = v.member_name;
        out["state"] = text_of(v.state);
        out["opened_at"] = time(v.opened_at);
        out["left_at"] = time(v.left_at);
        out["dwell_s"] = seconds(v.dwell());
        out["outcome"] = v.state == VisitState::settled || v.outcome() == VisitOutcome::purchase
                             ? Json(text_of(v.outcome()))
                             : Json();
        out["spend"] = money(v.spend(), v.currency());
        out["currency"] = v.currency().empty() ? sender_.currency : v.currency();
        out["streak"] = v.streak;
        if (v.outcome() == VisitOutcome::purchase) out["visits_to_purchase"] = v.streak + 1;
        out["zone"] = v.zone.empty() ? Json() : Json(v.zone);
        out["zones"] = Json::object();
        for (const auto& [zone, span] : v.zones) out["zones"][zone] = seconds(span);
        out["attribution"] = text_of(v.attribution());
        out["confidence"] = v.confidence();
        out["close_reason"] = v.close_reason ? Json(text_of(*v.close_reason)) : Json();
        out["revision"] = v.revision;
        out["readers"] = v.readers;
        return out;
    }

    Json coupon(const CouponRecord& c) const
    {
        Json out;
        out["coupon"] = text_of(c.id);
        out["campaign"] = c.campaign;
        out["offer"] = c.offer.empty() ? Json() : Json(c.offer);
        out["member"] = c.member_name;
        out["visit"] = c.visit ? Json(text_of(*c.visit)) : Json();
        out["moment"] = c.moment;
        out["decided_at"] = time(c.decided_at);
        out["expires_at"] = time(c.expires_at);
        out["arm_probability"] = c.arm_probability;
        out["control"] = c.control;
        out["uplift"] = c.uplift ? Json(*c.uplift) : Json();
        out["cost"] = c.cost.text();
        out["reasons"] = c.reasons;
        return out;
    }

    Json lease(const LeaseReport& l) const
    {
        Json out;
        out["campaign"] = l.campaign;
        out["version"] = l.version;
        out["budget_used"] = l.budget_used.text();
        out["budget_reserved"] = l.budget_reserved.text();
        out["budget_returned"] = l.budget_returned.text();
        out["stock_used"] = l.stock_used;
        out["stock_reserved"] = l.stock_reserved;
        out["stock_returned"] = l.stock_returned;
        return out;
    }

    Json data(const Effect& effect) const;

 private:
    const Sender& sender_;
};

constexpr std::array<const char*, 3> openers{"sightings", "checkin", "receipt"};

Json Writer::data(const Effect& effect) const
{
    return std::visit(overloaded{
                          [&](const VisitOpened& e) {
                              Json out;
                              out["visit"] = text_of(e.visit);
                              out["member"] = e.member;
                              out["opened_at"] = time(e.opened_at);
                              out["opened_by"] = openers[static_cast<std::size_t>(e.by)];
                              out["reader"] = e.reader;
                              out["zone"] = e.zone.empty() ? Json() : Json(e.zone);
                              out["streak"] = e.streak;
                              return out;
                          },
                          [&](const VisitEnded& e) {
                              Json out;
                              out["visit"] = text_of(e.visit);
                              out["member"] = e.member;
                              out["left_at"] = time(e.left_at);
                              out["dwell_s"] = seconds(e.dwell);
                              return out;
                          },
                          [&](const VisitSettled& e) {
                              Json out = visit(e.visit);
                              out.erase("state");
                              out.erase("zone");
                              return out;
                          },
                          [&](const VisitAmended& e) {
                              Json out = visit(e.visit);
                              out.erase("state");
                              out.erase("zone");
                              out["reason"] = e.reason;
                              return out;
                          },
                          [&](const ReturnDetected& e) {
                              Json out;
                              out["visit"] = text_of(e.visit);
                              out["member"] = e.member;
                              out["streak"] = e.streak;
                              out["previous_visit_at"] = time(e.previous_visit_at);
                              out["gap_s"] = seconds(e.gap);
                              return out;
                          },
                          [&](const ReturnCorrected& e) {
                              Json out;
                              out["visit"] = text_of(e.visit);
                              out["member"] = e.member;
                              out["was_streak"] = e.was_streak;
                              out["streak"] = e.streak;
                              return out;
                          },
                          [&](const CouponTriggered& e) { return coupon(e.coupon); },
                          [&](const CouponWithheld& e) { return coupon(e.coupon); },
                          [&](const CouponDelivered& e) {
                              Json out;
                              out["coupon"] = text_of(e.coupon.id);
                              out["member"] = e.coupon.member_name;
                              out["channel"] = e.channel;
                              out["at"] = time(effect.at);
                              return out;
                          },
                          [&](const CouponRedeemed& e) {
                              Json out = coupon(e.coupon);
                              out["redeemed_at"] = time(e.coupon.closed_at);
                              out["where"] = e.coupon.closed_where;
                              return out;
                          },
                          [&](const CouponRevoked& e) {
                              Json out = coupon(e.coupon);
                              out["reason"] = e.reason;
                              return out;
                          },
                          [&](const CouponExpired& e) { return coupon(e.coupon); },
                          [&](const StageChanged& e) {
                              Json out;
                              out["member"] = e.member;
                              out["was"] = text_of(e.was);
                              out["stage"] = text_of(e.stage);
                              out["number"] = e.number;
                              return out;
                          },
                          [&](const LeaseReported& e) { return lease(e.report); },
                          [&](const SummaryIssued& e) {
                              return summary_data(e.summary, sender_, Reader::head_office);
                          },
                      },
                      effect.what);
}

/// The type without "raiten." and ".v1".
std::string_view short_type(const Effect& effect)
{
    return std::visit(overloaded{
                          [](const VisitOpened&) { return "visit.opened"; },
                          [](const VisitEnded&) { return "visit.ended"; },
                          [](const VisitSettled&) { return "visit.settled"; },
                          [](const VisitAmended&) { return "visit.amended"; },
                          [](const ReturnDetected&) { return "return.detected"; },
                          [](const ReturnCorrected&) { return "return.corrected"; },
                          [](const CouponTriggered&) { return "coupon.triggered"; },
                          [](const CouponWithheld&) { return "coupon.withheld"; },
                          [](const CouponDelivered&) { return "coupon.delivered"; },
                          [](const CouponRedeemed&) { return "coupon.redeemed"; },
                          [](const CouponRevoked&) { return "coupon.revoked"; },
                          [](const CouponExpired&) { return "coupon.expired"; },
                          [](const StageChanged&) { return "stage.changed"; },
                          [](const LeaseReported&) { return "lease.reported"; },
                          [](const SummaryIssued& e) {
                              return e.summary.bucket == Summary::Bucket::hour ? "summary.hourly"
                                                                               : "summary.daily";
                          },
                      },
                      effect.what);
}

std::string millis_text(Instant at)
{
    return std::to_string(at.time_since_epoch().count());
}

std::string subject_of(const Effect& effect)
{
    return std::visit(
        overloaded{
            [](const VisitOpened& e) { return text_of(e.visit); },
            [](const VisitEnded& e) { return text_of(e.visit) + "/" + millis_text(e.left_at); },
            [](const VisitSettled& e) { return text_of(e.visit.id); },
            [](const VisitAmended& e) {
                return text_of(e.visit.id) + "/" + std::to_string(e.visit.revision);
            },
            [](const ReturnDetected& e) { return text_of(e.visit); },
            [&](const ReturnCorrected& e) {
                return text_of(e.visit) + "/" + std::to_string(e.was_streak) + "-"
                       + std::to_string(e.streak) + "/" + millis_text(effect.at);
            },
            [](const CouponTriggered& e) { return text_of(e.coupon.id); },
            [](const CouponWithheld& e) { return text_of(e.coupon.id); },
            [](const CouponDelivered& e) { return text_of(e.coupon.id); },
            [](const CouponRedeemed& e) { return text_of(e.coupon.id); },
            [](const CouponRevoked& e) { return text_of(e.coupon.id); },
            [](const CouponExpired& e) { return text_of(e.coupon.id); },
            [](const StageChanged& e) { return e.member + "/" + std::to_string(e.number); },
            [](const LeaseReported& e) {
                return e.report.campaign + "/" + std::to_string(e.report.version) + "/"
                       + e.report.budget_returned.text() + "/"
                       + std::to_string(e.report.stock_returned);
            },
            [](const SummaryIssued& e) {
                return millis_text(e.summary.from) + "/" + std::to_string(e.summary.revision);
            },
        },
        effect.what);
}

Json head(const Effect& effect, const Sender& sender)
{
    Json out;
    out["specversion"] = "1.0";
    out["id"] = id_of(effect);
    out["type"] = type_of(effect);
    out["source"] = "/stores/" + sender.store + "/devices/" + sender.device;
    out["time"] = Writer{sender}.time(effect.at);
    out["datacontenttype"] = "application/json";
    out["dataschema"] = "urn:raiten:schema:" + std::string{short_type(effect)} + ":v1";
    return out;
}

}  // namespace

std::string type_of(const Effect& effect)
{
    return "raiten." + std::string{short_type(effect)} + ".v1";
}

std::string id_of(const Effect& effect)
{
    return std::string{short_type(effect)} + "/" + subject_of(effect);
}

Lane lane_of(const Effect& effect)
{
    const auto type = short_type(effect);
    if (type.starts_with("coupon.") || type.starts_with("lease.")) return Lane::coupon;
    if (type.starts_with("summary.")) return Lane::summary;
    return Lane::visit;
}

std::optional<Instant> expiry_of(const Effect& effect)
{
    const auto* triggered = std::get_if<CouponTriggered>(&effect.what);
    return triggered ? std::optional{triggered->coupon.expires_at} : std::nullopt;
}

std::string envelope(const Effect& effect, const Sender& sender, StreamPlace place)
{
    Json out = head(effect, sender);
    out["cursor"] = place.cursor;
    out["data"] = Writer{sender}.data(effect);
    return out.dump();
}

std::string envelope(const Effect& effect, const Sender& sender, LanePlace place)
{
    Json out = head(effect, sender);
    out["epoch"] = sender.epoch;
    out["lane"] = text_of(place.lane);
    out["sequence"] = place.sequence;
    out["data"] = Writer{sender}.data(effect);
    return out.dump();
}

std::string gap_envelope(const Sender& sender, LanePlace place, std::uint64_t from,
                         const std::string& reason)
{
    const auto lane = std::string{text_of(place.lane)};
    Json out;
    out["specversion"] = "1.0";
    out["id"] = "gap/" + std::to_string(sender.epoch) + "/" + lane + "/" + std::to_string(from)
                + "-" + std::to_string(place.sequence);
    out["type"] = "raiten.gap.v1";
    out["source"] = "/stores/" + sender.store + "/devices/" + sender.device;
    out["datacontenttype"] = "application/json";
    out["dataschema"] = "urn:raiten:schema:gap:v1";
    out["epoch"] = sender.epoch;
    out["lane"] = lane;
    out["sequence"] = place.sequence;
    out["data"] = {{"from", from}, {"through", place.sequence}, {"reason", reason}};
    return out.dump();
}

std::string status_envelope(const Sender& sender, Instant at, bool online, std::uint64_t session,
                            std::uint64_t connection, const std::string& version)
{
    const auto* state = online ? "online" : "offline";
    Json out;
    out["specversion"] = "1.0";
    out["id"] = "device.status/" + std::to_string(sender.epoch) + "/" + std::to_string(session)
                + "/" + std::to_string(connection) + "/" + state;
    out["type"] = "raiten.device.status.v1";
    out["source"] = "/stores/" + sender.store + "/devices/" + sender.device;
    out["time"] = Writer{sender}.time(at);
    out["datacontenttype"] = "application/json";
    out["dataschema"] = "urn:raiten:schema:device.status:v1";
    out["data"] = {{"state", state},
                   {"epoch", sender.epoch},
                   {"session", session},
                   {"connection", connection},
                   {"version", version}};
    return out.dump();
}

std::string visit_json(const VisitRecord& visit, const Sender& sender)
{
    Json out = Writer{sender}.visit(visit);
    out["presence"] = visit.state != VisitState::open ? "absent"
                      : visit.frozen                  ? "unknown"
                                                      : "present";
    out["blind_s"] = Writer::seconds(visit.blind);
    return out.dump();
}

std::string coupon_json(const CouponRecord& coupon, const Sender& sender)
{
    const Writer writer{sender};
    Json out = writer.coupon(coupon);
    out["state"] = text_of(coupon.state);
    out["closed_at"] = writer.time(coupon.closed_at);
    out["where"] = coupon.closed_where.empty() ? Json() : Json(coupon.closed_where);
    return out.dump();
}

}  // namespace raiten::app
