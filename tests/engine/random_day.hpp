#pragma once

#include "tests/engine/store_day.hpp"

#include <cstdint>
#include <vector>

namespace raiten::test {

/// A busy day in random order of everything: walks with gaps, taps, sales with and without
/// token, voids, deaf readers. Times are whole seconds; each event arrives as it happens.
std::vector<Event> random_day(StoreDay& day, std::uint32_t seed);

/// Several such days with all that can happen in them: besides, there are strangers, tags of three
/// makes, cards that rest on a reader, refunds, voids before their sales, members who withdraw, and
/// everything arrives up to `lateness` late, ordered by arrival. Coupons are for the caller, who
/// sees them triggered.
std::vector<Event> random_days(StoreDay& day, std::uint32_t seed, int days);

}  // namespace raiten::test
