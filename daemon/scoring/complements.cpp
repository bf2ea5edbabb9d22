#include "daemon/scoring/affinity.hpp"

#include <algorithm>
#include <cmath>

/// What goes with a basket; affinity.hpp has the formula.
namespace raiten::scoring {
namespace {

constexpr double shrink = 20;
constexpr double lift_share = 0.125;

}  // namespace

/// What the items of a basket say, by slot.
struct Affinity::Tally {
    struct Voice {
        std::uint64_t weight{};  ///< of baskets with the item that is asked
        std::uint32_t together{};
    };
    struct Sum {
        double score{}, best{};
        std::uint32_t together{}, of{};
        Slot because{no_item};
        bool asked{};
    };
    std::vector<Voice> voices;
    std::vector<Sum> sums;
    std::vector<Slot> heard;  ///< those with a voice
    std::uint32_t walked{};
};

void Affinity::ask(Slot asked, std::uint32_t share_of_walk, Tally& tally) const
{
    tally.heard.clear();
    std::uint32_t of = 0, walked = 0;
    each_basket(item_at_[asked], [&](std::uint32_t line) {
        const auto& at = baskets_[lines_[line].basket];
        if (of > 0 && walked + at.size > share_of_walk) return false;
        walked += at.size;
        ++of;
        const auto weight = weights_[at.live];
        auto each = at.first;
        for (std::uint32_t i = 0; i < at.size; ++i, each = line_after(each, 1)) {
            const auto slot = lines_[each].item;
            if (slot == no_item) continue;
            auto& voice = tally.voices[slot];
            if (voice.together++ == 0) tally.heard.push_back(slot);
            voice.weight += weight;
        }
        return true;
    });
    tally.walked += walked;
    for (const auto slot : tally.heard) {
        auto& voice = tally.voices[slot];
        auto& sum = tally.sums[slot];
        const double p = static_cast<double>(voice.weight) / weight_unit / (of + shrink);
        const double lift = p * live_baskets_ / (item_at_[slot].count + shrink);
        const double says = p * std::log(1 + lift_share * lift);
        sum.score += says;
        if (says > sum.best) {
            sum.best = says;
            sum.together = voice.together;
            sum.of = of;
            sum.because = asked;
        }
        voice = {};
    }
}

std::vector<Complement> Affinity::complements(std::span<const ItemId> basket,
                                              const ComplementRules& rules) const
{
    Tally tally{std::vector<Tally::Voice>(item_at_.size()),
                std::vector<Tally::Sum>(item_at_.size()),
                {},
                0};
    std::vector<Slot> asked;
    for (const auto item : distinct(basket, bounds_.basket_lines)) {
        const auto known = slot_of_.find(item);
        if (known == slot_of_.end()) continue;
        tally.sums[known->second].asked = true;
        asked.push_back(known->second);
    }
    const auto rarer = [&](Slot a, Slot b) {
        const auto &one = item_at_[a], &other = item_at_[b];
        return one.count != other.count ? one.count < other.count : one.id < other.id;
    };
    std::sort(asked.begin(), asked.end(), rarer);
    if (asked.size() > bounds_.asked) asked.resize(bounds_.asked);
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto left = bounds_.walked - std::min(tally.walked, bounds_.walked);
        ask(asked[i], left / static_cast<std::uint32_t>(asked.size() - i), tally);
    }

    std::vector<Complement> found;
    for (std::size_t slot = 0; slot < tally.sums.size(); ++slot) {
        const auto& sum = tally.sums[slot];
        if (sum.asked || sum.because == no_item || sum.together < rules.together_min) continue;
        const auto& item = item_at_[slot];
        const double confidence = static_cast<double>(sum.together) / sum.of;
        const double lift = confidence * live_baskets_ / item.count;
        if (lift < rules.lift_min) continue;
        found.push_back(
            {item.id, sum.score, item_at_[sum.because].id, sum.together, sum.of, confidence, lift});
    }
    const auto kept = static_cast<std::ptrdiff_t>(std::min(rules.most, found.size()));
    std::partial_sort(found.begin(), found.begin() + kept, found.end(),
                      [](const Complement& a, const Complement& b) {
                          return a.score != b.score ? a.score > b.score : a.item < b.item;
                      });
    found.resize(static_cast<std::size_t>(kept));
    return found;
}

}  // namespace raiten::scoring
