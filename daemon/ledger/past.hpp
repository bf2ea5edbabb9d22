#pragma once

#include "daemon/ledger/opening.hpp"
#include "daemon/ledger/rows.hpp"
#include "daemon/model/records.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace raiten::ledger {

/// Puts a store's past beneath what its ledger holds, as if the box had been there: rows of visits
/// and receipts, and members' histories; no journal, no effect, no figure of a period. All of it is
/// one transaction: whole after commit(), and not there at all otherwise, however the process ends.
///
/// Rows of the past lie below 0, where their time puts them, so that several imports interleave
/// and `created` never runs backwards along the table:
///
///     row = (created − 2^42 ms) · 2^20 + n,   n counting the rows of one millisecond
///
/// `created` is the time that the row is about, or that of the first row that was lived, if that
/// is earlier. A fault of the database stands still: from then on nothing is written, and commit()
/// tells it.
class Past {
 public:
    /// `lock`: of the lock file beside the ledger.
    static Result<std::unique_ptr<Past>> open(const StoreFile& file, FileLock lock);
    /// Without commit() nothing has happened.
    ~Past();

    /// Without visits and coupons.
    std::optional<MemberRecord> member(const std::string& name);
    /// The newest visit of the past of a member, if there is one.
    std::optional<VisitRecord> newest_of(MemberId member);

    /// A new member without tokens, who has agreed.
    MemberId enrol(const std::string& name);
    /// Settled visits in the order of their opening; a member's, likewise.
    void put(const VisitRecord& visit);
    /// False: this key is known, and stays as it is. `created` must not run backwards.
    bool put(const ReceiptRow& receipt, Instant created);
    /// A member's history, after its visits.
    void put(const MemberRecord& member);

    bool ok() const { return database_->ok(); }
    Result<void> commit();

 private:
    /// Hands out the rows of one table.
    class Rows {
     public:
        Rows(Database& database, std::string table);
        /// `created` may become later than it was asked for.
        std::int64_t take(Instant& created);

     private:
        void enter(Instant created);

        Database& database_;
        std::string table_;
        bool fresh_{};                  ///< there were none of the past before
        std::optional<Instant> lived_;  ///< when the first row was written that was lived
        Instant at_{Instant::min()};
        std::int64_t next_{}, end_{};
    };

    Past(FileLock lock, std::unique_ptr<Database> database);

    FileLock lock_;
    std::unique_ptr<Database> database_;
    Rows visits_, receipts_;
    std::unordered_map<MemberId, std::int64_t> newest_;  ///< row of the visit put last
    bool committed_{};
};

}  // namespace raiten::ledger
