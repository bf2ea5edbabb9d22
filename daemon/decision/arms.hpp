#pragma once

#include "daemon/decision/arm_chances.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raiten {

/// What the offers of one campaign have brought in one segment, by the offer's code, and the
/// chances that follow. An answer may come days after its coupon, or never: a coupon counts as
/// given at once, and as answered when it is redeemed or when the member buys while it is valid.
///
/// A code that was never given starts at (0, 0). One that the campaign no longer offers keeps its
/// counts for when it comes back. Of at most `codes_max` codes, the one whose last coupon is the
/// longest ago is forgotten when another is given for the first time; what is told of forgotten
/// codes counts for nothing.
class Arms {
 public:
    static constexpr std::size_t codes_max = 64;

    /// A coupon with this offer was given.
    void given(const std::string& code);
    /// Such a coupon was answered; to be told once for each. There are never more answers than
    /// coupons, whatever is told.
    void answered(const std::string& code);
    /// A coupon was revoked and counts for nothing, nor does its answer.
    void taken_back(const std::string& code, bool answered);

    ArmCount count(std::string_view code) const;

    /// The chance of each of these offers now: arm_probabilities of their counts, in their order.
    /// What was found last is kept, and found again only for other counts: so it can be asked for
    /// ahead, at a time when nobody waits, and never depends on what was asked before.
    std::vector<double> probabilities(std::span<const std::string> codes);

    /// The counts, and which were given last. The same counts come back from the same bytes; bytes
    /// that no Arms could have written are refused.
    template <class Archive>
    void archive(Archive& a)
    {
        a(seen_);
        if constexpr (Archive::reading) {
            last_asked_.clear();
            last_found_.clear();
            if (!a.good() || !sound()) {
                seen_.clear();
                a.fail();
            }
        }
    }
    friend bool operator==(const Arms& a, const Arms& b) { return a.seen_ == b.seen_; }

 private:
    using Seen = std::vector<std::pair<std::string, ArmCount>>;
    Seen::iterator find(std::string_view code);
    bool sound() const;

    Seen seen_;  ///< the one given last stands last
    std::vector<ArmCount> last_asked_;
    std::vector<double> last_found_;
};

}  // namespace raiten
