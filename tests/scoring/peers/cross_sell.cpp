#include "tests/scoring/peers/cross_sell.hpp"

#include "daemon/scoring/offers.hpp"
#include "tests/scoring/peers/numpy_dice.hpp"
#include "tests/scoring/peers/table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <sstream>
#include <unordered_map>

namespace raiten::peers {
namespace {

using namespace scoring;

constexpr std::size_t named = 10;

std::vector<std::string> split(const std::string& text, char at)
{
    std::vector<std::string> parts;
    std::istringstream in{text};
    for (std::string part; std::getline(in, part, at);) parts.push_back(part);
    return parts;
}

std::vector<ItemId> ids_of(const std::vector<std::string>& names)
{
    std::vector<ItemId> out;
    for (const auto& name : names) out.push_back(item_of(name));
    return out;
}

/// Invoices with what was sold (not what came back), of articles in 20 invoices or more.
std::optional<Baskets> retail_baskets()
{
    const auto folder = shared_history("online_retail");
    if (!folder) return {};
    const Table table{*folder / "online_retail_shared.csv.gz"};
    std::unordered_map<std::string, std::size_t> place;
    std::vector<std::set<std::string>> invoices;
    std::unordered_map<std::string, int> count;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (table.number(row, "Quantity") <= 0) continue;
        const auto [at, fresh] = place.try_emplace(table.text(row, "InvoiceNo"), invoices.size());
        if (fresh) invoices.emplace_back();
        const auto& item = table.text(row, "StockCode");
        if (invoices[at->second].insert(item).second) ++count[item];
    }
    Baskets out;
    for (const auto& invoice : invoices) {
        auto& basket = out.emplace_back();
        for (const auto& item : invoice)
            if (count[item] >= 20) basket.push_back(item);
    }
    return out;
}

/// The peers' scorers, on a dense matrix of counts.
class DenseCounts {
 public:
    DenseCounts(std::size_t items, const std::vector<std::vector<std::size_t>>& baskets)
        : items_{items},
          baskets_{static_cast<double>(baskets.size())},
          single_(items),
          pairs_(items * items)
    {
        for (const auto& basket : baskets)
            for (const auto a : basket)
                for (const auto b : basket) ++(a == b ? single_[a] : pairs_[a * items_ + b]);
    }

    double confidence(std::size_t a, std::size_t b) const
    {
        return pairs_[a * items_ + b] / std::max(single_[a], 1.0);
    }
    double log_lift(std::size_t a, std::size_t b) const
    {
        const double together = pairs_[a * items_ + b];
        if (together < 3) return 0;
        return confidence(a, b)
               * std::log(std::max(together * baskets_ / (single_[a] * single_[b]), 1.0));
    }

    /// Is `left_out` among the ten best by `score`, of equals the one sold more?
    template <class Score>
    bool names(const std::vector<std::size_t>& rest, std::size_t left_out, const Score& score) const
    {
        std::vector<double> sums(items_);
        for (const auto a : rest)
            for (std::size_t b = 0; b < items_; ++b) sums[b] += score(a, b);
        for (std::size_t b = 0; b < items_; ++b) sums[b] += 1e-9 * single_[b];
        for (const auto a : rest) sums[a] = -1;
        return std::count_if(sums.begin(), sums.end(),
                             [&](double sum) { return sum > sums[left_out]; })
               < static_cast<std::ptrdiff_t>(named);
    }

 private:
    std::size_t items_;
    double baskets_;
    std::vector<double> single_, pairs_;
};

using PeerScore = double (DenseCounts::*)(std::size_t a, std::size_t b) const;

Completion completion(std::string name, std::string peer, const Baskets& all, PeerScore score)
{
    std::vector<std::string> names;
    for (const auto& basket : all)
        if (basket.size() > 1) names.insert(names.end(), basket.begin(), basket.end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::vector<std::vector<std::size_t>> baskets;
    for (const auto& basket : all) {
        if (basket.size() < 2) continue;
        auto& places = baskets.emplace_back();
        for (const auto& item : basket)
            places.push_back(static_cast<std::size_t>(
                std::lower_bound(names.begin(), names.end(), item) - names.begin()));
    }
    const auto ids = ids_of(names);

    NumpyDice dice{1};
    const auto order = dice.permutation(baskets.size());
    const auto learned_from = baskets.size() * 4 / 5;
    std::vector<std::vector<std::size_t>> earlier;
    Affinity store;
    for (std::size_t i = 0; i < learned_from; ++i) {
        std::vector<ItemId> bought;
        for (const auto item : baskets[order[i]]) bought.push_back(ids[item]);
        store.note(bought);
        earlier.push_back(baskets[order[i]]);
    }
    const DenseCounts counts{names.size(), earlier};

    Completion out{std::move(name), std::move(peer), {}, {}};
    for (std::size_t i = learned_from; i < order.size(); ++i) {
        auto rest = baskets[order[i]];
        const auto place = dice.integer(static_cast<std::uint32_t>(rest.size()));
        const auto left_out = rest[place];
        rest.erase(rest.begin() + place);
        std::vector<ItemId> bought;
        for (const auto item : rest) bought.push_back(ids[item]);
        const auto offers = store.complements(bought, {named, 0, 1});
        const auto hit = std::any_of(offers.begin(), offers.end(), [&](const Complement& each) {
            return each.item == ids[left_out];
        });
        out.ours.push_back(hit ? 1 : 0);
        const auto says = [&](std::size_t a, std::size_t b) { return (counts.*score)(a, b); };
        out.peers.push_back(counts.names(rest, left_out, says) ? 1 : 0);
    }
    return out;
}

double mean(const std::vector<double>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double recall(const std::vector<std::string>& offered, const std::vector<std::string>& bought)
{
    double hits = 0;
    for (const auto& item : bought)
        hits += std::find(offered.begin(), offered.end(), item) != offered.end() ? 1 : 0;
    return hits / static_cast<double>(bought.size());
}

using PopularItems = std::vector<std::string>;  // most first

/// Personal frequency with a decay of .85 a basket; of equals the one bought earlier. Then the
/// popular ones.
std::vector<std::string> peer_picks(const Baskets& history, const PopularItems& popular)
{
    std::vector<std::pair<std::string, double>> own;
    for (std::size_t i = 0; i < history.size(); ++i)
        for (const auto& item : history[i]) {
            auto known = std::find_if(own.begin(), own.end(),
                                      [&](const auto& each) { return each.first == item; });
            if (known == own.end()) known = own.insert(own.end(), {item, 0});
            known->second += std::pow(0.85, static_cast<double>(history.size() - 1 - i));
        }
    std::stable_sort(own.begin(), own.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<std::string> picks;
    for (std::size_t i = 0; i < own.size() && picks.size() < named; ++i)
        picks.push_back(own[i].first);
    for (std::size_t i = 0; i < popular.size() && picks.size() < named; ++i)
        if (std::find(picks.begin(), picks.end(), popular[i]) == picks.end())
            picks.push_back(popular[i]);
    return picks;
}

PopularItems popular_of(const std::vector<Baskets>& histories)
{
    std::map<std::string, int> count;
    for (const auto& history : histories)
        for (const auto& basket : history)
            for (const auto& item : basket) ++count[item];
    std::vector<std::pair<std::string, int>> all{count.begin(), count.end()};
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    PopularItems out;
    for (std::size_t i = 0; i < all.size() && i < 2 * named; ++i) out.push_back(all[i].first);
    return out;
}

/// Equal, where the reference is printed with 12 digits.
bool near(double ours, double printed)
{
    return std::abs(ours - printed) <= 2e-11 * std::abs(printed) + 1e-16;
}

}  // namespace

std::optional<Baskets> grocery_baskets()
{
    const auto folder = shared_history("groceries");
    if (!folder) return {};
    Baskets out;
    for (const auto& line : split(text_of(*folder / "groceries.basket.gz"), '\n')) {
        auto basket = split(line, ',');
        std::sort(basket.begin(), basket.end());
        out.push_back(std::move(basket));
    }
    return out;
}

std::vector<Completion> completions()
{
    std::vector<Completion> out;
    if (const auto baskets = grocery_baskets())
        out.push_back(completion("groceries", "confidence", *baskets, &DenseCounts::confidence));
    if (const auto baskets = retail_baskets())
        out.push_back(
            completion("online retail", "confidence x log-lift", *baskets, &DenseCounts::log_lift));
    return out;
}

std::optional<NextBaskets> next_baskets()
{
    const auto folder = shared_history("tafeng");
    if (!folder) return {};
    const Table table{*folder / "tafeng_nbr_shared.csv.gz"};
    std::vector<Baskets> histories;
    Affinity store;
    Catalogue shop;
    std::vector<Tastes> members;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        auto& history = histories.emplace_back();
        auto& member = members.emplace_back();
        std::int32_t day = 0;
        for (const auto& text : split(table.text(row, "history_baskets"), '|')) {
            history.push_back(split(text, ' '));
            const auto basket = ids_of(history.back());
            store.note(basket);
            for (const auto item : basket) shop.note({item, {}, {}, 0});
            member.note(++day, basket, shop);
        }
    }
    const auto popular = popular_of(histories);
    NextBaskets out;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const auto bought = split(table.text(row, "next_basket"), ' ');
        out.peer.push_back(recall(peer_picks(histories[row], popular), bought));
        const auto picks = next_basket(members[row], store, shop, named);
        double hits = 0;
        for (const auto item : ids_of(bought))
            hits += std::any_of(picks.begin(), picks.end(),
                                [&](const Pick& pick) { return pick.item == item; })
                        ? 1
                        : 0;
        out.ours.push_back(hits / static_cast<double>(bought.size()));
    }
    return out;
}

std::optional<std::size_t> wrong_pairs()
{
    const auto folder = shared_history("groceries");
    if (!folder) return {};
    const auto baskets = *grocery_baskets();
    Affinity store;
    for (const auto& basket : baskets) store.note(ids_of(basket));
    const Table table{*folder / "groceries_pairs_ref.csv.gz"};
    std::size_t wrong = 0;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const auto a = item_of(table.text(row, "a")), b = item_of(table.text(row, "b"));
        const auto ours = store.pair(a, b);
        const auto number = [&](const char* column) { return table.number(row, column); };
        const bool same = ours.together == number("n_ab") && ours.a == number("n_a")
                          && ours.b == number("n_b") && near(ours.support(), number("support"))
                          && near(ours.confidence(), number("conf_a_b"))
                          && near(store.pair(b, a).confidence(), number("conf_b_a"))
                          && near(ours.lift(), number("lift"))
                          && near(ours.cosine(), number("cosine"))
                          && near(ours.leverage(), number("leverage"));
        wrong += same ? 0U : 1U;
    }
    const auto items = store.most_sold(store.items());
    std::size_t supported = 0;
    for (std::size_t i = 0; i < items.size(); ++i)
        for (std::size_t j = i + 1; j < items.size(); ++j)
            supported += store.pair(items[i], items[j]).together >= 10 ? 1U : 0U;
    return wrong + (supported - std::min(supported, table.rows()));
}

std::optional<std::size_t> wrong_rules()
{
    const auto folder = shared_history("groceries");
    if (!folder) return {};
    const auto baskets = *grocery_baskets();
    Affinity store;
    for (const auto& basket : baskets) store.note(ids_of(basket));
    const Table table{*folder / "groceries_rules_arules.csv.gz"};
    std::size_t wrong = 0;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const auto& rule = table.text(row, "rules");  // {a,b} => {c}
        const auto arrow = rule.find("} => {");
        auto items = ids_of(split(rule.substr(1, arrow - 1), ','));
        const auto then = item_of(rule.substr(arrow + 6, rule.size() - arrow - 7));
        const double condition = store.together(items);
        items.push_back(then);
        const double count = store.together(items);
        const double all = store.baskets();
        const auto number = [&](const char* column) { return table.number(row, column); };
        const bool same = count == number("count") && near(count / all, number("support"))
                          && near(count / condition, number("confidence"))
                          && near(condition / all, number("coverage"))
                          && near(count / condition * all / store.count(then), number("lift"));
        wrong += same ? 0U : 1U;
    }
    return wrong;
}

std::size_t frequent_sets(const Affinity& store, const Baskets& baskets)
{
    std::set<std::string> names;
    for (const auto& basket : baskets) names.insert(basket.begin(), basket.end());
    const auto items = ids_of({names.begin(), names.end()});
    // Depth first: a set is extended by items behind its last one that are frequent beside it.
    std::size_t found = 0;
    const auto extend = [&](const auto& self, std::vector<ItemId>& set,
                            std::span<const ItemId> behind) -> void {
        std::vector<ItemId> frequent;
        for (const auto item : behind) {
            set.push_back(item);
            if (store.together(set) >= 10) frequent.push_back(item);
            set.pop_back();
        }
        found += frequent.size();
        for (std::size_t i = 0; i + 1 < frequent.size(); ++i) {
            set.push_back(frequent[i]);
            self(self, set, std::span{frequent}.subspan(i + 1));
            set.pop_back();
        }
    };
    std::vector<ItemId> none;
    extend(extend, none, items);
    return found;
}

std::vector<Mark> cross_sell_marks()
{
    std::vector<Mark> marks;
    if (const auto members = next_baskets()) {
        const auto ours = mean(members->ours);
        marks.push_back(beside_peer("Ta-Feng next basket, recall@10", ours,
                                    "personal, decay .85, then popularity", 0.12434323896410682,
                                    false, bootstrap_means(members->ours, members->peer)));
        marks.push_back({"Ta-Feng next basket, recall@10",
                         ours,
                         "TIFU-KNN",
                         0.12653862581536465,
                         0.12653862581536465,
                         false,
                         {}});
    }
    for (const auto& shop : completions())
        marks.push_back(beside_peer(shop.name + " basket completion, HR@10", mean(shop.ours),
                                    shop.peer, mean(shop.peers), false,
                                    bootstrap_means(shop.ours, shop.peers)));
    const auto exact = [&](std::string name, std::optional<std::size_t> wrong) {
        if (wrong)
            marks.push_back(
                {std::move(name), static_cast<double>(*wrong), "arules", 0, 0, true, {}});
    };
    exact("groceries, pairs that differ of 2,981", wrong_pairs());
    exact("groceries, rules that differ of 410", wrong_rules());
    return marks;
}

}  // namespace raiten::peers
