#pragma once

#include "daemon/base/instant.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The customers of a film-rental store whose answers to coupons are known because they are made
/// up here: for a bench and for tests. Every draw is a keyed hash of (seed, member, what for,
/// which), so that whoever gets no coupon does the same whatever the others get.
namespace raiten::stage {

enum class Answers : std::uint8_t { responds, indifferent, comes_anyway, annoyed };
inline constexpr std::size_t answers_count = 4;
std::string_view text_of(Answers);

/// What coupons do, as planted. These are assumptions, none of them measured in any store.
struct PlantedEffect {
    double strength{1};        ///< of all that follows; 0: coupons change nothing
    double extra{0.60};        ///< who responds comes on a day that would have been skipped
    double impulse{0.30};      ///< … on a day that is none of theirs
    double buys_more{0.15};    ///< … and buys with a coupon in hand, added to the own rate
    double basket{1.40};       ///< … and spends so many times as much
    double borrowed{0.25};     ///< an extra visit is taken from the next one with this chance
    double annoyance{0.10};    ///< who is annoyed stays away, within 14 days of a coupon
    double fatigue{0.85};      ///< times, for each coupon of the 28 days before
    double fades_hours{8};     ///< e-fold by the time from the coupon to the habit's hour …
    double too_late_hours{1};  ///< … and within this of it plans are hardly changed any more
};

struct RentalMember {
    Answers answers{};
    bool casual{};                 ///< skips about half of the usual days
    int every_days{7};             ///< 7, 14, or 3: twice a week
    int first_day{};               ///< 0 to 13
    std::int64_t minute{};         ///< of the day: the habit's hour
    double attends{};              ///< share of the usual days
    double buys{};                 ///< share of the visits
    double basket{};               ///< median, units
    std::vector<Instant> coupons;  ///< that were received
    int owes{};                    ///< extra visits whose price was not paid yet
};

/// One usual day of a member, whether or not it becomes a visit.
struct UsualDay {
    std::uint64_t number{};
    Instant at;
};

class RentalPeople {
 public:
    RentalPeople(std::uint64_t seed, std::size_t members, Instant start, PlantedEffect planted);

    std::size_t size() const { return all_.size(); }
    RentalMember& operator[](std::size_t member) { return all_[member]; }
    const RentalMember& operator[](std::size_t member) const { return all_[member]; }

    UsualDay usual_day(std::size_t member, std::uint64_t number) const;
    /// The next time after `at` that the clock shows the habit's hour.
    Instant habit_after(std::size_t member, Instant at) const;

    struct Visit {
        bool comes{}, extra{};
    };
    /// `coupon`: when the one in hand was received and how good its offer is, 0 to 1.
    struct InHand {
        Instant received;
        double offer{1};
    };
    Visit decide(std::size_t member, const UsualDay& day, const InHand* coupon);
    /// A coupon came, and there is no usual day while it is valid.
    bool comes_on_impulse(std::size_t member, Instant visit_at, const InHand& coupon);

    struct Purchase {
        std::int64_t spent{};  ///< units; 0: nothing
        bool redeems{};
    };
    Purchase buy(std::size_t member, Instant at, bool coupon) const;

    /// A number in [0, 1) for this member, purpose and case.
    double lot(std::size_t member, std::string_view what, std::uint64_t which) const;
    const PlantedEffect& planted() const { return planted_; }

 private:
    /// How far a coupon of that time carries towards a visit at that time, 0 to 1.
    double pull(const RentalMember& who, Instant visit_at, const InHand& coupon) const;

    std::uint64_t seed_;
    Instant start_;
    PlantedEffect planted_;
    std::vector<RentalMember> all_;
};

}  // namespace raiten::stage
