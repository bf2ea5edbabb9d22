#include "daemon/ledger/ledger.hpp"

#include "daemon/ledger/batch.hpp"
#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/directory.hpp"
#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/opening.hpp"
#include "daemon/ledger/outbox_table.hpp"
#include "daemon/ledger/score_table.hpp"
#include "daemon/ledger/state_table.hpp"
#include "daemon/ledger/summary_table.hpp"

#include <algorithm>
#include <utility>

namespace raiten::ledger {
namespace {

constexpr Millis reader_patience{1000};

}  // namespace

struct Ledger::Inside {
    Inside(Options given, FileLock lock, std::unique_ptr<Database> write,
           std::unique_ptr<Database> read, Committer::Post post)
        : options{std::move(given)},
          held{std::move(lock)},
          reading{std::move(read)},
          directory{*reading, options.horizon, options.tokens_cached},
          committer{std::move(write), options.commit, std::move(post)}
    {
    }

    const Options options;
    FileLock held;
    std::unique_ptr<Database> reading;
    Directory directory;
    std::uint64_t handed_over{};
    Committer committer;  ///< last: it stops before the rest goes

    template <class Read>
    auto read(Read what) -> Result<decltype(what(*reading))>
    {
        auto answer = what(*reading);
        if (const auto how = reading->outcome(); !how) return how.error();
        return answer;
    }
};

Result<std::unique_ptr<Ledger>> Ledger::open(Options options, Committer::Post post)
{
    auto lock = FileLock::take(options.path + ".lock");
    if (!lock) return lock.error();
    auto write = open_store_file({options.path, options.store, options.epoch,
                                  options.commit.patience, options.checked_bytes_max});
    if (!write) return write.error();
    auto read = Database::open(options.path, Database::Access::read_only, reader_patience);
    if (!read) return read.error();

    std::unique_ptr<Ledger> ledger{new Ledger};
    Database& db = **read;
    ledger->epoch_ = static_cast<std::uint64_t>(meta_number(db, "epoch"));
    ledger->session_ = static_cast<std::uint64_t>(meta_number(db, "session"));
    ledger->next_cursor_ = next_stream_cursor(db);
    ledger->engine_time_ = engine_time_of(db);
    next_member(db);  // whatever the directory will ask first is asked here, where it can fail
    if (const auto sound = db.outcome(); !sound) return sound.error();
    ledger->inside_ = std::make_shared<Inside>(
        std::move(options), std::move(*lock), std::move(*write), std::move(*read), std::move(post));
    return ledger;
}

Ledger::~Ledger()
{
    if (inside_) stop();
}

void Ledger::commit(Batch batch, Done done)
{
    const auto number = ++inside_->handed_over;
    inside_->directory.note(batch, number);
    const bool awaited = batch.awaited;
    const bool alone = batch.engine_state.has_value();
    auto kept = std::make_shared<const Batch>(std::move(batch));
    inside_->committer.add(
        [kept](Database& database) { put_batch(database, *kept); },
        [weak = std::weak_ptr{inside_}, number, done = std::move(done)](const Result<void>& how) {
            const auto inside = weak.lock();
            if (!inside) return;
            if (how) inside->directory.durable(number);
            if (done) done(how);
        },
        awaited, alone);
}

Result<std::vector<MemberId>> Ledger::enrol(const std::vector<Enrolment>& enrolments, Done done)
{
    if (enrolments.size() > enrolments_max)
        return Problem{"too many members in one list", {}, "at most 100000; cut the list"};
    auto admitted = inside_->directory.admit(enrolments);
    if (!admitted) return admitted.error();
    const auto kept = std::make_shared<const Directory::Admission>(std::move(*admitted));
    const auto number = ++inside_->handed_over;
    inside_->directory.note(*kept, number);

    std::vector<MemberId> ids;
    ids.reserve(kept->members.size());
    for (const auto& member : kept->members) ids.push_back(member.id);
    inside_->committer.add(
        [kept](Database& database) {
            for (const auto& member : kept->members) put_basics(database, member);
            for (const auto& [token, member] : kept->tokens) put_token(database, token, member);
        },
        [weak = std::weak_ptr{inside_}, number, done = std::move(done)](const Result<void>& how) {
            const auto inside = weak.lock();
            if (!inside) return;
            if (how) inside->directory.durable(number);
            if (done) done(how);
        },
        true);
    return ids;
}

void Ledger::outbox_settle(Lane lane, std::uint64_t through, Done done)
{
    inside_->committer.add([=](Database& database) { settle_outbox(database, lane, through); },
                           std::move(done), false);
}

void Ledger::outbox_drop(Lane lane, std::uint64_t from, std::uint64_t through, std::string reason,
                         Done done)
{
    inside_->committer.add(
        [=, reason = std::move(reason)](Database& database) {
            drop_outbox(database, lane, from, through, reason);
        },
        std::move(done), false);
}

void Ledger::prune(Instant now, std::function<void(const Result<std::uint64_t>&)> done)
{
    const auto gone = std::make_shared<std::uint64_t>(0);
    inside_->committer.add(
        [=, retention = inside_->options.retention](Database& database) {
            *gone = prune_slice(database, now, retention);
        },
        [gone, done = std::move(done)](const Result<void>& how) {
            if (done) done(how ? Result<std::uint64_t>{*gone} : Result<std::uint64_t>{how.error()});
        },
        false);
}

bool Ledger::room() const
{
    return inside_->committer.room();
}

void Ledger::on_room(std::function<void()> call)
{
    inside_->committer.on_room(std::move(call));
}

CommitState Ledger::state() const
{
    return inside_->committer.state();
}

std::optional<Millis> Ledger::step()
{
    return inside_->committer.step();
}

void Ledger::stop()
{
    inside_->committer.stop();
}

Members& Ledger::members()
{
    return inside_->directory;
}

Result<Remembered> Ledger::remember()
{
    return inside_->read([&](Database& db) { return recall(db, inside_->options.horizon); });
}

Result<std::optional<std::string>> Ledger::engine_state()
{
    return inside_->read([](Database& db) { return ledger::engine_state(db); });
}

Result<std::optional<MemberRecord>> Ledger::member(const std::string& name)
{
    return inside_->read([&](Database&) -> std::optional<MemberRecord> {
        const auto id = inside_->directory.named(name);
        if (!id) return std::nullopt;
        return inside_->directory.load(*id);
    });
}

Result<Ledger::Suspects> Ledger::suspects(std::size_t names_max)
{
    return inside_->read([&](Database& db) {
        Suspects out;
        auto count = db.query("SELECT count(*) FROM member WHERE equipment = 1");
        if (count.next()) out.count = count.get<std::uint64_t>();
        auto rows =
            db.query("SELECT name FROM member WHERE equipment = 1 ORDER BY id LIMIT ?", names_max);
        while (rows.next()) out.names.push_back(rows.get<std::string>());
        return out;
    });
}

Result<VisitPage> Ledger::visits(const VisitFilter& filter)
{
    return inside_->read([&](Database& db) { return visits_page(db, filter); });
}

Result<VisitPage> Ledger::returns(std::optional<std::uint64_t> before, std::size_t limit)
{
    VisitFilter filter;
    filter.returns_only = true;
    filter.before = before;
    filter.limit = limit;
    return visits(filter);
}

Result<std::vector<VisitRecord>> Ledger::visits_of(MemberId member, std::size_t limit)
{
    limit = std::clamp<std::size_t>(limit, 1, visits_page_max);
    return inside_->read([&](Database& db) {
        std::vector<VisitRecord> out;
        visits_back(db, member, [&](VisitRecord visit, Instant) {
            out.push_back(std::move(visit));
            return out.size() < limit;
        });
        return out;
    });
}

Result<CouponPage> Ledger::coupons(std::optional<MemberId> member,
                                   std::optional<std::uint64_t> before, std::size_t limit)
{
    return inside_->read([&](Database& db) { return coupons_page(db, member, before, limit); });
}

Result<std::optional<CouponRecord>> Ledger::coupon(CouponId id)
{
    return inside_->read([&](Database& db) { return coupon_with(db, id); });
}

Result<std::optional<ReceiptRow>> Ledger::receipt(const Remembered::ReceiptKey& key)
{
    return inside_->read([&](Database& db) { return receipt_with(db, key); });
}

Result<std::uint64_t> Ledger::oldest_cursor()
{
    return inside_->read([](Database& db) { return oldest_stream_cursor(db); });
}

Result<std::vector<StreamRow>> Ledger::stream_after(std::uint64_t cursor, std::size_t limit)
{
    return inside_->read([&](Database& db) { return ledger::stream_after(db, cursor, limit); });
}

Result<std::vector<JournalRow>> Ledger::journal_after(std::uint64_t row, std::size_t limit)
{
    return inside_->read([&](Database& db) { return ledger::journal_after(db, row, limit); });
}

Result<std::vector<Summary>> Ledger::summaries(Summary::Bucket bucket, Instant from, Instant to,
                                               std::size_t limit)
{
    return inside_->read(
        [&](Database& db) { return summaries_between(db, bucket, from, to, limit); });
}

Result<std::vector<ReaderStateRow>> Ledger::readers()
{
    return inside_->read([](Database& db) { return reader_states(db); });
}

Result<RowCounts> Ledger::counts()
{
    return inside_->read([](Database& db) {
        RowCounts out;
        const auto number = [&](const char* sql) {
            auto row = db.query(sql);
            return row.next() ? row.get<std::uint64_t>() : 0;
        };
        out.members = number("SELECT count(*) FROM member");
        out.tokens = number("SELECT count(*) FROM token");
        out.coupons = number("SELECT count(*) FROM coupon");
        out.outbox = number("SELECT count(*) FROM outbox");
        out.unsettled = number("SELECT count(*) FROM visit WHERE state < 2");
        const auto span = [&](const std::string& table, const std::string& row) {
            const auto lived = " FROM " + table + " WHERE " + row + " > 0";
            return number(("SELECT coalesce((SELECT max(" + row + ")" + lived + ") - (SELECT min("
                           + row + ")" + lived + ") + 1, 0)")
                              .c_str())
                   + number(("SELECT count(*) FROM " + table + " WHERE " + row + " < 0").c_str());
        };
        out.visits = span("visit", "row");
        out.receipts = span("receipt", "row");
        out.journal = span("journal", "row");
        out.stream = span("stream", "cursor");
        return out;
    });
}

Result<std::vector<ModelRow>> Ledger::models(std::size_t limit)
{
    return inside_->read([&](Database& db) { return ledger::models(db, limit); });
}

Result<std::optional<ModelRow>> Ledger::model(const std::string& kind)
{
    return inside_->read([&](Database& db) { return model_of(db, kind); });
}

Result<std::optional<std::chrono::sys_days>> Ledger::scored_day()
{
    return inside_->read([](Database& db) { return ledger::scored_day(db); });
}

Result<std::vector<OutboxEntry>> Ledger::outbox_after(Lane lane, std::uint64_t after,
                                                      std::size_t rows_max, std::size_t bytes_max)
{
    return inside_->read(
        [&](Database& db) { return outbox_rows(db, lane, after, rows_max, bytes_max); });
}

Result<LaneHead> Ledger::lane_head(Lane lane)
{
    return inside_->read([&](Database& db) { return outbox_head(db, lane); });
}

const std::string& Ledger::path() const
{
    return inside_->options.path;
}

}  // namespace raiten::ledger
