#pragma once

#include <string>
#include <vector>

namespace raiten::test {

/// The coupons in the ledger's file, "m-1 back v00… redeemed at till-1", ascending. Fails the test
/// where there are two for one member, campaign and occasion, where the stream's cursors or the
/// outbox have a gap, or where an id stands twice.
std::vector<std::string> coupon_books(const std::string& path);

/// What the ledger remembers of a campaign for the next start, in units of the currency. Fails the
/// test where its coupons say otherwise.
struct Spent {
    std::string used{"0"}, reserved{"0"};
};
Spent spent_by(const std::string& path, const std::string& campaign);

}  // namespace raiten::test
