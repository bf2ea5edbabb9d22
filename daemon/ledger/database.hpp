#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/ids.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3;
struct sqlite3_stmt;

namespace raiten::ledger {

/// Why a database does not do what it was asked.
enum class FaultKind : std::uint8_t {
    disk_full,
    read_only,
    io,            ///< the disk returned an error, or a file-size limit was reached
    locked,        ///< somebody else holds it
    corrupt,       ///< damaged, or not a database at all
    out_of_bound,  ///< a value, text or memory limit
    mistake,       ///< our own SQL or a broken constraint: never the world's fault
};

struct Fault {
    FaultKind kind{};
    Problem problem;
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_id = false;
template <class Tag, class Rep>
inline constexpr bool is_id<Id<Tag, Rep>> = true;

/// One run of a prepared statement. Columns are read left to right with get<T>(); leaving the
/// scope resets it, so that no read transaction outlives its reader. After a fault next() is
/// false and get() gives empty values: ask Database::fault() before believing an end of rows.
///
/// How values lie in columns: Instant and Millis as milliseconds, sys_days as days since 1970,
/// Money as ten-thousandths, ids as 64-bit integers, TokenKey as 16 bytes (high half first).
class Query {
 public:
    Query(class Database& database, sqlite3_stmt* statement, bool owned);
    Query(Query&& other) noexcept;
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    Query& operator=(Query&&) = delete;
    ~Query();

    template <class T>
    void bind(const T& value)
    {
        if constexpr (is_optional<T>) {
            value ? bind(*value) : bind_null();
        } else if constexpr (std::is_same_v<T, TokenKey>) {
            bind_key(value);
        } else if constexpr (is_id<T>) {
            bind_integer(static_cast<std::int64_t>(value.value()));
        } else if constexpr (std::is_same_v<T, Money>) {
            bind_integer(value.ten_thousandths());
        } else if constexpr (std::is_same_v<T, Instant>) {
            bind_integer(value.time_since_epoch().count());
        } else if constexpr (std::is_same_v<T, std::chrono::sys_days>) {
            bind_integer(value.time_since_epoch().count());
        } else if constexpr (std::is_same_v<T, Millis>) {
            bind_integer(value.count());
        } else if constexpr (std::is_convertible_v<T, std::string_view>) {
            bind_text(value);
        } else if constexpr (std::is_floating_point_v<T>) {
            bind_real(value);
        } else {
            static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
            bind_integer(static_cast<std::int64_t>(value));
        }
    }

    /// The next row, if there is one.
    bool next();

    /// The next column of this row.
    template <class T>
    T get()
    {
        if constexpr (is_optional<T>) {
            if (!null()) return get<typename T::value_type>();
            ++column_;
            return std::nullopt;
        } else if constexpr (std::is_same_v<T, TokenKey>) {
            return key();
        } else if constexpr (is_id<T>) {
            return T{static_cast<decltype(T{}.value())>(integer())};
        } else if constexpr (std::is_same_v<T, Money>) {
            return Money::from_ten_thousandths(integer());
        } else if constexpr (std::is_same_v<T, Instant>) {
            return Instant{Millis{integer()}};
        } else if constexpr (std::is_same_v<T, std::chrono::sys_days>) {
            return std::chrono::sys_days{std::chrono::days{integer()}};
        } else if constexpr (std::is_same_v<T, Millis>) {
            return Millis{integer()};
        } else if constexpr (std::is_same_v<T, std::string>) {
            return text();
        } else if constexpr (std::is_floating_point_v<T>) {
            return real();
        } else if constexpr (std::is_same_v<T, bool>) {
            return integer() != 0;
        } else {
            static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
            return static_cast<T>(integer());
        }
    }

 private:
    void bind_null();
    void bind_integer(std::int64_t value);
    void bind_real(double value);
    void bind_text(std::string_view value);
    void bind_key(const TokenKey& value);
    bool null() const;
    std::int64_t integer();
    double real();
    std::string text();
    TokenKey key();

    class Database* database_;
    sqlite3_stmt* statement_;
    bool owned_;
    bool row_{};
    int bound_{};
    int column_{};
};

/// One connection to one SQLite file. Errors stand still: after the first fault every further
/// query does nothing until the fault is cleared, so that a long run of statements is checked
/// once, at its end. One thread at a time.
class Database {
 public:
    enum class Access : std::uint8_t { read_only, read_write };

    /// Opens and sets the pragmas (README.md lists them). `read_write` creates an absent file,
    /// readable by its owner alone. `patience`: how long to wait for another's lock.
    static Result<std::unique_ptr<Database>> open(const std::string& path, Access access,
                                                  Millis patience);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Bound and ready to be read. `sql` is prepared once and kept.
    template <class... Values>
    Query query(std::string_view sql, const Values&... values)
    {
        Query query = prepared(sql);
        (query.bind(values), ...);
        return query;
    }

    /// Carries out a statement that gives no rows.
    template <class... Values>
    void run(std::string_view sql, const Values&... values)
    {
        auto one = query(sql, values...);
        while (one.next()) {
        }
    }

    /// Several statements that are not worth keeping.
    void script(const std::string& sql);

    /// Row number of the last insert; rows changed by the last statement.
    std::int64_t last_row() const;
    std::int64_t changes() const;

    void begin();
    /// Durable when it returns well. Otherwise nothing of the transaction happened here, though
    /// after a failed fsync the disk may know better: close, open and look.
    Result<void> commit();
    void rollback();

    /// SQLite's own look at the whole file. Time grows with the file.
    Result<void> check();

    /// Moves what it can of the write-ahead log into the file; `pages` then tells how many.
    Result<void> checkpoint(bool everything, std::uint64_t& pages);
    std::uint64_t wal_pages() const { return wal_pages_; }
    /// Bytes that this connection wrote into the log so far.
    std::uint64_t bytes_logged() const;

    bool ok() const { return !fault_; }
    const std::optional<Fault>& fault() const { return fault_; }
    void clear_fault() { fault_.reset(); }
    /// The fault as a result, and cleared.
    Result<void> outcome();
    /// For what is found wrong in the rows themselves.
    void damaged(std::string what);

    const std::string& path() const { return path_; }
    sqlite3* handle() const { return handle_; }

 private:
    friend class Query;
    Database() = default;
    Query prepared(std::string_view sql);
    void fail(int code);

    std::string path_;
    sqlite3* handle_{};
    std::map<std::string, sqlite3_stmt*, std::less<>> kept_;
    std::optional<Fault> fault_;
    std::uint64_t wal_pages_{};
};

/// Held for as long as the object lives; the kernel lets go when the process dies, however.
/// So two daemons never share a ledger.
class FileLock {
 public:
    /// A Problem names the file if another process (or this one) holds it.
    static Result<FileLock> take(const std::string& path);
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

 private:
    explicit FileLock(int descriptor) : descriptor_{descriptor} {}
    int descriptor_;
};

}  // namespace raiten::ledger
