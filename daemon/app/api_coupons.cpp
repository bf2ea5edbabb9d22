#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"

#include <nlohmann/json.hpp>

namespace raiten::app {
namespace {

constexpr std::size_t where_bytes_max = 64;

bool is_open(CouponState state)
{
    return state == CouponState::triggered || state == CouponState::delivered;
}

/// Which states a list is asked for: "open", or the name of one; nothing where it is neither.
std::function<bool(CouponState)> states_of(std::string_view asked)
{
    if (asked == "open") return &is_open;
    for (const auto each : {CouponState::triggered, CouponState::withheld, CouponState::delivered,
                            CouponState::redeemed, CouponState::expired, CouponState::revoked})
        if (raiten::text_of(each) == asked)
            return [each](CouponState state) { return state == each; };
    return {};
}

using Use = std::function<void(CouponId, const std::string&, const Shop::Done&)>;

boost::asio::awaitable<Result<Answer>> use(Parts parts, CouponId coupon, std::string what, Use how)
{
    std::function<void(std::function<void(Result<Answer>)>)> start =
        [coupon, what = std::move(what), how = std::move(how)](
            std::function<void(Result<Answer>)> done) { how(coupon, what, done); };
    auto pending = answer_of<Result<Answer>>(parts->executor, std::move(start));
    co_return co_await std::move(pending);
}

http::Response used_already(const ApiParts& parts, const CouponRecord& coupon)
{
    Json out;
    out["type"] = "about:blank";
    out["title"] = "Conflict";
    out["status"] = 409;
    const Json shown = Json::parse(coupon_json(coupon, parts.shop.sender()));
    out["detail"] = "this coupon was used already, at " + coupon.closed_where;
    out["redeemed_at"] = shown["closed_at"];
    out["where"] = shown["where"];
    http::Response answer = http::json(out.dump(), 409);
    answer.content_type = "application/problem+json";
    return answer;
}

/// The engine knows the newest coupons of a member and all that are open; the ledger also those
/// that were used, or over, before.
http::Response over_long_ago(const ApiParts& parts, CouponId id)
{
    const auto found = parts.ledger.coupon(id);
    if (!found) return ledger_trouble(found.error());
    const auto state = found.value() ? found.value()->state : CouponState::withheld;
    if (state == CouponState::redeemed) return used_already(parts, *found.value());
    if (state == CouponState::expired || state == CouponState::revoked)
        return http::problem(
            410, "", "this coupon cannot be used any more: " + std::string{text_of(state)});
    return http::problem(404, "", "no such coupon");
}

}  // namespace

std::optional<Json> coupon_for(const ApiParts& parts, const CouponRecord& coupon, http::Role role)
{
    if (coupon.state == CouponState::withheld && role != http::Role::admin) return std::nullopt;
    Json out = Json::parse(coupon_json(coupon, parts.shop.sender()));
    Json text;
    if (const auto campaign = parts.campaigns.find(coupon.campaign);
        campaign != parts.campaigns.end()) {
        for (const auto& offer : campaign->second.offers)
            if (offer.code == coupon.offer) text = offer.text;
    }
    out["text"] = text;
    return out;
}

Reply get_coupons(Parts parts, http::Request request)
{
    const auto limit = number_in(request, "limit", 100, 1000);
    const auto before = number_in(request, "cursor", SIZE_MAX, SIZE_MAX);
    if (!limit || !before)
        co_return http::problem(400, "", "limit is a number up to 1000, cursor one of this list");
    std::optional<MemberId> member;
    if (const auto name = request.query_value("member")) {
        const auto found = parts->ledger.member(std::string{*name});
        if (!found) co_return ledger_trouble(found.error());
        if (!found.value()) co_return http::problem(404, "", "no member of this name");
        member = found.value()->id;
    }
    std::function<bool(CouponState)> wanted = [](CouponState) { return true; };
    if (const auto state = request.query_value("state")) {
        wanted = states_of(*state);
        if (!wanted)
            co_return http::problem(400, "",
                                    "state is open, triggered, withheld, delivered, redeemed, "
                                    "expired or revoked");
    }
    const auto cursor = *before == SIZE_MAX ? std::nullopt : std::optional<std::uint64_t>{*before};
    const auto page = parts->ledger.coupons(member, cursor, *limit);
    if (!page) co_return ledger_trouble(page.error());
    Json out;
    Json& all = out["coupons"] = Json::array();
    for (const auto& coupon : page.value().coupons) {
        if (!wanted(coupon.state)) continue;
        if (auto shown = coupon_for(*parts, coupon, request.role)) all.push_back(std::move(*shown));
    }
    const auto& older = page.value().older;
    out["cursor"] = older ? Json(std::to_string(*older)) : Json();
    co_return http::json(out.dump());
}

Reply post_redeem(Parts parts, http::Request request)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    const auto coupon = coupon_id_of(request.parameter("coupon"));
    const auto where = text_in(*body, "where");
    if (!coupon) co_return http::problem(404, "", "no such coupon");
    if (where.empty() || where.size() > where_bytes_max)
        co_return http::problem(400, "", "where: the kiosk or register, up to 64 bytes");

    Use how = [parts](CouponId id, const std::string& at, const Shop::Done& done) {
        parts->shop.redeem(id, at, parts->now(), done);
    };
    auto pending = use(parts, *coupon, where, std::move(how));
    const auto used = co_await std::move(pending);
    if (!used) co_return ledger_trouble(used.error());
    const Answer& answer = used.value();
    if (answer.verdict == Verdict::unknown) co_return over_long_ago(*parts, *coupon);
    switch (answer.verdict) {
        case Verdict::duplicate:
            co_return used_already(*parts, *answer.coupon);
        case Verdict::refused:
            co_return http::problem(410, "",
                                    "this coupon cannot be used any more: " + answer.reason);
        case Verdict::accepted:
            break;
        default:
            co_return http::problem(404, "", "no such coupon");
    }
    Json out;
    out["coupon"] = coupon_for(*parts, *answer.coupon, request.role).value_or(Json());
    co_return http::json(out.dump());
}

Reply post_delivered(Parts parts, http::Request request)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    const auto coupon = coupon_id_of(request.parameter("coupon"));
    const auto channel = text_in(*body, "channel");
    if (!coupon) co_return http::problem(404, "", "no such coupon");
    if (channel.empty() || channel.size() > where_bytes_max)
        co_return http::problem(400, "", "channel: how it was shown, up to 64 bytes");
    Use how = [parts](CouponId id, const std::string& by, const Shop::Done& done) {
        parts->shop.deliver(id, by, parts->now(), done);
    };
    auto pending = use(parts, *coupon, channel, std::move(how));
    const auto told = co_await std::move(pending);
    if (!told) co_return ledger_trouble(told.error());
    if (told.value().verdict == Verdict::unknown)
        co_return http::problem(404, "", "no such coupon");
    co_return http::no_content();
}

}  // namespace raiten::app
