#include "daemon/ledger/past.hpp"

#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/score_table.hpp"
#include "daemon/ledger/visit_table.hpp"

#include <algorithm>
#include <utility>

namespace raiten::ledger {
namespace {

constexpr int rows_bits = 20;  ///< of one millisecond
constexpr std::int64_t rows_of_one = std::int64_t{1} << rows_bits;
constexpr std::int64_t years_ms = std::int64_t{1} << 42U;  ///< 1970 to 2109

std::int64_t first_row_of(Instant created)
{
    const auto ms = std::clamp(created.time_since_epoch().count(), std::int64_t{0}, years_ms - 1);
    return (ms - years_ms) * rows_of_one;
}

}  // namespace

// ---- rows -------------------------------------------------------------------------------------

Past::Rows::Rows(Database& database, std::string table)
    : database_{database}, table_{std::move(table)}
{
    auto lived =
        database_.query("SELECT created FROM " + table_ + " WHERE row > 0 ORDER BY row LIMIT 1");
    if (lived.next()) lived_ = lived.get<Instant>();
    auto past = database_.query("SELECT 1 FROM " + table_ + " WHERE row < 0 LIMIT 1");
    fresh_ = !past.next();
}

std::int64_t Past::Rows::take(Instant& created)
{
    if (lived_) created = std::min(created, *lived_);
    created = std::max(created, at_);
    if (created != at_) enter(created);
    while (next_ == end_) {  // a millisecond has only so many
        created += Millis{1};
        enter(created);
    }
    return next_++;
}

void Past::Rows::enter(Instant created)
{
    at_ = created;
    next_ = first_row_of(created);
    end_ = next_ + rows_of_one;
    if (fresh_) return;
    auto taken = database_.query("SELECT max(row) FROM " + table_ + " WHERE row >= ? AND row < ?",
                                 next_, end_);
    if (!taken.next()) return;
    if (const auto last = taken.get<std::optional<std::int64_t>>()) next_ = *last + 1;
}

// ---- the past ---------------------------------------------------------------------------------

Result<std::unique_ptr<Past>> Past::open(const StoreFile& file, FileLock lock)
{
    auto opened = open_store_file(file);
    if (!opened) return opened.error();
    auto database = std::move(opened).value();
    database->begin();
    if (!database->ok()) return database->outcome().error();
    std::unique_ptr<Past> past{new Past{std::move(lock), std::move(database)}};
    if (!past->ok()) return past->database_->outcome().error();
    return past;
}

Past::Past(FileLock lock, std::unique_ptr<Database> database)
    : lock_{std::move(lock)},
      database_{std::move(database)},
      visits_{*database_, "visit"},
      receipts_{*database_, "receipt"}
{
}

Past::~Past()
{
    if (!committed_) database_->rollback();
}

std::optional<MemberRecord> Past::member(const std::string& name)
{
    const auto id = member_named(*database_, name);
    return id ? member_basics(*database_, *id) : std::nullopt;
}

std::optional<VisitRecord> Past::newest_of(MemberId member)
{
    std::optional<VisitRecord> newest;
    // Far more than a member can visit while what was imported is kept.
    constexpr int steps_max = 20'000;
    auto head = database_->query("SELECT last_visit FROM member WHERE id = ?", member);
    auto row = head.next() ? head.get<std::optional<std::int64_t>>() : std::nullopt;
    for (int steps = 0; row && *row > 0 && steps < steps_max; ++steps) {
        auto at = database_->query("SELECT previous FROM visit WHERE row = ?", *row);
        row = at.next() ? at.get<std::optional<std::int64_t>>() : std::nullopt;
    }
    if (!row || *row > 0) return newest;
    auto found =
        database_->query("SELECT id, ordinal, opened_at, left_at FROM visit WHERE row = ?", *row);
    if (!found.next()) return newest;
    newest.emplace();
    newest->id = found.get<VisitId>();
    newest->member = member;
    newest->ordinal = found.get<std::uint32_t>();
    newest->opened_at = found.get<Instant>();
    newest->left_at = found.get<Instant>();
    return newest;
}

MemberId Past::enrol(const std::string& name)
{
    MemberRecord member;
    member.id = next_member(*database_);
    member.name = name;
    put_basics(*database_, member);
    return member.id;
}

void Past::put(const VisitRecord& visit)
{
    Instant created = visit.opened_at;
    const auto row = visits_.take(created);
    const auto [place, first] = newest_.try_emplace(visit.member, row);
    const auto previous = first ? std::nullopt : std::optional{place->second};
    place->second = row;
    insert_visit(*database_, visit, created, row, previous);
}

bool Past::put(const ReceiptRow& receipt, Instant created)
{
    const auto row = receipts_.take(created);
    put_receipt(*database_, receipt, created, row);
    return database_->ok() && database_->changes() > 0;
}

void Past::put(const MemberRecord& member)
{
    put_history(*database_, member);
    const auto newest = newest_.find(member.id);
    if (newest != newest_.end())
        database_->run(
            "UPDATE member SET last_visit = ?1, (last_left_at, last_streak) ="
            " (SELECT left_at, streak FROM visit WHERE row = ?1) WHERE id = ?2",
            newest->second, member.id);
}

Result<void> Past::commit()
{
    // A state of the engine that was left before does not know of this.
    put_meta(*database_, "commits", meta_number(*database_, "commits") + 1);
    forget_learned(*database_);
    if (!database_->ok()) {
        auto why = database_->outcome();
        database_->rollback();
        return why;
    }
    if (const auto done = database_->commit(); !done) return done;
    committed_ = true;
    std::uint64_t pages = 0;
    // Else the log holds it, and the next who opens the file moves it.
    if (!database_->checkpoint(true, pages)) database_->clear_fault();
    return {};
}

}  // namespace raiten::ledger
