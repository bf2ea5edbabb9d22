#pragma once

#include "daemon/ledger/database.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/schema.hpp"
#include "daemon/ledger/visit_table.hpp"
#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace raiten::test {

struct Told {
    Instant at;
    bool purchase{};
    int spend{1000};  ///< units
    std::uint32_t streak{};
};

/// A ledger's file that is written by hand.
class Shelf {
 public:
    Shelf()
        : path_{folder_.file("ledger.sqlite")},
          database_{ledger::value(ledger::Database::open(
              path_, ledger::Database::Access::read_write, std::chrono::seconds{1}))}
    {
        database_->script("PRAGMA synchronous=OFF");  // many small ones: nobody cuts the power
        REQUIRE(ledger::bring_up_to_date(*database_).has_value());
    }
    const std::string& path() const { return path_; }
    ledger::Database& database() { return *database_; }

    void begin()
    {
        database_->begin();
        for (const auto* table : {"visit", "member", "survey"})
            database_->run(std::string{"DELETE FROM "} + table);
    }
    void member(std::uint64_t number)
    {
        MemberRecord member;
        member.id = MemberId{number};
        member.name = "m" + std::to_string(number);
        ledger::put_basics(*database_, member);
    }
    VisitRecord visit(std::uint64_t member, std::uint32_t ordinal, const Told& told)
    {
        VisitRecord visit;
        visit.id = VisitId{member << 32U | ordinal};
        visit.member = MemberId{member};
        visit.ordinal = ordinal;
        visit.state = VisitState::settled;
        visit.opened_at = visit.left_at = told.at;
        visit.close_reason = CloseReason::timeout;
        visit.revision = 1;
        visit.streak = told.streak;
        if (told.purchase) {
            VisitReceipt receipt;
            receipt.pos = "reg-1";
            receipt.number = std::to_string(ordinal);
            receipt.total = Money::from_units(told.spend);
            receipt.currency = "JPY";
            visit.receipts.push_back(receipt);
        }
        return visit;
    }
    void put(const VisitRecord& visit) { ledger::put_visit(*database_, visit, Instant{}); }
    void end() { REQUIRE(database_->commit().has_value()); }

 private:
    ledger::TempFolder folder_;
    std::string path_;
    std::unique_ptr<ledger::Database> database_;
};

}  // namespace raiten::test
