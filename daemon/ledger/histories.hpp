#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/ids.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace raiten::ledger {

class Database;

/// A settled visit as far as figures of members need it. Withdrawn ones are left out.
struct SettledVisit {
    Instant opened_at;
    std::uint32_t ordinal{};
    bool purchase{};
    std::uint32_t streak{};
    Money spend;  ///< zero without a purchase
};

struct MemberHistory {
    MemberId member;
    bool complete{};                   ///< the member's very first visit is still kept
    std::vector<SettledVisit> visits;  ///< ascending by (opened_at, ordinal)
};

/// The survey's answers of one business day, by score.
struct SurveyDay {
    std::chrono::sys_days day{};
    std::array<std::uint64_t, 11> answers{};
};

/// Of a member with more visits than this the oldest are left out.
inline constexpr std::size_t visits_of_one_max = 20'000;

/// Every member with a visit, one after the other, ascending by number, until `take` says false.
void each_member(Database& database, const std::function<bool(const MemberHistory&)>& take);
/// Business days of answers given in [from, to), ascending.
std::vector<SurveyDay> survey_days(Database& database, Instant from, Instant to);

/// The ledger's whole past, for one long look beside the work: a connection of its own, on any one
/// thread, at one moment of the file.
class Histories {
 public:
    static Result<Histories> open(const std::string& path);
    ~Histories();
    Histories(Histories&&) noexcept;
    Histories& operator=(Histories&&) = delete;

    Result<void> each_member(const std::function<bool(const MemberHistory&)>& take);
    Result<std::vector<SurveyDay>> survey_days(Instant from, Instant to);

 private:
    explicit Histories(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
};

}  // namespace raiten::ledger
