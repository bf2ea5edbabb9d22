#pragma once

#include "daemon/model/event.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <unordered_set>
#include <vector>

namespace raiten {

/// Puts the check-ins and receipts of the last few minutes in order of event time, so that what is
/// settled from them does not depend on the order in which they arrived. Ties are broken by
/// content. Sightings wait with the member they are of (presence.hpp).
class Backlog {
 public:
    struct Held {
        Instant release;  ///< event time at which it takes its turn
        Instant at;
        std::uint64_t content{};
        std::optional<MemberId> member;  ///< nothing for a receipt without a token
        ReaderId reader;
        TokenKey token;
        std::shared_ptr<const Receipt> receipt;  ///< set for a receipt
        bool checkin{};

        template <class Archive>
        void archive(Archive& a)
        {
            a(release, at, content, member, reader, token, receipt, checkin);
        }
    };

    /// False if the same is held already.
    bool hold(Held held);
    std::optional<Instant> next() const;
    Held take();
    std::size_t size() const { return queue_.size(); }
    template <class Archive>
    void archive(Archive& a)
    {
        a(queue_, contents_);
    }

    /// More than this many are not held: the oldest take their turn early.
    static constexpr std::size_t held_max = 500'000;

 private:
    struct Later {
        bool operator()(const Held& a, const Held& b) const
        {
            return std::tie(a.release, a.content) > std::tie(b.release, b.content);
        }
    };
    std::priority_queue<Held, std::vector<Held>, Later> queue_;
    std::unordered_set<std::uint64_t> contents_;
};

}  // namespace raiten
