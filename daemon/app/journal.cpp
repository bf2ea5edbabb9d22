#include "daemon/app/journal.hpp"

#include "daemon/app/shop.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/base/overloaded.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

std::string key_text(const TokenKey& key)
{
    std::array<char, 33> text{};
    std::snprintf(text.data(), text.size(), "%016llx%016llx",
                  static_cast<unsigned long long>(key.high),
                  static_cast<unsigned long long>(key.low));
    return text.data();
}

constexpr std::array<const char*, 3> receipt_kinds{"sale", "refund", "void"};
constexpr std::array<const char*, 4> member_notices{"consent_changed", "erased",
                                                    "equipment_confirmed", "equipment_rejected"};

Json lines_of(const Receipt& receipt, const Sender& sender)
{
    const int decimals =
        currency_decimals(receipt.currency.empty() ? sender.currency : receipt.currency);
    Json lines = Json::array();
    for (const auto& line : receipt.lines) {
        Json each;
        if (!line.sku.empty()) each["sku"] = line.sku;
        if (!line.name.empty()) each["name"] = line.name;
        each["quantity"] = line.quantity.text();
        each["amount"] = line.amount.text(decimals);
        if (!line.category.empty()) each["category"] = line.category;
        lines.push_back(std::move(each));
    }
    return lines;
}

}  // namespace

ledger::JournalEntry journal_entry(const Event& event, const Engine& engine, const Sender& sender)
{
    Json out;
    std::string kind;
    const auto say = [&](const char* type) {
        kind = type;
        out["type"] = type;
        out["at"] = format_instant(event.at, sender.clock.offset_at(event.at));
    };
    std::visit(overloaded{
                   [&](const Sighting& e) {
                       say("sighting");
                       out["reader"] = engine.info(e.reader).name;
                       out["token_key"] = key_text(e.token.key);
                   },
                   [&](const CheckIn& e) {
                       say("checkin");
                       out["reader"] = engine.info(e.reader).name;
                       out["token_key"] = key_text(e.token.key);
                       if (!e.id.empty()) out["id"] = e.id;
                   },
                   [&](const Receipt& e) {
                       say("receipt");
                       out["pos"] = e.pos;
                       out["number"] = e.number;
                       out["kind"] = receipt_kinds[static_cast<std::size_t>(e.kind)];
                       if (e.token) out["token_key"] = key_text(e.token->key);
                       out["total"] = e.total.text(currency_decimals(e.currency));
                       out["currency"] = e.currency;
                       if (!e.refers_to.empty()) out["refers_to"] = e.refers_to;
                       out["lines"] = lines_of(e, sender);
                   },
                   [&](const ReaderState& e) {
                       say("reader");
                       out["reader"] = engine.info(e.reader).name;
                       out["state"] = e.up ? "up" : "down";
                       out["reason"] = e.reason;
                   },
                   [&](const Redemption& e) {
                       say("redemption");
                       out["coupon"] = text_of(e.coupon);
                       out["where"] = e.where;
                   },
                   [&](const Delivery& e) {
                       say("delivery");
                       out["coupon"] = text_of(e.coupon);
                       out["channel"] = e.channel;
                   },
                   [&](const MemberNotice& e) {
                       say("member");
                       out["member"] = e.name;
                       out["what"] = member_notices[static_cast<std::size_t>(e.what)];
                   },
                   [&](const StageMove& e) {
                       say("stage");
                       out["member"] = e.name;
                       out["was"] = text_of(e.was);
                       out["stage"] = text_of(e.stage);
                       out["number"] = e.number;
                   },
                   [&](const VisitForecast& e) {
                       say("forecast");
                       out["member"] = e.name;
                       out["visit_at"] =
                           format_instant(e.visit_at, sender.clock.offset_at(e.visit_at));
                   },
                   [&](const Birthday& e) {
                       say("birthday");
                       out["member"] = e.name;
                       out["year"] = e.year;
                   },
                   [&](const SurveyAnswered& e) {
                       say("survey");
                       out["score"] = e.score;
                       out["member"] = e.name;
                       if (e.visit) out["visit"] = text_of(*e.visit);
                   },
                   [&](const LeaseGrant& e) {
                       say("lease");
                       out["campaign"] = e.campaign;
                       out["version"] = e.version;
                       out["budget"] = e.budget.text();
                       out["stock"] = e.stock;
                       out["until"] = format_instant(e.until, sender.clock.offset_at(e.until));
                   },
                   [&](const Tick&) { say("tick"); },
               },
               event.what);
    return {event.at, event.received_at, kind, out.dump()};
}

ledger::JournalEntry survey_entry(const SurveyAnswer& answer, Instant at, const Sender& sender)
{
    Json out;
    out["type"] = "survey";
    out["at"] = format_instant(at, sender.clock.offset_at(at));
    out["score"] = answer.score;
    if (answer.member) out["member"] = answer.member->name;
    if (answer.visit) out["visit"] = text_of(*answer.visit);
    return {at, at, "survey", out.dump()};
}

ledger::JournalEntry presence_entry(const std::vector<VisitRecord>& visits, Instant now,
                                    const Sender& sender)
{
    Json out;
    out["type"] = "presence";
    out["at"] = format_instant(now, sender.clock.offset_at(now));
    Json& all = out["visits"] = Json::array();
    for (const auto& visit : visits) {
        Json each;
        each["visit"] = text_of(visit.id);
        each["left_at"] = format_instant(visit.left_at, sender.clock.offset_at(visit.left_at));
        each["zone"] = visit.zone;
        all.push_back(std::move(each));
    }
    return {now, now, "presence", out.dump()};
}

}  // namespace raiten::app
