#pragma once

#include "daemon/engine/ports.hpp"
#include "daemon/ledger/database.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/rows.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace raiten::ledger {

/// What was handed over but is not durable yet: looked up first, and forgotten once the file has
/// it. Its size is bounded by the queue of the committer.
template <class Key, class Value>
class Overlay {
 public:
    void put(const Key& key, Value value, std::uint64_t batch)
    {
        held_.insert_or_assign(key, std::pair{batch, std::move(value)});
        order_.emplace_back(batch, key);
    }
    const Value* find(const Key& key) const
    {
        const auto found = held_.find(key);
        return found == held_.end() ? nullptr : &found->second.second;
    }
    void durable(std::uint64_t through)
    {
        for (; !order_.empty() && order_.front().first <= through; order_.pop_front()) {
            const auto found = held_.find(order_.front().second);
            if (found != held_.end() && found->second.first <= through) held_.erase(found);
        }
    }
    std::size_t size() const { return held_.size(); }

 private:
    std::unordered_map<Key, std::pair<std::uint64_t, Value>> held_;
    std::deque<std::pair<std::uint64_t, Key>> order_;
};

/// The file could not be read while the engine asked for a member. There is no answer that would
/// not invent a history, so the process stops; the next start says what is wrong with the file.
struct ReadFailed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The engine's port to the members, on the loop's thread, over a connection that only reads.
class Directory final : public Members {
 public:
    /// Keeps at most 2 × `tokens_cached` answers about tokens, known or unknown, in memory.
    Directory(Database& database, Horizon horizon, std::size_t tokens_cached);

    std::optional<MemberId> member_of(const TokenKey& token) override;
    /// Of a member that was never there: a record with only its number.
    MemberRecord load(MemberId member) override;
    std::optional<scoring::Habits> habits(MemberId member) override;
    std::optional<MemberId> owner_of(CouponId coupon) override;

    std::optional<MemberId> named(const std::string& name);

    /// A batch was handed over under this number; later numbers are larger. The basics of its
    /// member records are set to what the directory knows.
    void note(Batch& batch, std::uint64_t number);
    /// All numbers up to this one are in the file.
    void durable(std::uint64_t through);

    /// What a list of enrolments comes to.
    struct Admission {
        std::vector<MemberRecord> members;
        std::vector<std::pair<Token, MemberId>> tokens;
    };
    /// All or nothing. Refused: a bad name, a rotating token, a token of another member (the
    /// Problem names that member), the same name twice.
    Result<Admission> admit(const std::vector<Enrolment>& enrolments);
    void note(const Admission& admission, std::uint64_t number);

    void engine_time(Instant now) { now_ = std::max(now_, now); }

 private:
    template <class T>
    T sure(T answer);
    void remember(const TokenKey& token, std::optional<MemberId> member);
    Result<MemberRecord> basics_for(const Enrolment& enrolment, MemberId fresh);

    Database& database_;
    const Horizon horizon_;
    const std::size_t tokens_cached_;
    Instant now_{};
    MemberId next_member_;

    Overlay<MemberId, MemberRecord> members_;
    Overlay<std::string, MemberId> names_;
    Overlay<TokenKey, MemberId> tokens_;
    Overlay<CouponId, MemberId> coupons_;
    Overlay<MemberId, scoring::Habits> habits_;
    /// Two generations: a full young one becomes the old one, and what is asked again is young.
    std::unordered_map<TokenKey, std::optional<MemberId>> young_, old_;
};

}  // namespace raiten::ledger
