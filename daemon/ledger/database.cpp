#include "daemon/ledger/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace raiten::ledger {
namespace {

constexpr std::size_t kept_max = 256;
constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t frame_bytes = page_bytes + 24;  // sqlite.org/fileformat2.html#walformat

FaultKind kind_of_code(int code)
{
    switch (code & 0xff) {
        case SQLITE_FULL:
            return FaultKind::disk_full;
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return FaultKind::read_only;
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            return FaultKind::io;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return FaultKind::locked;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return FaultKind::corrupt;
        case SQLITE_NOMEM:
        case SQLITE_TOOBIG:
        case SQLITE_INTERRUPT:
            return FaultKind::out_of_bound;
        default:
            return FaultKind::mistake;
    }
}

std::string advice_for(FaultKind kind)
{
    switch (kind) {
        case FaultKind::disk_full:
            return "free some space on this file system; what is queued is written then";
        case FaultKind::read_only:
            return "the file system or the file is read-only; remount it, check the owner";
        case FaultKind::io:
            return "the disk failed or a size limit was reached; look at dmesg, replace the card";
        case FaultKind::locked:
            return "another program holds this file; stop it";
        case FaultKind::corrupt:
            return "the file is damaged; stop the service and restore the last backup";
        case FaultKind::out_of_bound:
            return "a limit of size or memory was reached";
        case FaultKind::mistake:
            return "this is a mistake in raitend: please report it";
    }
    return {};
}

int after_commit(void* pages, sqlite3*, const char*, int in_wal)
{
    *static_cast<std::uint64_t*>(pages) = static_cast<std::uint64_t>(in_wal);
    return SQLITE_OK;
}

}  // namespace

// ---- Query -------------------------------------------------------------------------------------

Query::Query(Database& database, sqlite3_stmt* statement, bool owned)
    : database_{&database}, statement_{statement}, owned_{owned}
{
}

Query::Query(Query&& other) noexcept
    : database_{other.database_},
      statement_{std::exchange(other.statement_, nullptr)},
      owned_{other.owned_},
      row_{other.row_},
      bound_{other.bound_},
      column_{other.column_}
{
}

Query::~Query()
{
    if (!statement_) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    if (owned_) sqlite3_finalize(statement_);
}

bool Query::next()
{
    column_ = 0;
    row_ = false;
    if (!statement_ || !database_->ok()) return false;
    const int code = sqlite3_step(statement_);
    row_ = code == SQLITE_ROW;
    if (!row_ && code != SQLITE_DONE) database_->fail(code);
    return row_;
}

void Query::bind_null()
{
    ++bound_;  // unbound parameters are null
}
void Query::bind_integer(std::int64_t value)
{
    if (statement_ && sqlite3_bind_int64(statement_, ++bound_, value) != SQLITE_OK)
        database_->fail(SQLITE_MISUSE);
}
void Query::bind_real(double value)
{
    if (statement_ && sqlite3_bind_double(statement_, ++bound_, value) != SQLITE_OK)
        database_->fail(SQLITE_MISUSE);
}
void Query::bind_text(std::string_view value)
{
    const char* data = value.data() ? value.data() : "";
    if (statement_
        && sqlite3_bind_text64(statement_, ++bound_, data, value.size(), SQLITE_TRANSIENT,
                               SQLITE_UTF8)
               != SQLITE_OK)
        database_->fail(SQLITE_MISUSE);
}
void Query::bind_key(const TokenKey& value)
{
    std::array<unsigned char, 16> bytes{};
    for (unsigned i = 0; i < 8; ++i) {
        bytes[i] = static_cast<unsigned char>(value.high >> (56U - 8U * i));
        bytes[i + 8U] = static_cast<unsigned char>(value.low >> (56U - 8U * i));
    }
    if (statement_
        && sqlite3_bind_blob(statement_, ++bound_, bytes.data(), 16, SQLITE_TRANSIENT) != SQLITE_OK)
        database_->fail(SQLITE_MISUSE);
}

bool Query::null() const
{
    return !row_ || sqlite3_column_type(statement_, column_) == SQLITE_NULL;
}
std::int64_t Query::integer()
{
    return row_ ? sqlite3_column_int64(statement_, column_++) : 0;
}
double Query::real()
{
    return row_ ? sqlite3_column_double(statement_, column_++) : 0;
}
std::string Query::text()
{
    if (!row_) return {};
    const auto* data = sqlite3_column_text(statement_, column_);
    const auto size = sqlite3_column_bytes(statement_, column_++);
    return data ? std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size))
                : std::string{};
}
TokenKey Query::key()
{
    TokenKey out;
    if (!row_) return out;
    const auto* data = static_cast<const unsigned char*>(sqlite3_column_blob(statement_, column_));
    const auto size = sqlite3_column_bytes(statement_, column_++);
    if (!data || size != 16) {
        database_->damaged("a token key that is not 16 bytes long");
        return out;
    }
    for (unsigned i = 0; i < 8; ++i) {
        out.high = out.high << 8U | data[i];
        out.low = out.low << 8U | data[i + 8U];
    }
    return out;
}

// ---- Database ----------------------------------------------------------------------------------

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Access access,
                                                 Millis patience)
{
    std::unique_ptr<Database> db{new Database};
    db->path_ = path;
    if (access == Access::read_write) {
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (file < 0) {
            const int why = errno;
            const auto kind = why == ENOSPC  ? FaultKind::disk_full
                              : why == EROFS ? FaultKind::read_only
                                             : FaultKind::io;
            return Problem{std::string{"cannot open the ledger: "} + std::strerror(why), path,
                           kind == FaultKind::io ? "check that the folder exists and is ours"
                                                 : advice_for(kind)};
        }
        ::close(file);
    }
    const int flags = access == Access::read_only ? SQLITE_OPEN_READONLY
                                                  : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(path.c_str(), &db->handle_,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (code != SQLITE_OK) {
        db->fail(code);
        return db->outcome().error();
    }
    sqlite3_busy_timeout(db->handle_, static_cast<int>(patience.count()));
    sqlite3_db_config(db->handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db->handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(db->handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_limit(db->handle_, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db->handle_, SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024);
    db->script(
        "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
        "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON; PRAGMA cache_size=-2048;");
    if (access == Access::read_only) {
        db->script("PRAGMA query_only=ON;");
    } else {
        // The log is moved into the file by the ledger thread after a commit, not inside of it.
        db->script(
            "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0;"
            "PRAGMA journal_size_limit=8388608;");
        sqlite3_wal_hook(db->handle_, &after_commit, &db->wal_pages_);
    }
    if (const auto opened = db->outcome(); !opened) return opened.error();
    return db;
}

Database::~Database()
{
    for (const auto& [sql, statement] : kept_) sqlite3_finalize(statement);
    if (handle_) sqlite3_close(handle_);
}

Query Database::prepared(std::string_view sql)
{
    if (fault_) return Query{*this, nullptr, false};
    const auto kept = kept_.find(sql);
    if (kept != kept_.end() && !sqlite3_stmt_busy(kept->second))
        return Query{*this, kept->second, false};

    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
        fail(code);
        return Query{*this, nullptr, false};
    }
    const bool keep = kept == kept_.end() && kept_.size() < kept_max;
    if (keep) kept_.emplace(std::string{sql}, statement);
    return Query{*this, statement, !keep};
}

void Database::script(const std::string& sql)
{
    if (fault_) return;
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
}

std::int64_t Database::last_row() const
{
    return sqlite3_last_insert_rowid(handle_);
}

std::int64_t Database::changes() const
{
    return sqlite3_changes64(handle_);
}

void Database::begin()
{
    run("BEGIN IMMEDIATE");
}

Result<void> Database::commit()
{
    run("COMMIT");
    if (ok()) return {};
    rollback();
    return outcome();
}

void Database::rollback()
{
    // After some errors SQLite has rolled back by itself; then there is nothing to do.
    if (!sqlite3_get_autocommit(handle_))
        sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Database::check()
{
    auto report = query("PRAGMA quick_check(1)");
    if (report.next()) {
        const auto line = report.get<std::string>();
        if (line != "ok") damaged(line.substr(0, 200));
    }
    return outcome();
}

Result<void> Database::checkpoint(bool everything, std::uint64_t& pages)
{
    int in_log = 0;
    int moved = 0;
    const auto before = wal_pages_;
    const int code = sqlite3_wal_checkpoint_v2(
        handle_, nullptr, everything ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
        &in_log, &moved);
    if (code != SQLITE_OK) {
        fail(code);
        return outcome();
    }
    // TRUNCATE answers 0, 0 because the log is empty by then.
    pages = everything ? before : static_cast<std::uint64_t>(std::max(moved, 0));
    wal_pages_ = everything || moved == in_log ? 0 : wal_pages_;
    return {};
}

std::uint64_t Database::bytes_logged() const
{
    int pages = 0;
    int high = 0;
    sqlite3_db_status(handle_, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &high, 0);
    return static_cast<std::uint64_t>(pages) * frame_bytes;
}

void Database::fail(int code)
{
    if (fault_) return;
    auto kind = kind_of_code(code);
    std::string what = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    // A damaged header can claim a schema format that does not exist.
    if (what == "unsupported file format") kind = FaultKind::corrupt;
    if (kind == FaultKind::io && handle_)
        if (const int os = sqlite3_system_errno(handle_); os != 0)
            what += std::string{" ("} + std::strerror(os) + ")";
    fault_ = Fault{kind, Problem{std::move(what), path_, advice_for(kind)}};
}

void Database::damaged(std::string what)
{
    if (fault_) return;
    fault_ =
        Fault{FaultKind::corrupt, Problem{std::move(what), path_, advice_for(FaultKind::corrupt)}};
}

Result<void> Database::outcome()
{
    if (!fault_) return {};
    Problem problem = std::move(fault_->problem);
    fault_.reset();
    return problem;
}

// ---- FileLock ----------------------------------------------------------------------------------

Result<FileLock> FileLock::take(const std::string& path)
{
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return Problem{std::string{"cannot open the lock file: "} + std::strerror(errno), path,
                       "check that the folder exists and is ours"};
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        ::close(file);
        return Problem{"the ledger is in use by another raitend", path,
                       "stop the other one: systemctl stop raitend"};
    }
    return FileLock{file};
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

FileLock::~FileLock()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace raiten::ledger
