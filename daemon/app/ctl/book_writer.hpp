#pragma once

#include "daemon/app/ctl/shop_book.hpp"
#include "daemon/base/result.hpp"
#include "daemon/ledger/past.hpp"
#include "daemon/model/rules.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace raiten::app::ctl {

/// What became of a book.
struct BookTally {
    std::uint64_t members{};           ///< whose history was written
    std::uint64_t enrolled{};          ///< of these: new to the store
    std::uint64_t unchanged{};         ///< whose history is there already, just so
    std::uint64_t refused{};           ///< members who are left out
    std::uint64_t visits{};            ///< found in the files, of the members that were written
    std::uint64_t purchases{};         ///< of these: with a sale that stands
    std::uint64_t beyond_retention{};  ///< of these: too old to be kept, only counted
    std::uint64_t receipts{};          ///< rows written
    std::uint64_t known_receipts{};    ///< whose key the ledger had
    std::uint64_t unmatched{};         ///< voids and refunds of receipts that are not known
};

/// Writes the histories of a book, one member whole or not at all, into a ledger's past.
class BookWriter {
 public:
    struct Setup {
        VisitRules rules;
        StoreClock clock;
        std::string currency;
        std::uint64_t seed{};  ///< of visit ids, as the engine has it
        Instant kept_from;     ///< visits that opened before are only counted
        bool enrol{};          ///< members who are not known are made
        std::string visits_file, receipts_file;
        std::function<void(const Problem&)> refuse;  ///< of a member who is left out
        std::function<void(const char* what, std::uint64_t done, std::uint64_t of)> progress;
    };
    BookWriter(Setup setup, ShopBook& book, ledger::Past& past);

    /// All of it; the transaction is left open. A Problem where the ledger fails.
    Result<BookTally> write();

 private:
    struct Accepted;
    struct Entry;

    std::optional<Accepted> accept(const std::string& name, BookedMember& booked);
    MemberRecord record_of(const std::string& name, const BookedMember& booked) const;
    std::vector<Entry> entries_of(const std::vector<Accepted>& members);
    void write_visit(const Accepted& member, std::uint32_t ordinal);
    std::string write_receipt(const Accepted& member, const BookedReceipt& receipt,
                              Instant created);
    Problem problem_of(const std::string& name, const BookedMember& booked, std::string what,
                       std::string advice) const;

    Setup setup_;
    ShopBook& book_;
    ledger::Past& past_;
    BookTally tally_;
};

}  // namespace raiten::app::ctl
