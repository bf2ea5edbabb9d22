#pragma once

#include "daemon/kpi/facts.hpp"

#include <vector>

namespace raiten {

/// What head office may see, so that nothing that ever left the store, in whatever combination,
/// gives away figures of fewer than `k` members. The one rule (README.md, "What leaves the store"):
/// a row of figures is told only if it describes nobody, or follows from rows told before, or holds
/// something never told before of at least k members.
///
/// To keep the day tellable, an hour is told only while those held back hold k members together.
namespace disclosure {

struct Part {
    const PeriodFacts* facts{};
    const Disclosed* disclosed{};  ///< as it was told last
    bool issued{};                 ///< its time has come, told or not
};
struct Day {
    Part whole;
    std::vector<Part> hours;
};

/// `hour`: place in `day.hours`. `closing`: all hours of the day are over.
Disclosed of_hour(const Day& day, std::size_t hour, bool closing, std::uint32_t k);
Disclosed of_day(const Day& day, std::uint32_t k);

}  // namespace disclosure
}  // namespace raiten
