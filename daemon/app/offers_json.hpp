#pragma once

#include "daemon/ledger/rows.hpp"
#include "daemon/model/records.hpp"
#include "daemon/scoring/models.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app {

/// What one member's offers are made from.
struct OfferGround {
    const scoring::Models* models{};        ///< null before the first night
    std::optional<scoring::Habits> habits;  ///< as the last night left them
    std::vector<VisitRecord> visits;        ///< newest first; an open one may be the first
    std::function<std::vector<ReceiptLine>(const VisitReceipt&)> sold;
};

/// JSON: `next_basket` (the member's own items and the store's), `goes_with` (the last purchase),
/// `next_tier` (dearer ones in place of what was bought last), `looked_at` (categories of the last
/// visit without a purchase), each with why; empty lists where nothing is known.
std::string offers_json(const OfferGround& ground);

}  // namespace raiten::app
