#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/ids.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>

namespace raiten {

/// So that a check-in counts once: by the sender's own number, or, without one, by a window that
/// slides as long as the card rests on the reader.
class CheckInBook {
 public:
    explicit CheckInBook(Millis debounce) : debounce_{debounce} {}

    /// Whether this one is new; takes note of it either way.
    bool is_new(ReaderId reader, const TokenKey& token, const std::string& id, Instant at);
    void forget_before(Instant at);
    template <class Archive>
    void archive(Archive& a)
    {
        a(last_, order_);
    }

    static constexpr std::size_t entries_max = 200'000;

 private:
    using Key = std::tuple<ReaderId, TokenKey, std::string>;
    Millis debounce_;
    std::map<Key, Instant> last_;
    std::deque<std::pair<Instant, Key>> order_;
};

}  // namespace raiten
