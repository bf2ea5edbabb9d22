#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/reading.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace raiten::drivers::gateway {

/// Makes one observation out of what several gateways heard of one sender: what was heard of a
/// token within `window` of the first word of it is told once, at the end of the window, by the
/// reader that heard it strongest. An unknown strength is the weakest; of equals the reader counts
/// whose name comes first. One gateway saying that an address rotates is enough.
///
/// What it tells depends on what was heard and when, not on the order in which it came.
class Gathering {
 public:
    using Emit = std::function<void(const std::string& reader, TokenSeen seen)>;

    static constexpr std::size_t waiting_max = 65'536;

    explicit Gathering(Millis window = Millis{1'000}) : window_{window} {}

    /// Tells first what is due by `now`; and the oldest, early, where too many wait. `emit` must
    /// not call back in here.
    void put(Instant now, std::string reader, TokenSeen seen, const Emit& emit);

    /// When the next window ends; nothing while nobody waits.
    std::optional<Instant> due() const;

    /// Tells all whose windows have ended, in the order of their ends, then of their tokens.
    void take(Instant now, const Emit& emit);

    std::size_t waiting() const { return windows_.size(); }

 private:
    struct Best {
        std::string reader;
        TokenSeen seen;  ///< without its token, which is the key
    };
    using Windows = std::map<std::pair<Instant, std::string>, Best>;  ///< by end and token

    void tell_first(const Emit& emit);

    Millis window_;
    Windows windows_;
    std::unordered_map<std::string, Windows::iterator> by_token_;
};

}  // namespace raiten::drivers::gateway
