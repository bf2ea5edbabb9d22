#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"
#include "daemon/app/card_json.hpp"
#include "daemon/app/offers_json.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

/// Visits, returns and members, as the ledger has them; open visits as they are at this moment.
namespace raiten::app {
namespace {

constexpr std::size_t page_default = 100;
constexpr std::size_t page_max = 1000;
constexpr std::size_t coupons_of_one = 16;
constexpr std::size_t visits_back_max = 64;

Json visit_of(const Parts& parts, const VisitRecord& visit)
{
    return Json::parse(visit_json(visit, parts->shop.sender()));
}

/// The visits with what is known of them now: presence moves on between two commits.
void freshen(const Parts& parts, std::vector<VisitRecord>& visits)
{
    std::map<VisitId, VisitRecord> now;
    for (auto& visit : parts->shop.engine().present()) now[visit.id] = std::move(visit);
    for (auto& visit : visits)
        if (const auto found = now.find(visit.id); found != now.end()) visit = found->second;
}

struct Page {
    ledger::VisitFilter filter;
    std::optional<http::Response> refusal;
};

Page page_of(const http::Request& request)
{
    Page page;
    const auto limit = number_in(request, "limit", page_default, page_max);
    if (!limit) page.refusal = http::problem(400, "", "limit is a number from 1 to 1000");
    page.filter.limit = limit.value_or(1);
    if (request.query_value("cursor")) {
        const auto before = number_in(request, "cursor", 0, SIZE_MAX);
        if (!before) page.refusal = http::problem(400, "", "cursor is one that this list gave");
        page.filter.before = before;
    }
    if (const auto since = request.query_value("since")) {
        const auto at = parse_instant(*since);
        if (!at) {
            page.refusal = refused(at.error());
        } else {
            page.filter.since = at.value();
        }
    }
    return page;
}

Json cursor_of(const std::optional<std::uint64_t>& older)
{
    return older ? Json(std::to_string(*older)) : Json();
}

/// Seconds from the end of the member's visit before this one; null if that is not kept any more.
Json gap_before(const Parts& parts, const VisitRecord& visit)
{
    const auto visits = parts->ledger.visits_of(visit.member, visits_back_max);
    if (!visits) return {};
    for (const auto& earlier : visits.value())
        if (earlier.opened_at < visit.opened_at)
            return std::chrono::floor<std::chrono::seconds>(visit.opened_at - earlier.left_at)
                .count();
    return {};
}

Json coupons_of(const Parts& parts, const VisitRecord& visit, http::Role role)
{
    Json all = Json::array();
    const auto page = parts->ledger.coupons(visit.member, {}, coupons_of_one);
    if (!page) return all;
    for (const auto& coupon : page.value().coupons)
        if (coupon.visit == visit.id) {
            if (auto shown = coupon_for(*parts, coupon, role)) all.push_back(std::move(*shown));
        }
    return all;
}

/// What the score card says at this moment. A register needs to know who stands there, and not what
/// the store hopes to earn from them.
Json score_of(const Parts& parts, const MemberRecord& member, const std::string& currency,
              http::Role role)
{
    const auto now = parts->now();
    const auto models = parts->shop.engine().models();
    const auto as = role == http::Role::pos ? MoneyShown::As::nothing : MoneyShown::As::text;
    return Json::parse(score_json(parts->shop.engine().card(member.id, now), models.get(),
                                  parts->shop.sender().clock.offset_at(now),
                                  {as, currency_decimals(currency)}));
}

/// Whether somebody who is enrolled already now agrees to something else.
bool agrees_anew(const MemberRecord& known, const ledger::Enrolment& told)
{
    return known.consent != told.consent || (told.channels && *told.channels != known.channels);
}

/// The directory knows; the store must, at once: the member may be in it.
void tell_consent(const Parts& parts, const ledger::Enrolment& told,
                  const std::function<void(Result<void>)>& done)
{
    const auto member = parts->ledger.member(told.name);
    if (!member) return done(member.error());
    if (!*member) return done({});
    parts->shop.set_consent(**member, told.consent, told.channels, parts->now(),
                            [done](const Result<Answer>& answer) {
                                done(answer ? Result<void>{} : Result<void>{answer.error()});
                            });
}

}  // namespace

Reply get_visits(Parts parts, http::Request request)
{
    Page page = page_of(request);
    if (page.refusal) co_return std::move(*page.refusal);
    if (const auto state = request.query_value("state")) {
        for (const auto each : {VisitState::open, VisitState::ended, VisitState::settled})
            if (raiten::text_of(each) == *state) page.filter.state = each;
        if (!page.filter.state) co_return http::problem(400, "", "state is open, ended or settled");
    }
    auto found = parts->ledger.visits(page.filter);
    if (!found) co_return ledger_trouble(found.error());
    freshen(parts, found.value().visits);
    Json out;
    Json& visits = out["visits"] = Json::array();
    for (const auto& visit : found.value().visits) visits.push_back(visit_of(parts, visit));
    out["cursor"] = cursor_of(found.value().older);
    co_return http::json(out.dump());
}

Reply get_returns(Parts parts, http::Request request)
{
    Page page = page_of(request);
    if (page.refusal) co_return std::move(*page.refusal);
    page.filter.returns_only = true;
    auto found = parts->ledger.visits(page.filter);
    if (!found) co_return ledger_trouble(found.error());
    freshen(parts, found.value().visits);
    Json out;
    Json& returns = out["returns"] = Json::array();
    for (const auto& visit : found.value().visits) {
        Json each = visit_of(parts, visit);
        each["gap_s"] = gap_before(parts, visit);
        each["coupons"] = coupons_of(parts, visit, request.role);
        returns.push_back(std::move(each));
    }
    out["cursor"] = cursor_of(found.value().older);
    co_return http::json(out.dump());
}

Reply get_today(Parts parts, http::Request)
{
    const auto now = parts->now();
    const auto figures = parts->today.figures(now);
    std::size_t present = 0;
    for (const auto& visit : parts->shop.engine().present())
        if (visit.state == VisitState::open) ++present;
    Json out;
    out["day"] = format_day(figures.day);
    out["visits"] = figures.visits;
    out["present"] = present;
    out["returns"] = figures.returns;
    out["purchases"] = figures.purchases;
    out["coupons"] = figures.coupons;
    co_return http::json(out.dump());
}

Reply get_member(Parts parts, http::Request request)
{
    const auto found = parts->ledger.member(request.parameter("member"));
    if (!found) co_return ledger_trouble(found.error());
    if (!found.value()) co_return http::problem(404, "", "no member of this name");
    const MemberRecord& member = *found.value();
    const Sender& sender = parts->shop.sender();
    const auto time = [&](const std::optional<Instant>& at) {
        return at ? Json(format_instant(*at, sender.clock.offset_at(*at))) : Json();
    };
    Json out;
    out["member"] = member.name;
    out["staff"] = member.staff;
    out["consent"] = member.consent;
    out["channels"] = channels_json(member.channels);
    out["equipment"] = raiten::text_of(member.equipment);
    out["birth_month"] = member.birth_month ? Json(*member.birth_month) : Json();
    out["visits"] = member.settled_visits;
    out["purchases"] = member.purchases;
    const auto& currency = member.currency.empty() ? sender.currency : member.currency;
    out["spend"] = member.spend.text(currency_decimals(currency));
    out["currency"] = currency;
    out["first_visit_at"] = time(member.first_visit_at);
    out["last_purchase_at"] = time(member.last_purchase_at);

    auto visits = parts->ledger.visits_of(member.id, 20);
    if (!visits) co_return ledger_trouble(visits.error());
    freshen(parts, visits.value());
    Json& latest = out["latest_visits"] = Json::array();
    for (const auto& visit : visits.value()) latest.push_back(visit_of(parts, visit));
    out["streak"] = visits.value().empty() ? 0U : visits.value().front().streak;
    Json& coupons = out["coupons"] = Json::array();
    for (const auto& coupon : member.coupons)
        if (auto shown = coupon_for(*parts, coupon, request.role))
            coupons.push_back(std::move(*shown));
    out["score"] = score_of(parts, member, currency, request.role);
    co_return http::json(out.dump());
}

Reply get_offers(Parts parts, http::Request request)
{
    const auto found = parts->ledger.member(request.parameter("member"));
    if (!found) co_return ledger_trouble(found.error());
    if (!found.value()) co_return http::problem(404, "", "no member of this name");
    const MemberRecord& member = *found.value();
    auto visits = parts->ledger.visits_of(member.id, 20);
    if (!visits) co_return ledger_trouble(visits.error());
    freshen(parts, visits.value());
    const auto models = parts->shop.engine().models();
    OfferGround ground;
    ground.models = models.get();
    ground.habits = parts->shop.members().habits(member.id);
    ground.visits = std::move(visits.value());
    ground.sold = [&](const VisitReceipt& receipt) {
        Remembered::ReceiptKey key;
        key.day = receipt.day;
        key.pos = receipt.pos;
        key.number = receipt.number;
        const auto row = parts->ledger.receipt(key);
        return row && *row ? (*row)->lines : std::vector<ReceiptLine>{};
    };
    co_return http::json(offers_json(ground));
}

Reply post_lookup(Parts parts, http::Request request)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    const auto token = parts->shop.pseudonyms().token(text_in(*body, "token"));
    if (!token) co_return refused(token.error());
    const auto member = parts->shop.members().member_of(token.value().key);
    if (!member) co_return http::problem(404, "", "nobody is enrolled with this token");
    Json out;
    out["member"] = parts->shop.members().load(*member).name;
    co_return http::json(out.dump());
}

Reply post_member(Parts parts, http::Request request)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    const Json& told = *body;
    ledger::Enrolment member;
    member.name = text_in(told, "member");
    member.staff = told.value("staff", Json(false)) == Json(true);
    member.consent = told.value("consent", Json(true)) != Json(false);
    if (const auto month = told.find("birth_month"); month != told.end() && !month->is_null()) {
        if (!month->is_number_unsigned() || *month < 1 || *month > 12)
            co_return http::problem(400, "", "birth_month is a number from 1 to 12");
        member.birth_month = month->get<std::uint8_t>();
    }
    const auto channels = channels_in(told);
    if (!channels) co_return refused(channels.error());
    member.channels = *channels;
    const auto tokens = told.find("tokens");
    if (tokens != told.end() && !tokens->is_array())
        co_return http::problem(400, "", "tokens is a list of texts");
    for (const auto& text : tokens == told.end() ? Json::array() : *tokens) {
        const auto token =
            parts->shop.pseudonyms().token(text.is_string() ? text.get<std::string>() : "");
        if (!token) co_return refused(token.error());
        member.tokens.push_back(token.value());
    }
    if (member.name.empty() && member.tokens.empty())
        co_return http::problem(400, "", "a member needs a name or a token");
    if (member.name.empty()) member.name = member_name(member.tokens.front().key);

    const auto known = parts->ledger.member(member.name);
    if (!known) co_return ledger_trouble(known.error());
    const bool anew = *known && agrees_anew(**known, member);
    std::function<void(std::function<void(Result<void>)>)> start =
        [parts, member, anew](std::function<void(Result<void>)> done) {
            const auto begun = parts->shop.enrol({member}, [=](const Result<void>& enrolled) {
                if (!enrolled || !anew) return done(enrolled);
                tell_consent(parts, member, done);
            });
            if (!begun) done(begun);
        };
    auto pending = answer_of<Result<void>>(parts->executor, std::move(start));
    const Result<void> how = co_await std::move(pending);
    if (!how) co_return http::problem(409, "", how.error().text());
    Json out;
    out["member"] = member.name;
    http::Response made = http::json(out.dump(), 201);
    made.headers.emplace_back("Location", "/api/v1/members/" + member.name);
    co_return made;
}

}  // namespace raiten::app
