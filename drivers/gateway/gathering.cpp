#include "drivers/gateway/gathering.hpp"

#include <limits>
#include <tuple>

namespace raiten::drivers::gateway {
namespace {

int strength(const TokenSeen& seen)
{
    return seen.rssi_dbm.value_or(std::numeric_limits<int>::min());
}

/// Whether the first is to be told rather than the second: by all that can differ, so that the
/// order of arrival decides nothing.
bool counts_before(const std::string& reader, const TokenSeen& seen,
                   const std::string& other_reader, const TokenSeen& other)
{
    if (strength(seen) != strength(other)) return strength(seen) > strength(other);
    const auto rest = [](const std::string& name, const TokenSeen& of) {
        return std::tuple{std::string_view{name}, std::string_view{of.heard_by},
                          of.told_at ? of.told_at->time : Instant::max(),
                          of.told_at && of.told_at->local};
    };
    return rest(reader, seen) < rest(other_reader, other);
}

}  // namespace

void Gathering::put(Instant now, std::string reader, TokenSeen seen, const Emit& emit)
{
    take(now, emit);
    const auto known = by_token_.find(seen.token);
    if (known != by_token_.end()) {
        Best& best = known->second->second;
        const bool rotating = best.seen.rotating || seen.rotating;
        if (counts_before(reader, seen, best.reader, best.seen)) {
            seen.token.clear();
            best = Best{std::move(reader), std::move(seen)};
        }
        best.seen.rotating = rotating;
        return;
    }
    if (windows_.size() >= waiting_max) tell_first(emit);
    std::string token = std::move(seen.token);
    seen.token.clear();
    const auto [at, fresh] = windows_.try_emplace(std::pair{now + window_, token},
                                                  Best{std::move(reader), std::move(seen)});
    static_cast<void>(fresh);  // a token that waits was found above
    by_token_.emplace(std::move(token), at);
}

std::optional<Instant> Gathering::due() const
{
    return windows_.empty() ? std::nullopt : std::optional{windows_.begin()->first.first};
}

void Gathering::take(Instant now, const Emit& emit)
{
    while (!windows_.empty() && windows_.begin()->first.first <= now) tell_first(emit);
}

void Gathering::tell_first(const Emit& emit)
{
    auto node = windows_.extract(windows_.begin());
    by_token_.erase(node.key().second);
    node.mapped().seen.token = std::move(node.key().second);
    emit(node.mapped().reader, std::move(node.mapped().seen));
}

}  // namespace raiten::drivers::gateway
