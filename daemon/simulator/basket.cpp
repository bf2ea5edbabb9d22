#include "daemon/simulator/basket.hpp"

#include "daemon/simulator/check_digit.hpp"
#include "daemon/simulator/dice.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace raiten::simulator {
namespace {

struct Goods {
    std::string_view name;
    std::string_view category;
    int price_yen;
};

constexpr std::size_t kinds_each = 4;
constexpr std::array<Goods, 24> shelf{{
    {"Cotton T-shirt", "tops", 1'990},    {"Linen shirt", "tops", 3'990},
    {"Knit sweater", "tops", 4'990},      {"Hooded jacket", "tops", 6'990},
    {"Straight jeans", "bottoms", 4'990}, {"Chino trousers", "bottoms", 3'990},
    {"Pleated skirt", "bottoms", 3'490},  {"Easy shorts", "bottoms", 1'990},
    {"Canvas sneakers", "shoes", 5'490},  {"Leather loafers", "shoes", 9'900},
    {"Rain boots", "shoes", 3'980},       {"Sandals", "shoes", 2'490},
    {"Tote bag", "goods", 1'490},         {"Leather belt", "goods", 2'490},
    {"Umbrella", "goods", 1'290},         {"Wool scarf", "goods", 2'990},
    {"Crew socks", "inner", 390},         {"Boxer briefs", "inner", 790},
    {"Camisole", "inner", 990},           {"Pyjamas", "inner", 2'990},
    {"Hand cream", "care", 690},          {"Face wash", "care", 880},
    {"Bath salts", "care", 540},          {"Lip balm", "care", 420},
}};
constexpr std::size_t categories = shelf.size() / kinds_each;
constexpr std::size_t lines_most = 8;
constexpr double another_line = 0.55;
constexpr double liking = 4;  // of a favourite category, against 1

std::string sku(std::size_t number)
{
    return with_check_digit("45" + std::to_string(9'901'000'000 + number));
}

}  // namespace

std::vector<ReceiptLine> basket(std::uint64_t seed, std::optional<std::uint32_t> person,
                                std::uint64_t draw)
{
    Dice dice{draw};
    std::array<double, categories> likes{};
    likes.fill(1);
    if (person) {
        auto taste = dice_for(seed, Purpose::basket, {*person});
        likes[taste.below(categories)] = liking;
        likes[taste.below(categories)] = liking;
    }
    std::array<bool, shelf.size()> taken{};
    std::vector<ReceiptLine> lines;
    do {
        const auto number = dice.weighted(likes) * kinds_each + dice.below(kinds_each);
        if (taken[number]) continue;
        taken[number] = true;
        const auto& goods = shelf[number];
        const int quantity = dice.chance(0.15) ? 2 : 1;
        lines.push_back({sku(number), std::string{goods.name}, Money::from_units(quantity),
                         Money::from_units(quantity * goods.price_yen),
                         std::string{goods.category}});
    } while (lines.size() < lines_most && dice.chance(another_line));
    return lines;
}

Money total_of(const std::vector<ReceiptLine>& lines)
{
    Money sum;
    for (const auto& line : lines) sum += line.amount;
    return sum;
}

}  // namespace raiten::simulator
