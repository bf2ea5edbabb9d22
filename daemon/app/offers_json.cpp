#include "daemon/app/offers_json.hpp"

#include "daemon/app/shop_learner.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace raiten::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most = 10;
constexpr std::size_t asked_max = 20;  ///< articles whose next tier is looked for, 50 us each

Json article_of(const scoring::Models& models, scoring::ItemId item)
{
    Json out;
    const auto* article = models.catalogue->find(item);
    out["name"] = article ? Json(article->name) : Json();
    out["category"] = article && !article->category.empty() ? Json(article->category) : Json();
    out["price"] = article && article->price > 0 ? Json(article->price) : Json();
    return out;
}

bool is_known(const scoring::Models& models, scoring::ItemId item)
{
    return models.catalogue->find(item) != nullptr;
}

std::vector<scoring::ItemId> last_basket(const OfferGround& ground)
{
    for (const auto& visit : ground.visits) {
        std::vector<scoring::ItemId> items;
        for (const auto& receipt : visit.receipts) {
            if (!receipt.counts()) continue;
            for (const auto item : items_of(ground.sold(receipt))) items.push_back(item);
        }
        if (!items.empty()) return scoring::distinct(items, scoring::Tastes::basket_lines_max);
    }
    return {};
}

Json next_basket_of(const OfferGround& ground)
{
    Json all = Json::array();
    const auto& models = *ground.models;
    if (!ground.habits) return all;
    for (const auto& pick :
         scoring::next_basket(ground.habits->tastes, *models.affinity, *models.catalogue, most)) {
        if (!is_known(models, pick.item)) continue;
        auto each = article_of(models, pick.item);
        each["score"] = pick.score;
        each["popularity"] = pick.popularity;
        each["own_weight"] = pick.own_weight;
        each["return_rate"] = pick.return_rate;
        all.push_back(std::move(each));
    }
    return all;
}

Json goes_with(const OfferGround& ground, const std::vector<scoring::ItemId>& basket)
{
    Json all = Json::array();
    const auto& models = *ground.models;
    scoring::ComplementRules rules;
    rules.most = most;
    rules.lift_min = 1;
    rules.together_min = 3;
    for (const auto& found : models.affinity->complements(basket, rules)) {
        if (!is_known(models, found.item)) continue;
        auto each = article_of(models, found.item);
        each["because"] = article_of(models, found.because)["name"];
        each["together"] = found.together;
        each["of"] = found.of;
        each["confidence"] = found.confidence;
        each["lift"] = found.lift;
        all.push_back(std::move(each));
    }
    return all;
}

Json next_tier(const OfferGround& ground, const std::vector<scoring::ItemId>& basket)
{
    Json all = Json::array();
    const auto& models = *ground.models;
    for (std::size_t i = 0; i < std::min(basket.size(), asked_max) && all.size() < most; ++i) {
        const auto item = basket[i];
        const auto tier = models.catalogue->next_tier(item);
        if (!tier) continue;
        auto each = article_of(models, tier->item);
        each["instead_of"] = article_of(models, item)["name"];
        each["from"] = tier->from;
        each["to"] = tier->to;
        each["tier"] = tier->tier;
        all.push_back(std::move(each));
    }
    return all;
}

/// Of the last settled visit, if nothing was bought. Doors and registers are no categories.
Json looked_at(const OfferGround& ground)
{
    Json all = Json::array();
    const auto last =
        std::find_if(ground.visits.begin(), ground.visits.end(),
                     [](const auto& visit) { return visit.state == VisitState::settled; });
    if (last == ground.visits.end() || last->outcome() == VisitOutcome::purchase) return all;
    std::vector<scoring::ZoneDwell> stays;
    for (const auto& [zone, span] : last->zones)
        if (zone != "entrance" && zone != scoring::register_zone)
            stays.push_back({zone, static_cast<double>(span.count()) / 1000});
    for (const auto& looked : scoring::looked_not_bought(stays, {}, *ground.models->usual_stay)) {
        Json each;
        each["category"] = looked.category;
        each["seconds"] = looked.seconds;
        each["usual_s"] = looked.usual;
        all.push_back(std::move(each));
    }
    return all;
}

}  // namespace

std::string offers_json(const OfferGround& ground)
{
    Json out;
    const bool learned = ground.models && ground.models->affinity && ground.models->catalogue
                         && ground.models->usual_stay;
    const auto basket = learned ? last_basket(ground) : std::vector<scoring::ItemId>{};
    out["next_basket"] = learned ? next_basket_of(ground) : Json::array();
    out["goes_with"] = learned ? goes_with(ground, basket) : Json::array();
    out["next_tier"] = learned ? next_tier(ground, basket) : Json::array();
    out["looked_at"] = learned ? looked_at(ground) : Json::array();
    return out.dump();
}

}  // namespace raiten::app
