#pragma once

#include "daemon/scoring/offer_effect.hpp"
#include "tests/scoring/peers/marks.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Response to an offer beside others: a mailing of a real shop, by lot to a third each (Hillstrom
/// 2008).
namespace raiten::peers {

/// What is known before the mail of those who were sent one kind or none, and who came.
struct Mailing {
    static constexpr std::size_t features = 9;  ///< recency, history, what they bought, where, how
    std::vector<double> values;
    std::vector<std::uint8_t> given;
    std::vector<std::uint8_t> came;

    std::size_t size() const { return given.size(); }
    scoring::OfferDecisions decisions() const { return {features, values, given, came}; }
};

/// `mail` is "Womens E-Mail" or "Mens E-Mail". Empty where there is no data.
Mailing mailing(const std::string& mail);

/// Metrics to 1e-9, the women's mail learned on one half and used on the other, and what is said of
/// the men's. Empty where there is no data.
std::vector<Mark> uplift_marks();

}  // namespace raiten::peers
