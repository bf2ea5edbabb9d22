#pragma once

#include "daemon/app/memory_members.hpp"
#include "daemon/app/night.hpp"
#include "daemon/scoring/models.hpp"
#include "tests/members/shelf.hpp"
#include "tests/support/dice.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::test {

/// Members of a made-up store with their settled visits.
class Town {
 public:
    /// Visits from `start` on: members at rates of their own, of which some leave for good.
    Town(std::uint64_t seed, std::size_t members, int days);

    static const Instant start;
    std::size_t members() const { return members_; }
    const std::vector<VisitRecord>& visits() const { return visits_; }  ///< by their opening

    /// All of it, or the visits that began before `until`, in a ledger's file and in memory.
    void write(Shelf& shelf, Instant until = Instant::max()) const;
    void write(app::MemoryMembers& memory, Instant until = Instant::max()) const;

    MemberRecord record(std::uint64_t number) const;
    static VisitRecord visit(std::uint64_t member, std::uint32_t ordinal, Instant at,
                             std::optional<double> spent);

 private:
    std::size_t members_;
    std::vector<VisitRecord> visits_;
};

/// What one night gave away.
struct Given {
    std::map<std::uint64_t, std::string> cards;  ///< by member: every field, to the bit
    std::map<std::uint64_t, std::string> habits;
    std::vector<std::string> moves;
    std::vector<std::uint64_t> unscored;
    std::size_t slices{};
    std::optional<app::NightOut> out;  ///< nothing where it was broken off
};

app::NightRules night_rules();
/// In a ledger's file, each slice one transaction; broken off after so many.
Given night_over(Shelf& shelf, Instant at, const scoring::Models* last,
                 std::size_t slices_max = SIZE_MAX);
Given night_over(app::MemoryMembers& memory, Instant at, const scoring::Models* last);

/// Every field, to the bit.
std::string text_of(const ScoreCard& card);
/// Whether every number of a card is one.
bool finite(const ScoreCard& card);

}  // namespace raiten::test
