#include "daemon/app/ctl/book_writer.hpp"

#include "daemon/app/ctl/book_visits.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/engine/engine.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace raiten::app::ctl {
namespace {

/// Where the file names no register.
constexpr const char* imported = "import";

}  // namespace

/// A member whose history is to be written.
struct BookWriter::Accepted {
    const std::string* name{};
    const BookedMember* booked{};
    MemberRecord record;
};

/// A visit of a member by its ordinal, or a void or refund by its place among the receipts.
struct BookWriter::Entry {
    Instant created;
    std::uint32_t member{};
    std::uint32_t place{};
    bool visit{};
};

BookWriter::BookWriter(Setup setup, ShopBook& book, ledger::Past& past)
    : setup_{std::move(setup)}, book_{book}, past_{past}
{
}

Result<BookTally> BookWriter::write()
{
    std::vector<Accepted> members;
    std::uint64_t looked_at = 0;
    for (auto& [name, booked] : book_.members) {
        setup_.progress("looking", ++looked_at, book_.members.size());
        find_visits(booked, book_.texts, setup_.rules);
        auto accepted = accept(name, booked);
        if (!past_.ok()) break;
        if (accepted) members.push_back(std::move(*accepted));
    }
    tally_.members = members.size();
    const auto entries = entries_of(members);
    std::uint64_t written = 0;
    for (const auto& entry : entries) {
        if (!past_.ok()) break;
        setup_.progress("importing", ++written, entries.size());
        const auto& member = members[entry.member];
        if (entry.visit)
            write_visit(member, entry.place);
        else
            write_receipt(member, member.booked->receipts[entry.place], entry.created);
    }
    for (const auto& member : members) past_.put(member.record);
    return tally_;
}

// ---- who ----------------------------------------------------------------------------------------

Problem BookWriter::problem_of(const std::string& name, const BookedMember& booked,
                               std::string what, std::string advice) const
{
    const auto& file = booked.from_receipts ? setup_.receipts_file : setup_.visits_file;
    return {"member " + name + " " + std::move(what),
            file + ": line " + std::to_string(booked.line), std::move(advice)};
}

/// What the engine would have counted.
MemberRecord BookWriter::record_of(const std::string& name, const BookedMember& booked) const
{
    MemberRecord record;
    record.name = name;
    record.visits = record.settled_visits = static_cast<std::uint32_t>(booked.visits.size());
    record.spend = -booked.returned;
    for (const auto& visit : booked.visits) {
        record.first_visit_at =
            std::min(record.first_visit_at.value_or(visit.opened_at), visit.opened_at);
        record.purchases += visit.purchase ? 1 : 0;
    }
    for (const auto& receipt : booked.receipts) {
        if (receipt.kind != ReceiptKind::sale) continue;
        record.spend += receipt.total - receipt.undone;
        if (receipt.undone >= receipt.total) continue;
        record.currency = setup_.currency;
        record.last_purchase_at =
            std::max(record.last_purchase_at.value_or(receipt.at), receipt.at);
    }
    return record;
}

std::optional<BookWriter::Accepted> BookWriter::accept(const std::string& name,
                                                       BookedMember& booked)
{
    const auto refuse = [&](std::string what, std::string advice) {
        ++tally_.refused;
        setup_.refuse(problem_of(name, booked, std::move(what), std::move(advice)));
        return std::nullopt;
    };
    if (booked.visits.empty())
        return refuse("has no visit and no sale", "a void or refund alone makes no history");

    Accepted accepted{&name, &booked, record_of(name, booked)};
    auto& record = accepted.record;
    const auto known = past_.member(name);
    if (!known && !setup_.enrol)
        return refuse("is not enrolled", "raitenctl import members first, or --enrol");
    if (known && known->left_out())
        return refuse(known->staff      ? "is staff"
                      : !known->consent ? "has not agreed to be tracked"
                                        : "is left out as equipment",
                      "whom the store leaves out has no history");
    if (known && known->visits > 0) {
        const auto newest = past_.newest_of(known->id);
        const bool grown = known->visits > record.visits && newest
                           && newest->ordinal + 1 == record.visits
                           && newest->opened_at == booked.visits.back().opened_at;
        const bool same = known->visits == record.visits && known->purchases == record.purchases
                          && known->spend == record.spend
                          && known->last_purchase_at == record.last_purchase_at;
        if (known->first_visit_at == record.first_visit_at && (same || grown)) {
            ++tally_.unchanged;
            return std::nullopt;
        }
        return refuse("is already known since "
                          + format_instant(*known->first_visit_at,
                                           setup_.clock.offset_at(*known->first_visit_at)),
                      "a history is imported whole, before the first visit");
    }
    if (!known) ++tally_.enrolled;
    record.id = known ? known->id : past_.enrol(name);
    // Only its history is written; a member's basics are the directory's.
    tally_.visits += record.visits;
    tally_.purchases += record.purchases;
    tally_.unmatched += booked.unmatched;
    return accepted;
}

// ---- what ---------------------------------------------------------------------------------------

std::vector<BookWriter::Entry> BookWriter::entries_of(const std::vector<Accepted>& members)
{
    std::vector<Entry> entries;
    entries.reserve(tally_.visits);
    for (std::uint32_t m = 0; m < members.size(); ++m) {
        const auto& booked = *members[m].booked;
        for (std::uint32_t i = 0; i < booked.visits.size(); ++i) {
            const auto at = booked.visits[i].opened_at;
            if (at < setup_.kept_from)
                ++tally_.beyond_retention;
            else
                entries.push_back({at, m, i, true});
        }
        for (std::uint32_t i = 0; i < booked.receipts.size(); ++i) {
            const auto& receipt = booked.receipts[i];
            if (receipt.kind != ReceiptKind::sale && receipt.at >= setup_.kept_from)
                entries.push_back({receipt.at, m, i, false});
        }
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.created, a.member, a.visit, a.place)
               < std::tie(b.created, b.member, b.visit, b.place);
    });
    return entries;
}

/// The number that it is kept under: registers that the file does not tell apart may have used one
/// number for two members.
std::string BookWriter::write_receipt(const Accepted& member, const BookedReceipt& receipt,
                                      Instant created)
{
    ledger::ReceiptRow row;
    Receipt whole;
    whole.pos = receipt.pos == 0 ? imported : book_.texts.text(receipt.pos);
    whole.number = receipt.number;
    if (whole.number.empty()) whole.number = *member.name + "/" + std::to_string(receipt.line);
    whole.kind = receipt.kind;
    whole.total = receipt.total;
    whole.currency = setup_.currency;
    whole.refers_to = book_.texts.text(receipt.refers_to);
    for (const auto& line : receipt.lines)
        whole.lines.push_back({book_.texts.text(line.sku), book_.texts.text(line.name),
                               line.quantity, line.amount, book_.texts.text(line.category)});
    row.key = {whole.pos,
               whole.number,
               whole.kind,
               std::chrono::sys_days{std::chrono::days{receipt.day}},
               Engine::content_of(whole),
               receipt.at,
               whole.total,
               whole.refers_to};
    row.currency = whole.currency;
    row.lines = std::move(whole.lines);
    bool written = past_.put(row, created);
    if (!written && receipt.pos == 0) {
        row.key.number += "/" + *member.name;
        written = past_.put(row, created);
    }
    ++(written ? tally_.receipts : tally_.known_receipts);
    return row.key.number;
}

void BookWriter::write_visit(const Accepted& member, std::uint32_t ordinal)
{
    const auto& booked = member.booked->visits[ordinal];
    VisitRecord visit;
    visit.ordinal = ordinal;
    visit.id = Engine::visit_id(setup_.seed, *member.name, ordinal);
    visit.member = member.record.id;
    visit.member_name = *member.name;
    visit.state = VisitState::settled;
    visit.revision = 1;
    visit.close_reason = CloseReason::timeout;
    visit.opened_at = visit.zone_since = booked.opened_at;
    visit.left_at = booked.left_at;
    visit.passive = booked.passive;
    visit.streak = booked.streak;
    visit.zone = book_.texts.text(booked.zone);
    if (booked.passive && !visit.zone.empty())
        visit.zones[visit.zone] = booked.left_at - booked.opened_at;
    visit.readers = {imported};
    for (auto i = booked.first_sale; i < booked.first_sale + booked.sales; ++i) {
        const auto& sale = member.booked->receipts[i];
        VisitReceipt receipt;
        receipt.pos = sale.pos == 0 ? imported : book_.texts.text(sale.pos);
        receipt.number = write_receipt(member, sale, booked.opened_at);
        receipt.day = std::chrono::sys_days{std::chrono::days{sale.day}};
        receipt.at = sale.at;
        receipt.total = sale.total;
        receipt.undone = sale.undone;
        receipt.currency = setup_.currency;
        for (const auto& line : sale.lines) receipt.units += line.quantity;
        visit.receipts.push_back(std::move(receipt));
    }
    past_.put(visit);
}

}  // namespace raiten::app::ctl
