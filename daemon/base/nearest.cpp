#include "daemon/base/nearest.hpp"

#include <algorithm>

namespace raiten {
namespace {

constexpr std::size_t word_bytes_max = 64;

/// Optimal string alignment distance.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known)
{
    if (word.empty() || word.size() > word_bytes_max) return std::nullopt;
    const std::string* best = nullptr;
    std::size_t best_distance = 0;
    for (const auto& candidate : known) {
        const auto changes = distance(word, candidate);
        if (best != nullptr && changes >= best_distance) continue;
        best = &candidate;
        best_distance = changes;
    }
    if (best == nullptr) return std::nullopt;
    const auto allowed = std::max<std::size_t>(1, (std::max(word.size(), best->size()) + 1) / 3);
    if (best_distance > allowed) return std::nullopt;
    return *best;
}

}  // namespace raiten
