#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/targets.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

/// Who in the store is worth approaching first.
namespace raiten::app {
namespace {

constexpr std::size_t targets_default = 10;
constexpr std::size_t targets_max = 50;
/// Cards are made anew for each answer: so many that the loop does not notice.
constexpr std::size_t looked_at_max = 200;

/// Those who have been here longest, where there are too many to look at all.
std::vector<VisitRecord> open_visits(const ApiParts& parts)
{
    auto all = parts.shop.engine().present();
    std::erase_if(all, [](const VisitRecord& v) { return v.state != VisitState::open; });
    std::sort(all.begin(), all.end(), [](const VisitRecord& a, const VisitRecord& b) {
        return std::tie(a.opened_at, a.id) < std::tie(b.opened_at, b.id);
    });
    if (all.size() > looked_at_max) all.resize(looked_at_max);
    return all;
}

std::string words_of(Worth worth, const Present& one)
{
    switch (worth) {
        case Worth::coupon:
            return "holds a coupon that can be used now";
        case Worth::came_back:
            return "came back " + std::to_string(one.visit.streak)
                   + (one.visit.streak == 1 ? " time" : " times") + " without buying";
        case Worth::drifting:
            return "was " + std::string{one.card.stage == Stage::dormant ? "dormant" : "at risk"}
                   + ", and is here";
        case Worth::may_not_buy:
            return "usually spends much, and may leave without buying";
    }
    return "";
}

Json reason_json(Worth worth, const Present& one)
{
    Json from = Json::object();
    switch (worth) {
        case Worth::coupon:
            break;
        case Worth::came_back:
            from["streak"] = one.visit.streak;
            break;
        case Worth::drifting:
            from["stage"] = raiten::text_of(*one.card.stage);
            break;
        case Worth::may_not_buy:
            from["propensity"] = *one.card.propensity;
            from["rfm_m"] = *one.card.rfm_m;
            break;
    }
    return {{"reason", text_of(worth)}, {"from", std::move(from)}, {"words", words_of(worth, one)}};
}

}  // namespace

Reply get_targets(Parts parts, http::Request request)
{
    const auto limit = number_in(request, "limit", targets_default, targets_max);
    if (!limit) co_return http::problem(400, "", "limit is a number from 1 to 50");
    const auto now = parts->now();
    std::vector<Present> present;
    auto& engine = parts->shop.engine();
    for (auto& visit : open_visits(*parts)) {
        Present one;
        one.card = engine.card(visit.member, now);
        one.coupons = parts->shop.members().load(visit.member).coupons;
        one.visit = std::move(visit);
        present.push_back(std::move(one));
    }
    Json out;
    Json& all = out["targets"] = Json::array();
    for (const auto& target : targets_among(present, now, *limit)) {
        const auto& one = present[target.present];
        const Json visit = Json::parse(visit_json(one.visit, parts->shop.sender()));
        Json each{{"member", one.visit.member_name},
                  {"visit", visit.at("visit")},
                  {"opened_at", visit.at("opened_at")},
                  {"zone", visit.at("zone")},
                  {"coupon", nullptr},
                  {"reasons", Json::array()}};
        for (const auto& coupon : one.coupons)
            if (target.coupon == coupon.id)
                each["coupon"] = coupon_for(*parts, coupon, request.role).value_or(Json());
        for (const auto worth : target.why) each["reasons"].push_back(reason_json(worth, one));
        all.push_back(std::move(each));
    }
    co_return http::json(out.dump());
}

}  // namespace raiten::app
