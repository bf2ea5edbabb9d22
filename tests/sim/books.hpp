#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/lane.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace raiten::sim {

/// What stands in the ledger's file, read past the product by plain SQL.
struct Books {
    struct Streamed {
        std::string type, id, json;
    };
    struct Coupon {
        int state{};
        std::string where;
    };
    struct OutboxLane {
        std::uint64_t next{}, settled{};
        std::vector<std::pair<std::uint64_t, std::uint64_t>> rows;  ///< from, sequence
    };
    struct Visit {
        std::int64_t opened_at{}, left_at{};
        int state{};
        friend bool operator==(const Visit&, const Visit&) = default;
    };

    std::map<std::string, int> kept;        ///< how often each check-in and receipt is there
    std::map<std::string, int> journalled;  ///< likewise in the journal
    std::map<std::string, int> redeemed;    ///< how often the journal says so of a coupon
    std::map<std::uint64_t, Streamed> stream;
    std::map<std::string, Coupon> coupons;
    std::array<OutboxLane, lanes.size()> outbox;
    std::map<std::string, Visit> unsettled;
    /// "m-3 opened 3787… left 3787… bought 12000000 streak 1"
    using Settled = std::string;
    std::vector<Settled> settled;
};

/// Throws Broken where SQLite finds the file damaged.
Books read_books(const std::string& path);

}  // namespace raiten::sim
