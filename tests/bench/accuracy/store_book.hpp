#pragma once

#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"
#include "daemon/simulator/scenario.hpp"
#include "tests/bench/accuracy/matching.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// A simulated store through the real engine: what was, beside what was found. Moments of arrival
/// are numbers of events, since that is the order in which the engine can know anything.
namespace raiten::accuracy {

/// A sale of a member that was neither voided nor refunded on its day.
struct Sale {
    bool named{};        ///< the register knew the member
    bool alone{};        ///< nobody else of any kind spent 20 s at the tills around it, and readers
                         ///< there could hear the member
    std::size_t told{};  ///< number of the event that brought it
};

struct TrueVisit {
    Visit visit;
    bool bought{};
    std::vector<Sale> sales;
};

/// By its last revision; what was withdrawn is not there.
struct FoundVisit {
    Visit visit;
    std::uint64_t id{};
    bool returned{};  ///< a non-purchase return
    bool bought{};
    std::size_t inferred{};        ///< receipts without a name that were given to it
    std::size_t inferred_wrong{};  ///< of these, those of somebody else
};

/// A live coupon for a member who is said to be back.
struct Trigger {
    std::uint64_t visit{};
    std::size_t decided{};
    std::optional<std::size_t> revoked;
};

struct StoreBook {
    std::vector<TrueVisit> truth;  ///< of members who agreed, not of staff
    std::vector<FoundVisit> found;
    std::vector<VisitRecord> records;  ///< of these, as the engine told them; ascending by id
    std::vector<Trigger> triggers;  ///< in order of decision
    Deaf deaf;
    Millis advertising{};
    double reception{};
    std::size_t events{};
    std::size_t inaudible{};       ///< true visits without anything that readers hear
    std::size_t of_fixtures{};     ///< found visits of devices that stand in the shop
    std::size_t nameless_sales{};  ///< of members, neither voided nor refunded
    std::size_t nameless_given{};  ///< of these, given to the right member
};

/// `days` days of that store, told in order of arrival and settled. The rules are the defaults
/// unless told.
StoreBook keep_book(const simulator::Scenario& scenario, std::uint64_t seed, std::uint32_t days,
                    const VisitRules& rules = {});

}  // namespace raiten::accuracy
