#include "daemon/scoring/affinity.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <functional>

namespace raiten::scoring {
namespace {

double share(std::uint32_t part, std::uint32_t of)
{
    return of == 0 ? 0 : static_cast<double>(part) / of;
}

}  // namespace

double PairCounts::support() const
{
    return share(together, baskets);
}
double PairCounts::confidence() const
{
    return share(together, a);
}
double PairCounts::lift() const
{
    return b == 0 ? 0 : confidence() * baskets / b;
}
double PairCounts::cosine() const
{
    return together == 0 ? 0 : together / std::sqrt(static_cast<double>(a) * b);
}
double PairCounts::leverage() const
{
    return support() - share(a, baskets) * share(b, baskets);
}

Affinity::Affinity(const AffinityBounds& bounds) : bounds_{bounds}
{
    assert(bounds.items < no_item && bounds.baskets <= 65'536 && bounds.baskets > 0);
    assert(bounds.basket_lines > 0 && bounds.basket_lines < bounds.items);
    assert(bounds.basket_lines <= bounds.lines);
    weights_.push_back(0);
    for (std::uint32_t size = 1; size <= bounds.basket_lines; ++size)
        weights_.push_back(  // whole numbers, so that sums do not depend on their order
            static_cast<std::uint64_t>(std::lround(weight_unit * std::sqrt(2.0 / size))));
    clear();
}

void Affinity::clear()
{
    // A quarter more than are kept alive, so that lines taken back seldom need to be cleared away.
    const auto ring = bounds_.lines + bounds_.lines / 4;
    lines_.assign(ring, {0, no_item, 0});
    baskets_.assign(bounds_.baskets, {});
    first_basket_ = kept_baskets_ = next_line_ = kept_lines_ = 0;
    live_baskets_ = live_lines_ = lines_since_halving_ = 0;
    item_at_.clear();
    free_slots_.clear();
    slot_of_.clear();
}

std::uint32_t Affinity::line_after(std::uint32_t line, std::uint32_t steps) const
{
    const auto ring = static_cast<std::uint32_t>(lines_.size());
    return line + steps < ring ? line + steps : line + steps - ring;
}

void Affinity::note(std::span<const ItemId> basket)
{
    const auto once = distinct(basket, bounds_.basket_lines);
    if (once.empty()) return;
    make_room(static_cast<std::uint32_t>(once.size()));
    append(once);
    age(static_cast<std::uint32_t>(once.size()));
}

void Affinity::append(std::span<const ItemId> once)
{
    auto place = first_basket_ + kept_baskets_;
    if (place >= bounds_.baskets) place -= bounds_.baskets;
    baskets_[place] = {next_line_, 0, 0};
    ++kept_baskets_;
    ++live_baskets_;
    for (const auto item : once) {
        const auto slot = slot_for(item, static_cast<std::uint16_t>(place));
        auto& at = item_at_[slot];
        lines_[next_line_] = {at.newest, slot, static_cast<std::uint16_t>(place)};
        at.newest = next_line_;
        ++at.count;
        ++at.merit;
        ++baskets_[place].size;
        ++baskets_[place].live;
        ++kept_lines_;
        ++live_lines_;
        next_line_ = line_after(next_line_, 1);
    }
}

void Affinity::make_room(std::uint32_t lines)
{
    while (live_lines_ + lines > bounds_.lines || live_baskets_ + 1 > bounds_.baskets)
        drop_oldest();
    while (kept_baskets_ > 0 && baskets_[first_basket_].live == 0) drop_oldest();
    if (kept_lines_ + lines > lines_.size() || kept_baskets_ == bounds_.baskets)
        unpack(pack());  // what was taken back is cleared away
}

void Affinity::drop_oldest()
{
    const auto oldest = baskets_[first_basket_];
    for (std::uint32_t i = 0; i < oldest.size; ++i) {
        const auto line = line_after(oldest.first, i);
        if (lines_[line].item != no_item) take_back(line);
    }
    kept_lines_ -= oldest.size;
    --kept_baskets_;
    if (++first_basket_ == bounds_.baskets) first_basket_ = 0;
}

void Affinity::take_back(std::uint32_t line)
{
    const auto slot = lines_[line].item;
    auto& item = item_at_[slot];
    auto& basket = baskets_[lines_[line].basket];
    lines_[line].item = no_item;
    --live_lines_;
    if (--basket.live == 0) --live_baskets_;
    if (--item.count > 0) return;
    slot_of_.erase(item.id);
    item = {};
    free_slots_.push_back(slot);
}

Affinity::Slot Affinity::slot_for(ItemId item, std::uint16_t basket)
{
    if (const auto known = slot_of_.find(item); known != slot_of_.end()) return known->second;
    const auto inherited = slot_of_.size() == bounds_.items ? drop_least(basket) : 0;
    if (free_slots_.empty()) {
        free_slots_.push_back(static_cast<Slot>(item_at_.size()));
        item_at_.emplace_back();
    }
    const auto slot = free_slots_.back();
    free_slots_.pop_back();
    item_at_[slot] = {item, 0, inherited, 0};
    slot_of_[item] = slot;
    return slot;
}

std::uint32_t Affinity::drop_least(std::uint16_t spared)
{
    const ItemAt* least = nullptr;
    for (const auto& each : item_at_) {
        if (lines_[each.newest].item != no_item && lines_[each.newest].basket == spared) continue;
        if (least == nullptr || each.merit < least->merit
            || (each.merit == least->merit && each.id < least->id))
            least = &each;
    }
    assert(least != nullptr);  // a basket holds fewer lines than there are items
    if (least == nullptr) return 0;
    const auto merit = least->merit;
    auto line = least->newest;
    for (auto left = least->count; left > 0; line = lines_[line].before) {
        if (lines_[line].item == no_item) continue;
        --left;
        take_back(line);
    }
    return merit;
}

void Affinity::age(std::uint32_t lines)
{
    lines_since_halving_ += lines;
    if (lines_since_halving_ < bounds_.lines) return;
    lines_since_halving_ -= bounds_.lines;
    for (auto& item : item_at_) item.merit /= 2;
}

bool Affinity::forget(std::span<const ItemId> basket)
{
    std::vector<Slot> slots;
    for (const auto item : distinct(basket, bounds_.basket_lines)) {
        const auto known = slot_of_.find(item);
        if (known != slot_of_.end())
            slots.push_back(known->second);
        else if (items() < bounds_.items)
            return false;  // else it may have been dropped since
    }
    const auto found = find(slots);
    if (!found) return false;
    const auto at = baskets_[*found];
    lines_since_halving_ -= std::min<std::uint32_t>(at.live, lines_since_halving_);
    for (std::uint32_t i = 0; i < at.size; ++i) {
        const auto line = line_after(at.first, i);
        if (lines_[line].item == no_item) continue;
        auto& merit = item_at_[lines_[line].item].merit;
        merit -= merit > 0 ? 1 : 0;
        take_back(line);
    }
    return true;
}

/// The newest basket with just these items, which are in the order of their ids.
std::optional<std::uint32_t> Affinity::find(std::span<const Slot> once) const
{
    if (once.empty()) return {};
    const auto rarest = *std::min_element(once.begin(), once.end(), [&](Slot a, Slot b) {
        return item_at_[a].count < item_at_[b].count;
    });
    std::optional<std::uint32_t> found;
    each_basket(item_at_[rarest], [&](std::uint32_t line) {
        const auto place = lines_[line].basket;
        const auto& at = baskets_[place];
        if (at.live != once.size()) return true;
        auto wanted = once.begin();
        for (std::uint32_t i = 0; i < at.size; ++i) {
            const auto slot = lines_[line_after(at.first, i)].item;
            if (slot != no_item && slot != *wanted++) return true;
        }
        found = place;
        return false;
    });
    return found;
}

std::uint32_t Affinity::count(ItemId item) const
{
    const auto known = slot_of_.find(item);
    return known == slot_of_.end() ? 0 : item_at_[known->second].count;
}

std::uint32_t Affinity::together(std::span<const ItemId> items) const
{
    std::vector<Slot> wanted;
    for (const auto item : distinct(items, items.size())) {
        const auto known = slot_of_.find(item);
        if (known == slot_of_.end()) return 0;
        wanted.push_back(known->second);
    }
    if (wanted.empty()) return live_baskets_;
    const auto rarest = *std::min_element(wanted.begin(), wanted.end(), [&](Slot a, Slot b) {
        return item_at_[a].count < item_at_[b].count;
    });
    std::uint32_t count = 0;
    each_basket(item_at_[rarest], [&](std::uint32_t line) {
        const auto& at = baskets_[lines_[line].basket];
        std::size_t held = 0;
        auto each = at.first;
        for (std::uint32_t i = 0; i < at.size; ++i, each = line_after(each, 1))
            held += std::find(wanted.begin(), wanted.end(), lines_[each].item) != wanted.end();
        count += held == wanted.size() ? 1U : 0U;
        return true;
    });
    return count;
}

PairCounts Affinity::pair(ItemId a, ItemId b) const
{
    return {together(std::array{a, b}), count(a), count(b), live_baskets_};
}

std::vector<ItemId> Affinity::most_sold(std::size_t most) const
{
    std::vector<const ItemAt*> all;
    for (const auto& each : item_at_)
        if (each.count > 0) all.push_back(&each);
    const auto kept = static_cast<std::ptrdiff_t>(std::min(most, all.size()));
    std::partial_sort(all.begin(), all.begin() + kept, all.end(), [](const auto* a, const auto* b) {
        return a->count != b->count ? a->count > b->count : a->id < b->id;
    });
    std::vector<ItemId> out;
    for (std::ptrdiff_t i = 0; i < kept; ++i) out.push_back(all[static_cast<std::size_t>(i)]->id);
    return out;
}

std::size_t Affinity::memory_bytes() const
{
    constexpr std::size_t of_map_entry = 4 * sizeof(void*);  // node, bucket, allocator's header
    return lines_.size() * sizeof(Line) + baskets_.size() * sizeof(BasketAt)
           + item_at_.capacity() * sizeof(ItemAt) + free_slots_.capacity() * sizeof(Slot)
           + slot_of_.size() * of_map_entry + slot_of_.bucket_count() * sizeof(void*)
           + weights_.size() * sizeof(std::uint64_t);
}

Affinity::Packed Affinity::pack() const
{
    Packed out;
    out.lines_since_halving = lines_since_halving_;
    for (const auto& [item, slot] : slot_of_) out.items.push_back(item);
    std::sort(out.items.begin(), out.items.end());
    std::vector<Slot> place_of(item_at_.size());
    for (std::size_t i = 0; i < out.items.size(); ++i) {
        const auto slot = slot_of_.at(out.items[i]);
        place_of[slot] = static_cast<Slot>(i);
        out.merit.push_back(item_at_[slot].merit);
    }
    auto place = first_basket_;
    for (std::uint32_t n = 0; n < kept_baskets_; ++n) {
        const auto& at = baskets_[place];
        if (++place == bounds_.baskets) place = 0;
        if (at.live == 0) continue;
        auto& basket = out.baskets.emplace_back();
        for (std::uint32_t i = 0; i < at.size; ++i) {
            const auto slot = lines_[line_after(at.first, i)].item;
            if (slot != no_item) basket.push_back(place_of[slot]);
        }
    }
    return out;
}

bool Affinity::well_formed(const Packed& packed) const
{
    const auto ascending = [](const auto& all) {
        return std::adjacent_find(all.begin(), all.end(), std::greater_equal<>{}) == all.end();
    };
    if (packed.items.size() > bounds_.items || packed.merit.size() != packed.items.size()
        || packed.baskets.size() > bounds_.baskets || packed.lines_since_halving >= bounds_.lines
        || !ascending(packed.items))
        return false;
    for (const auto merit : packed.merit)
        if (merit > std::uint64_t{2} * bounds_.lines) return false;
    std::vector<bool> used(packed.items.size());
    std::size_t lines = 0;
    for (const auto& basket : packed.baskets) {
        if (basket.empty() || basket.size() > bounds_.basket_lines || !ascending(basket)
            || basket.back() >= packed.items.size() || (lines += basket.size()) > bounds_.lines)
            return false;
        for (const auto place : basket) used[place] = true;
    }
    return std::find(used.begin(), used.end(), false) == used.end();
}

bool Affinity::unpack(const Packed& packed)
{
    clear();
    if (!well_formed(packed)) return false;
    std::vector<ItemId> once;
    for (const auto& basket : packed.baskets) {
        once.clear();
        for (const auto place : basket) once.push_back(packed.items[place]);
        append(once);
    }
    for (std::size_t i = 0; i < packed.items.size(); ++i)
        item_at_[slot_of_.at(packed.items[i])].merit = packed.merit[i];
    lines_since_halving_ = packed.lines_since_halving;
    return true;
}

}  // namespace raiten::scoring
