#pragma once

#include "daemon/base/instant.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace raiten::test {

/// One thing that a register, a reader or the staff tells raitend.
struct Act {
    enum class Kind { events, checkin, receipt, redeem };
    Kind kind{};
    std::string body;    ///< NDJSON, or one JSON object; empty for redeem
    std::string member;  ///< redeem: all open coupons of this member are shown and used
    bool keyed{};        ///< carries a key of its own: told again it must be a double
};

inline constexpr int script_members = 8;
std::string script_member(int number);  ///< "m-3"
std::string script_token(int number);   ///< its FeliCa card
std::string script_beacon(int number);  ///< its beacon

/// Days of a shop, the same from the same seed: members enter by beacon, card and receipt, buy,
/// give back, come back; coupons are used. A visit's last observation is always one that is
/// durable when it is answered, and times rise (what comes out of order waits in memory for
/// `lateness`), so that a kill at any moment may change nothing.
/// The last act settles everything.
std::vector<Act> shop_script(std::uint64_t seed, int steps);

/// "2090-01-10T10:00:00.000+09:00": far from any real day, so that nothing of it ever expires by
/// the clock on the wall.
Instant script_start();
std::string script_time(Instant at);

/// Readers door, hall and desk of the driver api, as TOML.
std::string script_readers();
/// Two campaigns for who comes back empty-handed: one always, one with a control group and caps.
std::string script_campaign();
std::string script_capped_campaign();

}  // namespace raiten::test
