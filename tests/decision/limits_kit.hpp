#pragma once

#include "daemon/base/archive.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/rules.hpp"
#include "tests/support/dice.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

/// What the tests of a campaign's limits share.
namespace raiten::limits_kit {

inline Money yen(std::int64_t units)
{
    return Money::from_units(units);
}

inline Instant on(int month, unsigned day, Millis time)
{
    return std::chrono::sys_days{std::chrono::year{2026} / month / static_cast<int>(day)} + time;
}

/// Berlin in 2026: an hour is skipped on 29 March at 1:00 UTC, and one comes twice on 25 October.
inline StoreClock berlin()
{
    using std::chrono::hours;
    StoreClock clock;
    clock.offsets = {{Instant::min(), hours{1}},
                     {on(3, 29, hours{1}), hours{2}},
                     {on(10, 25, hours{1}), hours{1}}};
    return clock;
}

inline CouponRecord coupon_at(Instant at, Money cost)
{
    CouponRecord coupon;
    coupon.campaign = "c";
    coupon.decided_at = at;
    coupon.expires_at = at + std::chrono::hours{24};
    coupon.cost = cost;
    return coupon;
}

inline bool is_open(const CouponRecord& coupon)
{
    return coupon.state == CouponState::triggered || coupon.state == CouponState::delivered;
}

template <class T>
std::string bytes_of(const T& value)
{
    ArchiveWriter writer;
    writer(value);
    return std::move(writer).bytes();
}

/// Whether those bytes are such a value; it is then in `value`.
template <class T>
bool read_back(std::string_view bytes, T& value)
{
    ArchiveReader reader{bytes};
    reader(value);
    return reader.done();
}

/// The same after a stop and a start.
template <class T>
T restarted(const T& value)
{
    T again;
    if (!read_back(bytes_of(value), again))
        throw std::logic_error{"what was archived cannot be read"};
    return again;
}

}  // namespace raiten::limits_kit
