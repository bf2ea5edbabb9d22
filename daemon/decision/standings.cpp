#include "daemon/base/archive.hpp"
#include "daemon/decision/decisions.hpp"

/// What campaigns have used up: changed by what becomes of their coupons, by leases, and found
/// again after a restart.
namespace raiten {

// ---- what becomes of a coupon -----------------------------------------------------------------

void Decisions::answered(const CouponRecord& coupon)
{
    standing_of(coupon.campaign).arms.answered(coupon.offer);
}

void Decisions::closed(const CouponRecord& coupon, const StoreClock& clock)
{
    Standing& standing = standing_of(coupon.campaign);
    if (coupon.state == CouponState::redeemed) {
        standing.account.commit(coupon);
    } else {
        standing.account.release(coupon, clock);
    }
    if (coupon.state == CouponState::revoked) {
        standing.arms.taken_back(coupon.offer, coupon.answered_at.has_value());
        store_uses_.take_back(coupon.decided_at);
    }
    look_at_leases(coupon.campaign);
}

void Decisions::note_visit(Instant opened_at, const StoreClock& clock)
{
    curve_.note(opened_at, clock);
}

// ---- leases -----------------------------------------------------------------------------------

bool Decisions::grant(const LeaseGrant& grant)
{
    if (!standings_.contains(grant.campaign) && standings_.size() >= standings_max) return false;
    if (!standing_of(grant.campaign).account.grant(grant)) return false;
    leases_changed_.insert(grant.campaign);
    look_at_leases(grant.campaign);
    return true;
}

/// Of a campaign whose account has changed: when all there is has to be looked at again.
void Decisions::look_at_leases(const std::string& campaign)
{
    if (!standings_.at(campaign).account.lease()) return;
    lease_due_.reset();
    for (const auto& [id, standing] : standings_) {
        const auto due = standing.account.lease_until();
        if (due && (!lease_due_ || *due < *lease_due_)) lease_due_ = due;
    }
}

std::vector<LeaseReport> Decisions::give_back(Instant now)
{
    std::vector<LeaseReport> told;
    for (auto& [id, standing] : standings_) {
        auto report = standing.account.give_back(now);
        if (!report) continue;
        leases_changed_.insert(id);
        told.push_back(std::move(*report));
    }
    for (const auto& report : told) look_at_leases(report.campaign);
    return told;
}

std::vector<LeaseRow> Decisions::changed_leases()
{
    std::vector<LeaseRow> out;
    for (const auto& campaign : leases_changed_)
        if (const auto& lease = standings_.at(campaign).account.lease()) out.push_back(*lease);
    leases_changed_.clear();
    return out;
}

// ---- after a restart --------------------------------------------------------------------------

std::vector<Campaign> Decisions::campaigns() const
{
    std::vector<Campaign> out;
    for (const auto& known : campaigns_) out.push_back(known.campaign);
    return out;
}

void Decisions::recall(const std::string& campaign, Recalled rows, const StoreClock& clock)
{
    Standing& standing = standing_of(campaign);
    for (const auto& use : rows.recent) {
        store_uses_.note(use.decided_at);
        rows.account.uses.push_back(use.decided_at);
        CouponRecord coupon;
        coupon.decided_at = use.decided_at;
        coupon.state = use.state;
        coupon.closed_at = use.closed_at;
        coupon.took_stock = use.took_stock;
        if (CampaignAccount::holds_piece(coupon, clock))
            rows.account.pieces.push_back(use.decided_at);
    }
    standing.account.recall(std::move(rows.account));
    standing.arms = {};
    for (const auto& arm : rows.arms) {
        for (std::uint32_t n = 0; n < arm.given; ++n) standing.arms.given(arm.offer);
        for (std::uint32_t n = 0; n < arm.answered; ++n) standing.arms.answered(arm.offer);
    }
    standing.control = rows.control;
    look_at_leases(campaign);
}

std::string Decisions::learned() const
{
    ArchiveWriter w;
    w(curve_, standings_.size());
    for (const auto& [id, standing] : standings_) w(id, standing.pacing, standing.funnel);
    return std::move(w).bytes();
}

void Decisions::recall_learned(std::string_view bytes)
{
    DemandCurve curve;
    std::uint64_t size = 0;
    std::map<std::string, std::pair<Pacing, Funnel>> all;
    ArchiveReader r{bytes};
    r(curve, size);
    for (; size > 0 && r.good(); --size) {
        std::string id;
        std::pair<Pacing, Funnel> each;
        r(id, each.first, each.second);
        all[id] = each;
    }
    if (!r.done()) return;
    curve_ = curve;
    for (auto& [id, each] : all) {
        if (!standings_.contains(id) && standings_.size() >= standings_max) return;
        standing_of(id).pacing = each.first;
        standing_of(id).funnel = each.second;
    }
}

}  // namespace raiten
