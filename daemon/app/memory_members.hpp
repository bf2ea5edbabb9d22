#pragma once

#include "daemon/app/night.hpp"
#include "daemon/base/result.hpp"
#include "daemon/engine/ports.hpp"

#include <map>
#include <unordered_map>

namespace raiten::app {

/// A member directory that lives as long as the process: for replays without a ledger.
class MemoryMembers final : public Members, public Past {
 public:
    std::optional<MemberId> member_of(const TokenKey& token) override;
    MemberRecord load(MemberId member) override;
    std::optional<scoring::Habits> habits(MemberId member) override;
    std::optional<MemberId> owner_of(CouponId coupon) override;

    /// Keeps the record of a member as it is now.
    void put(MemberRecord record);
    /// Keeps of a settled visit what a night looks at.
    void put(const VisitRecord& visit);
    /// Keeps a decision as it is now.
    void put(const CouponRecord& coupon);
    void put(ledger::ScoreRow row);
    /// As the ledger does.
    void drop_score(MemberId member);

    void put(const ledger::ReceiptRow& receipt);
    void put(const ledger::ReaderStateRow& reader) { passive_[reader.name] = reader.passive; }

    Result<void> each_member(const Take& take, ledger::Detail detail) override;
    Result<std::optional<ledger::StoredScore>> score(MemberId member) override;
    Result<std::vector<ledger::Basket>> baskets_after(std::uint64_t row,
                                                      std::size_t limit) override;
    Result<std::vector<ReceiptLine>> sold(const VisitReceipt& receipt) override;
    Result<std::map<std::string, bool>> passive_readers() override { return passive_; }
    Result<void> each_decision(const std::string& campaign, Instant settled_before,
                               const TakeDecision& take) override;
    /// Makes a member or changes one of that name, and adds tokens. A token belongs to one member
    /// at most: another's is a Problem, and nothing is changed.
    Result<MemberId> enrol(const std::string& name, bool staff, bool consent,
                           std::optional<std::uint8_t> birth_month,
                           const std::vector<Token>& tokens, std::optional<Channels> channels = {});

 private:
    std::vector<ledger::OutcomeVisit> outcome_visits(MemberId member) const;

    std::map<MemberId, MemberRecord> records_;
    std::map<std::string, MemberId> names_;
    std::unordered_map<TokenKey, MemberId> tokens_;
    std::map<CouponId, MemberId> coupons_;
    std::map<MemberId, std::map<std::uint32_t, ledger::SettledVisit>> visits_;  ///< by ordinal
    std::map<MemberId, std::map<std::uint32_t, Instant>> unsettled_;  ///< opened when, by ordinal
    struct Decided {
        std::vector<CouponRecord> all;  ///< in order of decision
        std::map<CouponId, std::size_t> place;
    };
    std::map<std::string, Decided> decided_;  ///< by campaign
    std::map<MemberId, ledger::StoredScore> scores_;
    std::vector<ledger::Basket> baskets_;  ///< row n is baskets_[n - 1]
    using Sale = std::tuple<std::chrono::sys_days, std::string, std::string>;
    std::map<Sale, std::size_t> sales_;
    std::map<std::string, bool> passive_;
};

}  // namespace raiten::app
