#include "tests/ledger/support.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <thread>

using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

/// Every file of this process ends at `bytes`: writes beyond it fail, as on a full disk.
class FileSizeLimit {
 public:
    FileSizeLimit()
    {
        before_ = ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &limit_);
    }
    ~FileSizeLimit()
    {
        lift();
        ::signal(SIGXFSZ, before_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    void set(std::uint64_t bytes)
    {
        const rlimit tight{bytes, limit_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    }
    void lift() { ::setrlimit(RLIMIT_FSIZE, &limit_); }

 private:
    rlimit limit_{};
    void (*before_)(int){};
};

Batch bulky(int number)
{
    Batch batch;
    batch.engine_time = at(Millis{number});
    batch.journal.push_back(
        {at(0s), at(0s), "receipt", std::to_string(number) + std::string(20'000, 'x')});
    return batch;
}

void damage(const std::string& path, std::streamoff from, std::size_t bytes)
{
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(from);
    const std::string rubbish(bytes, '\xa5');
    file.write(rubbish.data(), static_cast<std::streamsize>(rubbish.size()));
    REQUIRE(file.good());
}

}  // namespace

TEST_CASE("faults: a full disk keeps everything waiting, and it is written when there is room",
          "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    constexpr int count = 40;
    {
        Committer::Options commit;
        commit.pause_min = commit.pause_max = 5ms;
        commit.group_max = 3;
        Opened store{path, commit};
        store.commit(bulky(0));
        std::vector<int> answered;
        FileSizeLimit limit;
        limit.set(std::filesystem::file_size(path + "-wal") + 100'000);
        for (int n = 1; n < count; ++n)
            store.ledger->commit(bulky(n), [&, n](const Result<void>& how) {
                CHECK(how.has_value());
                answered.push_back(n);
            });
        const auto end = std::chrono::steady_clock::now() + 60s;
        while (store.ledger->state().retries < 5) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            std::this_thread::yield();
        }
        const auto state = store.ledger->state();
        CHECK_FALSE(state.healthy);
        INFO(state.reason);
        CHECK(state.reason.find("File too large") != std::string::npos);
        CHECK(state.queued > 0);
        CHECK(answered.size() < count - 1);

        limit.lift();
        REQUIRE(store.loop.run_until([&] { return answered.size() == count - 1; }));
        CHECK(std::is_sorted(answered.begin(), answered.end()));
        CHECK(store.ledger->state().healthy);
        CHECK(store.ledger->state().reason.empty());
    }
    Opened store{path};
    const auto rows = value(store.ledger->journal_after(0, 1000));
    REQUIRE(rows.size() == count);  // each once
    for (int n = 0; n < count; ++n)
        CHECK(rows[static_cast<std::size_t>(n)].entry.payload.find(std::to_string(n) + "x") == 0);
}

TEST_CASE("faults: a stop on a full disk answers with the problem", "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    Committer::Options commit;
    commit.pause_min = commit.pause_max = 5ms;
    commit.group_max = 1;
    Opened store{path, commit};
    store.commit(bulky(0));
    FileSizeLimit limit;
    limit.set(1000);  // no file can take another page
    std::vector<std::string> told;
    for (int n = 1; n < 4; ++n)
        store.ledger->commit(bulky(n), [&](const Result<void>& how) {
            told.push_back(how.has_value() ? "durable" : how.error().text());
        });
    store.ledger->stop();
    limit.lift();
    REQUIRE(store.loop.run_until([&] { return told.size() == 3; }));
    for (const auto& text : told) {
        INFO(text);
        CHECK(text.find(path) != std::string::npos);
        CHECK(text.find("File too large") != std::string::npos);
    }
}

TEST_CASE("faults: a damaged file is told with the file's name and advice", "[ledger]")
{
    const auto where = GENERATE(std::streamoff{0}, std::streamoff{40}, std::streamoff{8192},
                                std::streamoff{200'000});
    INFO("damaged at " << where);
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    {
        Opened store{path};
        for (int n = 0; n < 40; ++n) store.commit(bulky(n));
    }
    REQUIRE(std::filesystem::file_size(path) > 400'000);
    damage(path, where, 6000);
    TestLoop loop;
    const auto opened = Ledger::open(options_for(path), loop.post());
    REQUIRE_FALSE(opened.has_value());
    INFO(opened.error().text());
    CHECK(opened.error().text().find(path) != std::string::npos);
    CHECK(opened.error().advice.find("restore the last backup") != std::string::npos);
}

TEST_CASE("faults: a second raitend is refused, in this process and in another", "[ledger]")
{
    TempFolder folder;
    const auto path = folder.file("ledger.db");
    {
        Opened store{path};
        TestLoop loop;
        const auto here = Ledger::open(options_for(path), loop.post());
        REQUIRE_FALSE(here.has_value());
        CHECK(here.error().text().find("another raitend") != std::string::npos);

        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) ::_exit(Ledger::open(options_for(path), loop.post()).has_value() ? 1 : 0);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
    Opened again{path};
    CHECK(again.ledger->state().healthy);
}

TEST_CASE("faults: a folder that is not there is told", "[ledger]")
{
    TempFolder folder;
    TestLoop loop;
    const auto opened = Ledger::open(options_for(folder.file("no/ledger.db")), loop.post());
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().text().find("No such file") != std::string::npos);
}
