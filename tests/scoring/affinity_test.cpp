#include "daemon/scoring/affinity.hpp"

#include "daemon/base/archive.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

using namespace raiten;
using namespace raiten::scoring;

namespace {

using Basket = std::vector<ItemId>;

Basket basket_of(std::initializer_list<const char*> names)
{
    Basket out;
    for (const auto* name : names) out.push_back(item_of(name));
    return out;
}

template <class T>
std::string bytes_of(const T& value)
{
    ArchiveWriter writer;
    writer(value);
    return writer.bytes();
}

/// Baskets with habits: an item tends to come with its neighbours, low numbers sell most.
class Shoppers {
 public:
    explicit Shoppers(std::uint32_t seed, unsigned items = 40) : dice_{seed}, items_{items} {}

    Basket basket()
    {
        Basket out;
        const auto lines = below(8);
        const auto from = below(items_) * below(items_) / items_;
        for (unsigned i = 0; i < lines; ++i) out.push_back(ItemId{(from + below(6)) * 7'919 + 5});
        return out;
    }
    unsigned below(unsigned n) { return static_cast<unsigned>(dice_() % n); }
    std::mt19937& dice() { return dice_; }

 private:
    std::mt19937 dice_;
    unsigned items_;
};

std::vector<Basket> some_baskets(Shoppers& shoppers, std::size_t n)
{
    std::vector<Basket> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(shoppers.basket());
    return out;
}

std::uint32_t counted(const std::vector<Basket>& baskets, const std::set<ItemId>& items)
{
    std::uint32_t count = 0;
    for (const auto& basket : baskets) {
        const std::set<ItemId> once{basket.begin(), basket.end()};
        count +=
            !once.empty() && std::includes(once.begin(), once.end(), items.begin(), items.end())
                ? 1U
                : 0U;
    }
    return count;
}

/// Every count of pairs is what a plain look at the baskets gives.
void check_exact(const Affinity& store, const std::vector<Basket>& baskets)
{
    std::set<ItemId> items;
    for (const auto& basket : baskets) items.insert(basket.begin(), basket.end());
    CHECK(store.baskets() == counted(baskets, {}));
    CHECK(store.items() == items.size());
    for (const auto a : items)
        for (const auto b : items) {
            if (!(a < b)) continue;
            const auto pair = store.pair(a, b);
            REQUIRE(pair.a == counted(baskets, {a}));
            REQUIRE(pair.b == counted(baskets, {b}));
            REQUIRE(pair.together == counted(baskets, {a, b}));
        }
}

bool alike(const std::vector<Complement>& one, const std::vector<Complement>& other)
{
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](const Complement& a, const Complement& b) {
                          return a.item == b.item && a.score == b.score && a.because == b.because
                                 && a.together == b.together && a.of == b.of
                                 && a.confidence == b.confidence && a.lift == b.lift;
                      });
}

constexpr AffinityBounds small{16, 60, 12, 6, 4, 100};

}  // namespace

TEST_CASE("affinity: bread brings butter, with the counts that say so", "[scoring]")
{
    Affinity store;
    for (int i = 0; i < 30; ++i) store.note(basket_of({"bread", "butter"}));
    for (int i = 0; i < 10; ++i) store.note(basket_of({"bread", "bag"}));
    for (int i = 0; i < 60; ++i) store.note(basket_of({"bag", "soap"}));
    const auto offers = store.complements(basket_of({"bread"}));
    REQUIRE(offers.size() == 2);
    CHECK(offers[0].item == item_of("butter"));
    CHECK(offers[0].because == item_of("bread"));
    CHECK(offers[0].together == 30);
    CHECK(offers[0].of == 40);
    CHECK(offers[0].confidence == 0.75);
    CHECK(offers[0].lift == Approx(0.75 / 0.3));
    CHECK(offers[1].item == item_of("bag"));
    // Bags go with bread less than with anything: lift as a filter drops them.
    CHECK(store.complements(basket_of({"bread"}), {10, 1, 1}).size() == 1);
    CHECK(store.complements(basket_of({"bread"}), {10, 0, 11}).size() == 1);
    CHECK(store.complements(basket_of({"bread"}), {1, 0, 1}).size() == 1);
    CHECK(store.complements(basket_of({"bread", "butter", "bag"})).size() == 1);

    const auto pair = store.pair(item_of("bread"), item_of("butter"));
    CHECK(pair.support() == 0.3);
    CHECK(pair.confidence() == 0.75);
    CHECK(pair.cosine() == Approx(30 / std::sqrt(40.0 * 30)));
    CHECK(pair.leverage() == Approx(0.3 - 0.4 * 0.3));
}

TEST_CASE("affinity: counts equal a plain look at the baskets", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    Shoppers shoppers{seed};
    for (int round = 0; round < 4; ++round) {
        const auto baskets = some_baskets(shoppers, 20 + shoppers.below(150));
        Affinity store;
        for (const auto& basket : baskets) store.note(basket);
        check_exact(store, baskets);
    }
}

TEST_CASE("affinity: the order of baskets changes no answer", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    Shoppers shoppers{seed};
    auto baskets = some_baskets(shoppers, 300);
    Affinity one, other;
    for (const auto& basket : baskets) one.note(basket);
    std::shuffle(baskets.begin(), baskets.end(), shoppers.dice());
    for (auto& basket : baskets) {
        std::shuffle(basket.begin(), basket.end(), shoppers.dice());
        other.note(basket);
    }
    CHECK(one.most_sold(20) == other.most_sold(20));
    for (int i = 0; i < 40; ++i) {
        const auto asked = shoppers.basket();
        CHECK(alike(one.complements(asked), other.complements(asked)));
    }
}

TEST_CASE("affinity: a refunded basket leaves no trace", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    Shoppers shoppers{seed};
    Affinity store;
    for (const auto& basket : some_baskets(shoppers, 100)) store.note(basket);
    const auto before = bytes_of(store);
    std::vector<Basket> refunded = some_baskets(shoppers, 20);
    for (const auto& basket : refunded) store.note(basket);
    refunded.erase(std::remove(refunded.begin(), refunded.end(), Basket{}), refunded.end());
    std::shuffle(refunded.begin(), refunded.end(), shoppers.dice());
    for (auto& basket : refunded) {
        std::shuffle(basket.begin(), basket.end(), shoppers.dice());
        CHECK(store.forget(basket));
    }
    CHECK(bytes_of(store) == before);
    CHECK_FALSE(store.forget(basket_of({"never sold"})));
    CHECK_FALSE(store.forget({}));

    // Also one of long ago, and what is noted after it counts.
    auto baskets = some_baskets(shoppers, 100);
    Affinity other;
    for (const auto& basket : baskets) other.note(basket);
    const auto full = std::find_if(baskets.begin() + 10, baskets.end(),
                                   [](const Basket& basket) { return !basket.empty(); });
    CHECK(other.forget(*full));
    baskets.erase(full);
    baskets.push_back(basket_of({"tea", "milk"}));
    other.note(baskets.back());
    check_exact(other, baskets);
}

TEST_CASE("affinity: a flood of new items and baskets stays within its bounds", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    Shoppers shoppers{seed, 200};
    Affinity store{small};
    std::vector<Basket> noted;
    const auto room = store.memory_bytes();
    for (int i = 0; i < 2'000; ++i) {
        noted.push_back(shoppers.basket());
        store.note(noted.back());
        if (shoppers.below(4) == 0)
            store.forget(noted[noted.size() - 1 - shoppers.below(8) % noted.size()]);
        REQUIRE(store.items() <= small.items);
        REQUIRE(store.baskets() <= small.baskets);
        std::uint32_t lines = 0;
        for (const auto item : store.most_sold(100)) lines += store.count(item);
        REQUIRE(lines <= small.lines);
        const auto a = noted[shoppers.below(static_cast<unsigned>(noted.size()))];
        for (const auto& each : store.complements(a)) {
            REQUIRE(std::isfinite(each.score));
            REQUIRE(each.together <= each.of);
            REQUIRE(std::find(a.begin(), a.end(), each.item) == a.end());
        }
    }
    CHECK(store.memory_bytes() < room + 4'096);
}

TEST_CASE("affinity: what sells stays while newcomers of a day come and go", "[scoring]")
{
    Affinity store{{8, 400, 200, 6, 4, 1'000}};
    for (std::uint32_t day = 0; day < 100; ++day) {
        store.note(basket_of({"milk", "bread"}));
        store.note(Basket{ItemId{1'000 + day}});
    }
    CHECK(store.count(item_of("milk")) == 100);
    CHECK(store.pair(item_of("milk"), item_of("bread")).together == 100);
    CHECK(store.items() == 8);

    // A new article that sells finds its place among them.
    for (std::uint32_t day = 0; day < 40; ++day) {
        store.note(Basket{ItemId{5'000 + day}, item_of("kimchi")});
        store.note(Basket{ItemId{6'000 + day}});
    }
    CHECK(store.count(item_of("kimchi")) > 20);
}

TEST_CASE("affinity: habits of long ago leave with their baskets", "[scoring]")
{
    Affinity store{{16, 100, 20, 6, 4, 1'000}};
    for (int i = 0; i < 20; ++i) store.note(basket_of({"ice", "cone"}));
    for (int i = 0; i < 20; ++i) store.note(basket_of({"oden", "mustard"}));
    CHECK(store.count(item_of("ice")) == 0);
    CHECK(store.items() == 2);
    CHECK(store.baskets() == 20);
    CHECK(store.complements(basket_of({"ice"})).empty());
}

TEST_CASE("affinity: what is written is read as the same, and goes on alike", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    Shoppers shoppers{seed, 100};
    for (int round = 0; round < 20; ++round) {
        Affinity store{small};
        for (const auto& basket : some_baskets(shoppers, shoppers.below(200))) {
            store.note(basket);
            if (shoppers.below(5) == 0) store.forget(basket);
        }
        const auto bytes = bytes_of(store);
        Affinity again{small};
        ArchiveReader reader{bytes};
        reader(again);
        REQUIRE(reader.done());
        REQUIRE(bytes_of(again) == bytes);
        for (const auto& basket : some_baskets(shoppers, 60)) {
            store.note(basket);
            again.note(basket);
            if (shoppers.below(3) == 0) REQUIRE(store.forget(basket) == again.forget(basket));
            REQUIRE(alike(store.complements(basket), again.complements(basket)));
        }
        CHECK(bytes_of(store) == bytes_of(again));
    }
}

TEST_CASE("affinity: damaged bytes are refused or read as what they say", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    Shoppers shoppers{seed};
    Affinity store{small};
    for (const auto& basket : some_baskets(shoppers, 30)) store.note(basket);
    const auto bytes = bytes_of(store);
    for (int round = 0; round < 2'000; ++round) {
        auto damaged = bytes;
        damaged[shoppers.below(static_cast<unsigned>(bytes.size()))] =
            static_cast<char>(shoppers.below(256));
        Affinity read{small};
        ArchiveReader reader{damaged};
        reader(read);
        if (reader.done()) REQUIRE(bytes_of(read) == damaged);
        if (!reader.good()) REQUIRE(read.baskets() == 0);
        read.note(basket_of({"a", "b"}));
        REQUIRE(read.pair(item_of("a"), item_of("b")).together == 1);
    }
}

TEST_CASE("affinity: extremes", "[scoring]")
{
    Affinity store;
    CHECK(store.complements(basket_of({"a"})).empty());
    CHECK(store.most_sold(5).empty());
    CHECK(store.pair(item_of("a"), item_of("b")).lift() == 0);
    store.note({});
    CHECK(store.baskets() == 0);
    store.note(basket_of({"a", "a", "b", "a"}));
    CHECK(store.count(item_of("a")) == 1);
    CHECK(store.pair(item_of("a"), item_of("b")).together == 1);
    CHECK(store.pair(item_of("a"), item_of("a")).together == 1);
    Basket wholesale;
    for (std::uint32_t i = 0; i < 10'000; ++i) wholesale.push_back(ItemId{i});
    store.note(wholesale);
    CHECK(store.items() == 2 + 512);
    CHECK(store.complements(wholesale).size() <= 10);
    CHECK(store.forget(wholesale));
    CHECK(store.items() == 2);
    CHECK(store.memory_bytes() < 5'000'000);
}

TEST_CASE("affinity: SKUs by their hash, the same on every machine", "[scoring]")
{
    CHECK(item_of("") == ItemId{0x4fd0bfc1});
    CHECK(item_of("a") != item_of("b"));
    CHECK(distinct(basket_of({"x", "y", "x"}), 5).size() == 2);
    CHECK(distinct(basket_of({"x", "y", "x"}), 1).size() == 1);
}
