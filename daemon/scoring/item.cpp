#include "daemon/scoring/item.hpp"

#include <algorithm>

namespace raiten::scoring {

ItemId item_of(std::string_view sku)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char each : sku) {
        hash ^= static_cast<unsigned char>(each);
        hash *= 0x100000001b3;
    }
    return ItemId{static_cast<std::uint32_t>(hash ^ hash >> 32U)};
}

std::vector<ItemId> distinct(std::span<const ItemId> items, std::size_t most)
{
    std::vector<ItemId> once{items.begin(), items.end()};
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    if (once.size() > most) once.resize(most);
    return once;
}

}  // namespace raiten::scoring
