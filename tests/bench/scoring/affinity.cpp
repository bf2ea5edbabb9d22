#include "daemon/base/archive.hpp"
#include "daemon/scoring/offers.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/scoring/parts.hpp"
#include "tests/scoring/peers/cross_sell.hpp"

#include <cmath>
#include <random>
#include <span>
#include <vector>

/// What to offer, in a store whose window of baskets is full: 262,144 lines of 4,096 articles.
namespace {

using namespace raiten;
using namespace raiten::scoring;
using bench::print;

/// Articles sell by Zipf's law, and the next number often comes along.
class Shoppers {
 public:
    std::vector<ItemId> basket(unsigned lines)
    {
        std::vector<ItemId> out;
        while (out.size() < lines) {
            const double share = std::generate_canonical<double, 32>(dice_);
            const auto item = static_cast<std::uint32_t>(std::pow(6'000.0, share));
            out.push_back(ItemId{item * 2'654'435'761U});
            if (dice_() % 2 == 0) out.push_back(ItemId{(item + 1) * 2'654'435'761U});
        }
        return out;
    }

 private:
    std::mt19937 dice_{42};
};

template <class Work>
double microseconds(const std::vector<std::vector<ItemId>>& baskets, const Work& work)
{
    const double seconds = bench::best_seconds([&] {
        for (const auto& basket : baskets) work(basket);
    });
    return seconds / static_cast<double>(baskets.size()) * 1e6;
}

void counts_of_groceries()
{
    const auto baskets = peers::grocery_baskets();
    if (!baskets) return;
    Affinity store;
    for (const auto& basket : *baskets) {
        std::vector<ItemId> items;
        for (const auto& item : basket) items.push_back(item_of(item));
        store.note(items);
    }
    print("scoring: sets of groceries in 10 baskets and more",
          static_cast<double>(peers::frequent_sets(store, *baskets)), "sets",
          {"arules, exactly", 13'492}, 1.0);
}

}  // namespace

void raiten::bench::bench_affinity()
{
    Shoppers shoppers;
    Affinity store;
    Catalogue shop;
    for (int i = 0; i < 36'000; ++i) {  // until the oldest leave
        const auto basket = shoppers.basket(8);
        store.note(basket);
        for (const auto item : basket) shop.note({item, "article", "category", 5});
    }
    std::vector<std::vector<ItemId>> baskets;
    for (int i = 0; i < 200; ++i) baskets.push_back(shoppers.basket(20));

    Tastes member;
    std::int32_t day = 0;
    print("scoring: a receipt of 20 lines becomes known, store and member",
          microseconds(baskets,
                       [&](const auto& basket) {
                           store.note(basket);
                           for (const auto item : basket) shop.note({item, {}, {}, 5});
                           member.note(++day, basket, shop);
                       }),
          "us", {"at most", 1'000});
    print(
        "scoring: what goes with a basket of 20",
        microseconds(baskets, [&](const auto& basket) { bench::keep(store.complements(basket)); }),
        "us", {"at most", 1'000});
    print("scoring: what goes with a basket of 3",
          microseconds(baskets,
                       [&](const auto& basket) {
                           bench::keep(store.complements(std::span{basket}.first(3)));
                       }),
          "us", {"at most", 1'000});
    print(
        "scoring: a member's next basket",
        microseconds(baskets, [&](const auto&) { bench::keep(next_basket(member, store, shop)); }),
        "us", {"at most", 1'000});
    print(
        "scoring: the next price tier",
        microseconds(baskets, [&](const auto& basket) { bench::keep(shop.next_tier(basket[0])); }),
        "us", {"at most", 1'000});
    print("scoring: memory of affinities", static_cast<double>(store.memory_bytes()) / 1e6, "MB",
          {"at most", 5});
    const auto written = [](const auto& model) {
        ArchiveWriter writer;
        writer(model);
        return static_cast<double>(writer.bytes().size());
    };
    print("scoring: affinities as stored", written(store) / 1e6, "MB", {"at most", 2});
    print("scoring: catalogue as stored", written(shop) / 1e6, "MB", {"at most", 1});
    print("scoring: a member's own items as stored", written(member), "bytes", {"at most", 256});
    std::uint32_t fresh = 0;
    print("scoring: a flood of 512 articles never seen",
          microseconds(baskets,
                       [&](const auto&) {
                           std::vector<ItemId> flood;
                           for (int i = 0; i < 512; ++i) flood.push_back(ItemId{++fresh * 7U});
                           store.note(flood);
                       }),
          "us", {"at most", 5'000});
    counts_of_groceries();
}
