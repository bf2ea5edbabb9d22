#include "daemon/engine/checkin_book.hpp"

#include <algorithm>

namespace raiten {

bool CheckInBook::is_new(ReaderId reader, const TokenKey& token, const std::string& id, Instant at)
{
    const Key key{reader, id.empty() ? token : TokenKey{}, id};
    const auto [found, first] = last_.try_emplace(key, at);
    if (first) {
        order_.emplace_back(at, key);
        if (order_.size() > entries_max) {
            last_.erase(order_.front().second);
            order_.pop_front();
        }
        return true;
    }
    const bool again = !id.empty() || std::chrono::abs(at - found->second) <= debounce_;
    found->second = std::max(found->second, at);
    return !again;
}

void CheckInBook::forget_before(Instant at)
{
    while (!order_.empty() && order_.front().first < at) {
        const auto found = last_.find(order_.front().second);
        const Instant last = found == last_.end() ? Instant::min() : found->second;
        if (last >= at) {
            order_.emplace_back(last, order_.front().second);  // still resting on the reader
        } else if (found != last_.end()) {
            last_.erase(found);
        }
        order_.pop_front();
    }
}

}  // namespace raiten
