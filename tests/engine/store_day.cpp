#include "tests/engine/store_day.hpp"

#include "daemon/base/iso8601.hpp"
#include "daemon/base/keyed_hash.hpp"

#include <sstream>
#include <stdexcept>

namespace raiten::test {
namespace {

using namespace std::chrono;

// Sunday 2026-11-01, midnight in a store nine hours ahead of UTC.
const Instant day_zero = *parse_instant("2026-11-01T00:00:00+09:00");

std::string clock_text(Instant at)
{
    const auto since = at - day_zero;
    const auto day = floor<days>(since);
    const auto text = format_instant(at, hours{9}).substr(11, 8);
    return (day.count() == 0 ? "" : std::to_string(day.count()) + "+") + text;
}

Instant time_of(std::string text)
{
    Instant at = day_zero;
    if (const auto plus = text.find('+'); plus != std::string::npos) {
        at += days{std::atoll(text.substr(0, plus).c_str())};
        text = text.substr(plus + 1);
    }
    int h = 0, m = 0, s = 0, ms = 0;
    if (std::sscanf(text.c_str(), "%d:%d:%d.%d", &h, &m, &s, &ms) < 2)
        throw std::invalid_argument{"not a time: " + text};
    return at + hours{h} + minutes{m} + seconds{s} + milliseconds{ms};
}

StoreClock tokyo()
{
    StoreClock clock;
    clock.offsets = {{Instant::min(), hours{9}}};
    return clock;
}

Engine::Setup setup_of(VisitRules rules, std::vector<Campaign> campaigns)
{
    Engine::Setup setup;
    setup.rules = rules;
    setup.clock = tokyo();
    setup.readers = {{"door", "entrance", true, bluetooth_kinds},
                     {"floor", "floor", true, bluetooth_kinds},
                     {"till", "register", true, bluetooth_kinds},
                     {"desk", "entrance", false, {}}};
    setup.campaigns = std::move(campaigns);
    setup.seed = 7;
    return setup;
}

std::string seconds_text(Millis span)
{
    return std::to_string(duration_cast<seconds>(span).count()) + "s";
}

}  // namespace

StoreDay::StoreDay(VisitRules rules, std::vector<Campaign> campaigns)
    : setup_{setup_of(rules, std::move(campaigns))},
      engine_{std::make_unique<Engine>(setup_, members_, segments_)}
{
    for (const std::string name : {"ann", "bob", "cid", "sue"}) {
        ids_[name] =
            *members_.enrol(name, name == "sue", true, {},
                            {token(name, TokenKind::ibeacon), token(name, TokenKind::card)});
    }
}

Token StoreDay::token(const std::string& name, TokenKind kind) const
{
    const auto n = KeyedHash{1}.add(name).add(static_cast<std::uint64_t>(kind)).value();
    return {{n, ~n}, kind, false};
}

MemberNotice StoreDay::notice(const std::string& verb, const std::string& name)
{
    using What = MemberNotice::What;
    const auto id = ids_.at(name);
    if (verb == "confirm") return {id, name, What::equipment_confirmed};
    if (verb == "reject") return {id, name, What::equipment_rejected};
    return {id, name, What::consent_changed};
}

CouponId StoreDay::newest_coupon(const std::string& campaign) const
{
    for (auto effect = effects.rbegin(); effect != effects.rend(); ++effect)
        if (const auto* told = std::get_if<CouponTriggered>(&effect->what))
            if (told->coupon.campaign == campaign) return told->coupon.id;
    throw std::invalid_argument{"no coupon of '" + campaign + "'"};
}

std::vector<Event> StoreDay::events(const std::string& script)
{
    std::vector<Event> all;
    std::istringstream lines{script};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string when, verb;
        if (!(words >> when >> verb)) continue;
        std::vector<std::string> args;
        std::optional<Instant> arrived;
        for (std::string word; words >> word;) {
            if (word.starts_with('@')) {
                arrived = time_of(word.substr(1));
            } else {
                args.push_back(word);
            }
        }
        const auto dash = when.find('-');
        const Instant at = time_of(when.substr(0, dash));
        Event event{at, arrived.value_or(at), Tick{}};
        const auto reader = [&](const std::string& name) { return *engine_->reader(name, false); };
        if (verb == "see") {
            Sighting seen{reader(args.at(1)), token(args.at(0), TokenKind::ibeacon),
                          static_cast<std::int16_t>(std::stol(args.at(2)))};
            event.what = seen;
            if (dash != std::string::npos) {
                const auto step = seconds{std::stol(args.at(3))};
                for (Instant t = at; t <= time_of(when.substr(dash + 1)); t += step)
                    all.push_back({t, t, seen});
                continue;
            }
        } else if (verb == "tap") {
            event.what = CheckIn{reader(args.at(1)), token(args.at(0), TokenKind::card),
                                 args.size() > 2 ? args[2].substr(1) : ""};
        } else if (verb == "sale" || verb == "void" || verb == "refund") {
            Receipt receipt;
            receipt.pos = "pos";
            receipt.number = args.at(0);
            receipt.currency = "JPY";
            receipt.kind = verb == "sale"   ? ReceiptKind::sale
                           : verb == "void" ? ReceiptKind::void_
                                            : ReceiptKind::refund;
            if (args.size() > 1) receipt.total = *Money::parse(args[1]);
            if (args.size() > 2) receipt.token = token(args[2], TokenKind::card);
            event.what = receipt;
        } else if (verb == "up" || verb == "down") {
            event.what = ReaderState{reader(args.at(0)), verb == "up", ""};
        } else if (verb == "withdraw" || verb == "confirm" || verb == "reject") {
            event.what = notice(verb, args.at(0));
        } else if (verb == "stage") {
            event.what = StageMove{ids_.at(args.at(0)), args.at(0), *stage_named(args.at(1)),
                                   *stage_named(args.at(2)), 1};
        } else if (verb == "expect") {
            event.what =
                VisitForecast{ids_.at(args.at(0)), args.at(0), time_of(args.at(1)),
                              static_cast<std::uint32_t>(std::stoul(args.at(2))), floor<days>(at)};
        } else if (verb == "birthday") {
            event.what = Birthday{ids_.at(args.at(0)), args.at(0), 2026};
        } else if (verb == "survey") {
            event.what = SurveyAnswered{ids_.at(args.at(0)),
                                        args.at(0),
                                        args.at(1),
                                        static_cast<std::uint8_t>(std::stoul(args.at(2))),
                                        {}};
        } else if (verb == "lease") {
            event.what = LeaseGrant{args.at(0), std::stoul(args.at(1)), *Money::parse(args.at(2)),
                                    std::stoul(args.at(3)), time_of(args.at(4))};
        } else if (verb == "redeem") {
            event.what = Redemption{newest_coupon(args.at(0)), args.at(1)};
        } else if (verb != "tick") {
            throw std::invalid_argument{"what is '" + verb + "'?"};
        }
        all.push_back(event);
    }
    return all;
}

std::vector<std::string> StoreDay::tell(const Event& event)
{
    if (const auto* notice = std::get_if<MemberNotice>(&event.what);
        notice && notice->what == MemberNotice::What::consent_changed) {
        MemberRecord record = members_.load(notice->member);
        record.consent = false;
        members_.put(std::move(record));
    }
    last = engine_->apply(event);
    last_verdict = last.verdict;
    last_reason = last.reason;
    for (const auto& record : last.members) members_.put(record);
    std::vector<std::string> lines;
    for (const auto& effect : last.effects) {
        if (!std::holds_alternative<SummaryIssued>(effect.what))
            lines.push_back(text_of_effect(effect));
        effects.push_back(effect);
    }
    return lines;
}

Result<void> StoreDay::restart(std::optional<std::string> other)
{
    const auto snapshot = other ? *other : engine_->snapshot();
    auto fresh = std::make_unique<Engine>(setup_, members_, segments_);
    if (auto restored = fresh->restore(snapshot); !restored) return restored;
    engine_ = std::move(fresh);
    return {};
}

std::vector<std::string> StoreDay::play(const std::string& script)
{
    std::vector<std::string> lines;
    for (const auto& event : events(script))
        for (auto& line : tell(event)) lines.push_back(std::move(line));
    return lines;
}

std::vector<std::string> StoreDay::settle()
{
    std::vector<std::string> lines;
    while (engine_->unsettled() > 0) {
        const auto due = engine_->next_due();
        if (!due) break;
        const Instant then = *due + milliseconds{1};
        for (auto& line : tell({then, then, Tick{}})) lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<std::string> StoreDay::whole(const std::string& script)
{
    auto lines = play(script);
    for (auto& line : settle()) lines.push_back(std::move(line));
    return lines;
}

std::string StoreDay::text_of_effect(const Effect& effect)
{
    std::ostringstream out;
    out << clock_text(effect.at) << ' ';
    const auto visit_text = [&](const VisitRecord& v) {
        out << v.member_name << ' ' << clock_text(v.opened_at) << ".." << clock_text(v.left_at)
            << ' ' << text_of(v.outcome());
        if (v.outcome() == VisitOutcome::purchase || v.spend() != Money{})
            out << ' ' << v.spend().text();
        if (v.attribution() == Attribution::inferred) out << " inferred";
        out << " streak " << v.streak;
        if (!v.dwell()) out << " dwell null";
        if (v.close_reason && *v.close_reason != CloseReason::timeout)
            out << ' ' << text_of(*v.close_reason);
        if (v.revision > 1) out << " rev " << v.revision;
    };
    std::visit(
        overloaded{
            [&](const VisitOpened& e) {
                out << "opened " << e.member << " since " << clock_text(e.opened_at) << " in "
                    << (e.zone.empty() ? "?" : e.zone);
            },
            [&](const VisitEnded& e) {
                out << "ended " << e.member << " left " << clock_text(e.left_at)
                    << (e.dwell ? " after " + seconds_text(*e.dwell) : " dwell null");
            },
            [&](const VisitSettled& e) {
                out << "settled ";
                visit_text(e.visit);
            },
            [&](const VisitAmended& e) {
                out << "amended ";
                visit_text(e.visit);
            },
            [&](const ReturnDetected& e) {
                out << "return " << e.member << " streak " << e.streak;
            },
            [&](const ReturnCorrected& e) {
                out << "corrected " << e.member << " streak " << e.was_streak << " -> " << e.streak;
            },
            [&](const CouponTriggered& e) {
                out << "coupon " << e.coupon.member_name << ' ' << e.coupon.campaign << ' '
                    << e.coupon.offer;
            },
            [&](const CouponWithheld& e) {
                out << "withheld " << e.coupon.member_name << ' ' << e.coupon.campaign;
            },
            [&](const CouponDelivered& e) { out << "delivered " << e.coupon.member_name; },
            [&](const CouponRedeemed& e) {
                out << "redeemed " << e.coupon.member_name << " at " << e.coupon.closed_where;
            },
            [&](const CouponRevoked& e) {
                out << "revoked " << e.coupon.member_name << ' ' << e.coupon.campaign;
            },
            [&](const CouponExpired& e) {
                out << "expired " << e.coupon.member_name << ' ' << e.coupon.campaign;
            },
            [&](const StageChanged& e) {
                out << "stage " << e.member << ' ' << raiten::text_of(e.was) << " -> "
                    << raiten::text_of(e.stage) << " #" << e.number;
            },
            [&](const LeaseReported& e) {
                out << "lease " << e.report.campaign << " #" << e.report.version << " used "
                    << e.report.budget_used.text() << " reserved "
                    << e.report.budget_reserved.text() << " returned "
                    << e.report.budget_returned.text();
            },
            [&](const SummaryIssued& e) {
                out << "summary rev " << e.summary.revision << " visits " << e.summary.visits;
            },
        },
        effect.what);
    return out.str();
}

}  // namespace raiten::test
