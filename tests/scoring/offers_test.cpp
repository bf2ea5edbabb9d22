#include "daemon/scoring/offers.hpp"

#include "daemon/base/archive.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <random>

using namespace raiten;
using namespace raiten::scoring;

namespace {

template <class T>
std::string bytes_of(const T& value)
{
    ArchiveWriter writer;
    writer(value);
    return writer.bytes();
}

template <class T>
T again(const T& value)
{
    const auto bytes = bytes_of(value);
    T read;
    ArchiveReader reader{bytes};
    reader(read);
    REQUIRE(reader.done());
    REQUIRE(bytes_of(read) == bytes);
    return read;
}

const auto milk = item_of("milk"), pan = item_of("pan"), bag = item_of("bag");

}  // namespace

TEST_CASE("tastes: a tenth fades each purchase day, receipts of a day are one", "[scoring]")
{
    Catalogue shop;
    Tastes member;
    member.note(1, std::array{milk, milk, pan}, shop);
    member.note(1, std::array{milk}, shop);
    REQUIRE(member.own().size() == 2);
    CHECK(member.own()[0].weight == 1);
    CHECK(member.own()[1].weight == 1);
    member.note(4, std::array{milk}, shop);
    for (const auto& own : member.own())
        CHECK(own.weight == Approx(own.item == milk ? 1.9 : 0.9).margin(0.003));
    member.note(3, std::array{pan}, shop);  // late: counts as the last day
    for (const auto& own : member.own()) CHECK(own.weight == Approx(1.9).margin(0.003));
    member.note(5, {}, shop);  // nothing bought is no purchase day
    CHECK(member.own()[0].weight == Approx(1.9).margin(0.003));
}

TEST_CASE("tastes: the order of a day's receipts changes nothing", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    Catalogue one_shop, other_shop;
    for (std::uint32_t i = 0; i < 20; ++i)
        for (auto* shop : {&one_shop, &other_shop}) shop->note({ItemId{i}, {}, {}, 0});
    Tastes one, other;
    for (std::int32_t day = 1; day < 60; ++day) {
        std::vector<std::vector<ItemId>> receipts(1 + dice() % 4);
        for (auto& receipt : receipts)
            for (auto n = dice() % 6; n > 0; --n)
                receipt.push_back(ItemId{static_cast<std::uint32_t>(dice() % 20)});
        for (const auto& receipt : receipts) one.note(day, receipt, one_shop);
        std::shuffle(receipts.begin(), receipts.end(), dice);
        for (const auto& receipt : receipts) other.note(day, receipt, other_shop);
        REQUIRE(bytes_of(one) == bytes_of(other));
    }
    CHECK(bytes_of(one_shop) == bytes_of(other_shop));
}

TEST_CASE("tastes: 24 items, 256 bytes, whatever is bought", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    Catalogue shop;
    Tastes member;
    for (std::int32_t day = 0; day < 300; ++day) {
        std::vector<ItemId> basket{milk};
        for (auto n = dice() % 60; n > 0; --n) basket.push_back(ItemId{~0U - static_cast<std::uint32_t>(dice() % 5'000)});
        member.note(2'000'000'000 + day, basket, shop);
        REQUIRE(member.own().size() <= Tastes::items_max);
        REQUIRE(bytes_of(member).size() <= 256);
    }
    const auto own = again(member).own();
    const auto best = std::max_element(
        own.begin(), own.end(), [](const auto& a, const auto& b) { return a.weight < b.weight; });
    CHECK(best->item == milk);
    CHECK(best->weight <= 10.1);

    std::vector<ItemId> wholesale;
    for (std::uint32_t i = 0; i < 10'000; ++i) wholesale.push_back(ItemId{i});
    Tastes wholesaler;
    wholesaler.note(1, wholesale, shop);
    wholesaler.note(2, wholesale, shop);
    CHECK(wholesaler.own().size() == Tastes::items_max);
}

TEST_CASE("tastes: damaged bytes give no more than what is allowed", "[scoring]")
{
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 dice{seed};
    Catalogue shop;
    Tastes member;
    for (std::int32_t day = 1; day < 9; ++day)
        member.note(day, std::array{ItemId{static_cast<std::uint32_t>(dice())}, milk}, shop);
    const auto bytes = bytes_of(member);
    for (int round = 0; round < 2'000; ++round) {
        auto damaged = bytes;
        damaged[dice() % bytes.size()] = static_cast<char>(dice() % 256);
        Tastes read;
        ArchiveReader reader{damaged};
        reader(read);
        if (reader.done()) REQUIRE(bytes_of(read) == damaged);
        REQUIRE(read.own().size() <= Tastes::items_max);
        read.note(100, std::array{pan}, shop);
    }
}

TEST_CASE("next basket: milk bought once leads over a pan bought once", "[scoring]")
{
    Affinity store;
    Catalogue shop;
    const auto buys = [&](Tastes& who, std::int32_t day, std::vector<ItemId> basket) {
        for (const auto item : basket) shop.note({item, {}, {}, 0});
        store.note(basket);
        who.note(day, basket, shop);
    };
    for (int i = 0; i < 50; ++i) {  // milk comes again, pans do not, bags are for everybody
        Tastes member;
        buys(member, 1, {milk, pan});
        for (std::int32_t day = 2; day < 12; ++day) buys(member, day, {milk, bag});
    }
    CHECK(shop.return_rate(milk) > 0.6);
    CHECK(shop.return_rate(pan) < 0.3);
    CHECK(shop.return_rate(item_of("unheard of")) > 0.3);

    Tastes member;
    buys(member, 1, {milk, pan});
    const auto picks = next_basket(member, store, shop, 3);
    REQUIRE(picks.size() == 3);
    CHECK(picks[0].item == milk);
    CHECK(picks[1].item == bag);
    CHECK(picks[2].item == pan);
    CHECK(picks[0].own_weight == 1);
    CHECK(picks[0].score
          == Approx(picks[0].popularity + picks[0].own_weight * picks[0].return_rate));
    CHECK(picks[1].own_weight == 0);
    CHECK(picks[1].score == picks[1].popularity);
    CHECK(next_basket(member, store, shop, 1).size() == 1);

    // Who bought nothing yet gets what everybody buys; a shop without baskets has nothing to say.
    CHECK(next_basket({}, store, shop, 10)[0].item == milk);
    CHECK(next_basket({}, Affinity{}, {}, 10).empty());
    CHECK(next_basket(member, Affinity{}, {}, 10).size() == 2);
}

TEST_CASE("catalogue: the next price tier within the category", "[scoring]")
{
    Catalogue shop;
    const auto sells = [&](const char* name, const char* category, double price, int times) {
        for (int i = 0; i < times; ++i) shop.note({item_of(name), name, category, price});
    };
    sells("house wine", "wine", 5, 90);
    sells("table wine", "wine", 6, 50);
    sells("good wine", "wine", 9, 10);
    sells("better wine", "wine", 9.5, 20);
    sells("best wine", "wine", 30, 99);
    sells("gold watch", "watches", 7, 99);
    const auto next = shop.next_tier(item_of("table wine"));
    REQUIRE(next);
    CHECK(next->item == item_of("good wine"));  // the tier above, though the other sells more
    CHECK(next->from == Approx(6));
    CHECK(next->to == Approx(9));
    CHECK(next->tier == 2 + 0U);
    CHECK_FALSE(shop.next_tier(item_of("best wine")));
    CHECK_FALSE(shop.next_tier(item_of("better wine")));  // the only dearer one is 3 times dearer
    CHECK(shop.next_tier(item_of("better wine"), 4));
    CHECK_FALSE(shop.next_tier(item_of("gold watch")));  // a category of one
    CHECK_FALSE(shop.next_tier(item_of("unheard of")));
}

TEST_CASE("catalogue: prices follow, texts are cut, nonsense is left out", "[scoring]")
{
    Catalogue shop;
    for (int i = 0; i < 50; ++i) shop.note({milk, "milk", "dairy", 1});
    for (int i = 0; i < 50; ++i) shop.note({milk, "", "", 2});
    CHECK(shop.find(milk)->price == Approx(2).epsilon(0.01));
    CHECK(shop.find(milk)->category == "dairy");
    shop.note({milk, {}, {}, std::numeric_limits<double>::infinity()});
    shop.note({milk, {}, {}, -5});
    CHECK(shop.find(milk)->price == Approx(2).epsilon(0.01));
    shop.note({pan, std::string(47, 'x') + "\xe3\x81\x82", "", 1});
    CHECK(shop.find(pan)->name == std::string(47, 'x'));  // no half of a character
}

TEST_CASE("catalogue: a flood of new articles leaves what sells", "[scoring]")
{
    Catalogue shop;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        shop.note({milk, "milk", "dairy", 1});
        shop.note({ItemId{i}, "new", "", 1});
    }
    CHECK(shop.size() == Catalogue::articles_max);
    CHECK(shop.find(milk)->sold == 20'000);
    const auto read = again(shop);
    CHECK(read.find(milk)->price == Approx(1));
    for (std::uint32_t i = 0; i < Catalogue::sales_to_halve; ++i) shop.note({pan, {}, {}, 0});
    CHECK(shop.find(milk)->sold < 20'000);
}

TEST_CASE("looked, not bought: by how long beside what is usual", "[scoring]")
{
    UsualStay usual;
    for (int i = 0; i < 20; ++i) {
        usual.note({"wine", 30});
        usual.note({"wine", 120});
        usual.note({"sofas", 600});
        usual.note({"soap", 20});
    }
    CHECK(*usual.seconds("wine") == Approx(60));
    CHECK_FALSE(usual.seconds("cheese"));

    const std::array<ZoneDwell, 6> stays{{{"sofas", 700},
                                         {"wine", 200},
                                         {"soap", 25},
                                         {"cheese", 40},
                                         {"bread", 300},
                                         {"wine", 100}}};
    const std::array<std::string_view, 1> bought{"bread"};
    const auto looked = looked_not_bought(stays, bought, usual);
    REQUIRE(looked.size() == 3);
    CHECK(looked[0].category == "wine");
    CHECK(looked[0].seconds == 300);
    CHECK(looked[0].times_usual() == Approx(5));
    CHECK(looked[1].category == "sofas");
    CHECK(looked[2].category == "cheese");  // a zone of which nothing is known is as usual
    CHECK(looked_not_bought({}, {}, usual).empty());
    CHECK(*again(usual).seconds("wine") == Approx(60));
}

TEST_CASE("looked, not bought: nonsense and floods of zones are left out", "[scoring]")
{
    UsualStay usual;
    usual.note({"wine", std::numeric_limits<double>::quiet_NaN()});
    usual.note({"wine", -3});
    usual.note({std::string(65, 'z'), 10});
    CHECK_FALSE(usual.seconds("wine"));
    for (int i = 0; i < 1'000; ++i) usual.note({"zone " + std::to_string(i), 1e300});
    CHECK(*usual.seconds("zone 0") == Approx(86'400));
    CHECK(usual.seconds("zone 255"));
    CHECK_FALSE(usual.seconds("zone 256"));
    const std::array<ZoneDwell, 2> stays{
        {{"wine", std::numeric_limits<double>::infinity()}, {"tea", 31}}};
    CHECK(looked_not_bought(stays, {}, usual).size() == 1);
    again(usual);
}
