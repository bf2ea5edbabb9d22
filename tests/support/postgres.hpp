#pragma once

#include "tests/support/process.hpp"
#include "tests/support/temp_folder.hpp"

#include <memory>
#include <string>

namespace raiten::test {

/// A real PostgreSQL 15 on a unix socket in a folder of its own; nothing of it outlives the test.
/// Fast and forgetful: fsync is off.
class Postgres {
 public:
    /// Debian's postgresql-15 with the extensions `hll` and `tdigest`.
    static bool installed();
    static constexpr const char* missing =
        "skipped: this machine has no PostgreSQL 15 with hll and tdigest";

    /// Makes the cluster, starts the server and waits until it says that it is ready; throws if it
    /// does not. As root, the server runs as the user postgres.
    Postgres();
    ~Postgres();
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    /// What psql prints, unaligned: columns parted by |, one line a row, without the last line's
    /// end. Several statements are one transaction. Throws what the server said if one fails.
    std::string query(const std::string& sql) const;
    /// What the server says against it; empty if nothing.
    std::string refusal_of(const std::string& sql) const;

    /// The folder of the socket, as `host` of a connection; user and database are `raiten`.
    std::string host() const { return folder_.path(); }

 private:
    struct Answer {
        int code;
        std::string text;
    };
    Answer ask(const std::string& sql) const;

    TempFolder folder_;
    std::unique_ptr<Process> server_;
};

}  // namespace raiten::test
