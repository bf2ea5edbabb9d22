#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/ids.hpp"

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

namespace raiten {

/// When somebody listened. Silence counts only then: a deaf reader is not a departure.
///
///     reader 1   ────────╳╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌●──────────
///     reader 2   ──────────────╳╌╌╌╌╌●───────────────
///     {1,2}      listening      deaf  listening
///
/// A reader counts as up until it is told down. What is told late takes its place by its own
/// time, so the answers depend on the set of reports only, not on their order.
class Hearing {
 public:
    static constexpr std::size_t readers_max = 256;
    using Readers = std::bitset<readers_max>;

    /// False if it changes nothing that is known: what only repeats the state before it. It is kept
    /// even so, because an earlier report may still come. Of two at one time the up is the later.
    bool set(ReaderId reader, Instant at, bool up);

    /// More reports of one reader than this are thinned: repetitions go first, then the oldest.
    static constexpr std::size_t changes_max = 1024;

    /// How much of [from, to) at least one of these listened. No readers: all of it, since
    /// nobody could have heard anything anyway.
    Millis listened(const Readers& readers, Instant from, Instant to) const;

    /// When listening time since `from` reaches `span`; nothing while all of these are deaf
    /// and it has not been reached.
    std::optional<Instant> reached(const Readers& readers, Instant from, Millis span) const;

    /// Forgets changes before this time, except what still holds then.
    void forget_before(Instant at);
    template <class Archive>
    void archive(Archive& a)
    {
        a(changes_, changed_);
    }

 private:
    struct Change {
        Instant at;
        bool up;
        friend auto operator<=>(const Change&, const Change&) = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(at, up);
        }
    };
    struct Step {
        Instant at;
        int up_by;
    };
    static void thin(std::vector<Change>& all);
    bool up_at(std::size_t reader, Instant at) const;
    std::vector<Step> steps_after(const Readers& readers, Instant from, int& up_now) const;

    std::vector<std::vector<Change>> changes_;
    Readers changed_;  ///< those who were ever down: the others have always been up
};

}  // namespace raiten
