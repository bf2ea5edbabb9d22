#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/model/summary.hpp"
#include "tests/ledger/support.hpp"

#include <memory>
#include <string>
#include <vector>

namespace raiten::test {

/// A public log as a store's events: members with one token each, check-ins, receipts.
class PublicLog {
 public:
    void member(const std::string& name);
    void check_in(const std::string& member, Instant at);
    /// A sale of that many units, by that member's token.
    void purchase(const std::string& member, Instant at, std::int64_t units);
    std::size_t events() const { return lines_.size(); }

    std::string members_csv() const;
    std::string in_order() const;  ///< NDJSON by time

 private:
    struct Line {
        Instant at;
        std::size_t number;
        std::string text;
    };
    std::string members_;
    std::vector<Line> lines_;
};

/// The log as `raitenctl replay --db` plays it: through members, engine and ledger, in this
/// process. `visits` are lines for that section of raiten.toml; the store's time zone is UTC.
class PlayedLog {
 public:
    PlayedLog(const PublicLog& log, const std::string& visits);

    std::string path() const { return folder_.file("ledger.db"); }
    ledger::Database& database() { return *database_; }
    /// All business days' summaries added up; `members` is then member-days.
    const Summary& days() const { return days_; }
    /// The first column of a query's first row.
    std::uint64_t number(const std::string& sql);

 private:
    ledger::TempFolder folder_;
    std::unique_ptr<ledger::Database> database_;
    Summary days_;
};

}  // namespace raiten::test
