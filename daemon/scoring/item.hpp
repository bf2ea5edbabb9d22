#pragma once

#include "daemon/base/id.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace raiten::scoring {

/// An article, known by a hash of its SKU. Among 4,096 articles two share one with a chance of
/// 0.2 %; they then count as one.
using ItemId = Id<struct ItemTag, std::uint32_t>;

/// FNV-1a of 64 bits, folded to 32 (draft-eastlake-fnv).
ItemId item_of(std::string_view sku);

/// Each item once, ascending; of more than `most` those with the smallest ids, which are as good as
/// drawn by lot.
std::vector<ItemId> distinct(std::span<const ItemId> items, std::size_t most);

}  // namespace raiten::scoring
