#pragma once

#include "tests/bench/accuracy/statistics.hpp"
#include "tests/bench/accuracy/store_book.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace raiten::accuracy {

/// Visits of one length: how many of those that were are found, of those found were.
struct Found {
    Share recall;
    Share precision;
};

/// What became of live coupons.
struct Live {
    std::size_t triggers{};
    std::size_t wrong{};            ///< the visit before was a purchase, or there was none
    std::size_t after_named{};      ///< a receipt with the member's token had come before
    std::size_t after_alone{};      ///< one without, which could be nobody else's
    std::size_t told_later{};       ///< such a receipt came after the decision
    std::size_t revoked_at_once{};  ///< of these, revoked with it or with the event after
    std::size_t never_told{};       ///< no receipt could tell
    std::size_t no_visit{};         ///< this one or the one before was none, or it was the first

    Live& operator+=(const Live& other);
};

struct Figures {
    Found whole;            ///< 5 minutes and more
    Found brief;            ///< 1 to 5 minutes with 8 receptions expected at one reader
    std::size_t unknown{};  ///< true visits of a minute and more in which nobody listened
    std::vector<double> entry_seconds;  ///< how far off, of visits found
    std::vector<double> exit_seconds;
    Found returns;       ///< against every purchase
    Found told_returns;  ///< without those whose visit before ended with a sale that named nobody
    Live live;
    Share inferred_wrong;        ///< of receipts without a name that were given to somebody
    Share join;                  ///< of members' sales without a name, those given to the right one
    std::size_t false_visits{};  ///< found visits of 1 minute and more that are nobody's
    std::size_t of_fixtures{};
    std::size_t inaudible{};
    std::size_t events{};

    Figures& operator+=(const Figures& other);
};

Figures judge(const StoreBook& book);

}  // namespace raiten::accuracy
