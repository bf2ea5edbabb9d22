#pragma once

#include "tests/sim/books.hpp"
#include "tests/sim/head_office.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace raiten::sim {

/// Knows what the store was told and what it answered, and compares that with what the ledger's
/// file and head office hold. Every check throws Broken with the first promise that was not kept.
class Oracle {
 public:
    Oracle(bool hq_ack, std::vector<std::string> hq_events)
        : hq_ack_{hq_ack}, hq_events_{std::move(hq_events)}
    {
    }

    void told(const std::string& input) { told_.insert(input); }
    void answered(const std::string& input) { answered_.insert(input); }
    bool was_answered(const std::string& input) const { return answered_.contains(input); }
    void published(std::uint64_t cursor, const std::string& json);
    void redeemed(const std::string& coupon, const std::string& where);

    /// What must hold at any moment.
    void check(const Books& books, const HeadOffice& office) const;
    /// What must hold when all is well and quiet besides. Empty, or what is still missing.
    std::string missing(const Books& books, const HeadOffice& office) const;
    /// And what must then be true of HQ's books.
    void check_head_office(const Books& books, const HeadOffice& office) const;

    std::size_t answers() const { return answered_.size(); }
    std::size_t redemptions() const { return redeemed_.size(); }

 private:
    void check_inputs(const Books& books) const;
    void check_stream(const Books& books) const;
    void check_coupons(const Books& books) const;
    void check_outbox(const Books& books, const HeadOffice& office) const;
    bool goes_to_hq(const std::string& type) const;

    bool hq_ack_;
    std::vector<std::string> hq_events_;
    std::set<std::string> told_, answered_;
    std::map<std::uint64_t, std::string> published_;
    std::map<std::string, std::string> redeemed_;
};

}  // namespace raiten::sim
