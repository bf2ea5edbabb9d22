#include "daemon/wire/folder.hpp"

#include "tests/wire/loop.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

using namespace raiten;
using namespace raiten::wire;
using raiten::test::run_until;
namespace net = boost::asio;
namespace fs = std::filesystem;

namespace {

/// A folder of the test's own, with somebody who reads what is put there.
struct Shop {
    net::io_context io;
    fs::path root;
    fs::path inbox;
    FolderSettings settings;
    FolderLimits limits;
    std::optional<Folder> folder;
    std::string open;  ///< the file that is being read
    std::map<std::string, std::string> files;
    std::vector<std::string> story;
    bool finish_at_once{true};

    Shop()
    {
        std::string name = (fs::temp_directory_path() / "raiten-folder-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        root = name;
        inbox = root / "inbox";
        fs::create_directory(inbox);
        settings.path = inbox.string();
        limits.quiet_after = Millis{40};
        limits.open_quiet_after = Millis{400};
        limits.rescan_after = Millis{100};
        limits.back_off_min = Millis{5};
        limits.back_off_max = Millis{20};
    }
    ~Shop()
    {
        folder.reset();
        error_code_ = {};
        fs::remove_all(root, error_code_);
    }

    void start()
    {
        FolderCallbacks callbacks;
        callbacks.on_up = [this] { story.push_back("up"); };
        callbacks.on_down = [this](const std::string&) { story.push_back("down"); };
        callbacks.on_file_begin = [this](const std::string& name) {
            open = name;
            files[name].clear();
            story.push_back("begin " + name);
        };
        callbacks.on_bytes = [this](std::span<const std::byte> piece) {
            files[open].append(reinterpret_cast<const char*>(piece.data()), piece.size());
        };
        callbacks.on_file_end = [this](const std::string& name, bool whole, const std::string&) {
            story.push_back((whole ? "whole " : "broken ") + name);
            if (whole && finish_at_once) folder->finished(name);
        };
        callbacks.on_stuck = [this](const std::string& name, const std::string&) {
            story.push_back("stuck " + name);
        };
        folder.emplace(io.get_executor(), settings, limits, callbacks);
        folder->start();
        REQUIRE(run_until(io, [this] { return !story.empty(); }));
    }

    void put(const std::string& name, const std::string& text) const
    {
        std::ofstream{inbox / name, std::ios::binary} << text;
    }
    /// As a careful writer does it.
    void move_in(const std::string& name, const std::string& text) const
    {
        std::ofstream{root / "other", std::ios::binary} << text;
        fs::rename(root / "other", inbox / name);
    }
    bool told(const std::string& what) const
    {
        return std::count(story.begin(), story.end(), what) > 0;
    }
    bool until(const std::string& what)
    {
        const bool came = run_until(io, [&] { return told(what); });
        std::string all;
        for (const auto& each : story) all += each + ", ";
        UNSCOPED_INFO("story: " << all);
        return came;
    }
    bool until_there(const fs::path& path)
    {
        return run_until(io, [&] { return fs::exists(path); });
    }
    /// Turns the loop for a while, for what must not happen.
    void pass(Millis span) { io.restart(), io.run_for(span); }

 private:
    std::error_code error_code_;
};

std::string text_of(const fs::path& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("a file that is moved in is read at once, and put into done", "[folder]")
{
    Shop shop;
    shop.limits.quiet_after = Millis{600'000};
    shop.start();
    const std::string log(200'000, 'x');
    shop.move_in("a.xml", log);
    REQUIRE(shop.until("whole a.xml"));
    CHECK(shop.files["a.xml"] == log);
    REQUIRE(shop.until_there(shop.inbox / "done" / "a.xml"));
    CHECK(text_of(shop.inbox / "done" / "a.xml") == log);
    CHECK_FALSE(fs::exists(shop.inbox / "a.xml"));
    CHECK(shop.folder->counters().read == 1);
    CHECK(shop.folder->counters().bytes_in == log.size());
}

TEST_CASE("only what fits the pattern is read", "[folder]")
{
    Shop shop;
    shop.put("before.xml", "1");
    shop.put(".hidden.xml", "2");
    shop.put("notes.txt", "3");
    fs::create_directory(shop.inbox / "folder.xml");
    fs::create_symlink("/etc/hostname", shop.inbox / "link.xml");
    shop.start();
    REQUIRE(shop.until("whole before.xml"));
    shop.pass(Millis{250});
    CHECK(shop.files.size() == 1);
    CHECK(fs::exists(shop.inbox / "notes.txt"));
}

TEST_CASE("a file that still grows is left alone until it is quiet", "[folder]")
{
    Shop shop;
    shop.start();
    // A writer that opens, appends and closes again and again.
    for (int n = 0; n < 10; ++n) {
        std::ofstream{shop.inbox / "grows.xml", std::ios::app} << n;
        shop.pass(Millis{10});
    }
    CHECK_FALSE(shop.told("begin grows.xml"));
    REQUIRE(shop.until("whole grows.xml"));
    CHECK(shop.files["grows.xml"] == "0123456789");
}

TEST_CASE("a writer that pauses without closing is waited for, longer", "[folder]")
{
    Shop shop;
    shop.start();
    {
        std::ofstream slow{shop.inbox / "slow.xml"};
        slow << "half" << std::flush;
        shop.pass(Millis{150});
        CHECK_FALSE(shop.told("begin slow.xml"));
        slow << " whole";
    }
    REQUIRE(shop.until("whole slow.xml"));
    CHECK(shop.files["slow.xml"] == "half whole");

    std::ofstream never{shop.inbox / "never.xml"};
    never << "kept open" << std::flush;
    REQUIRE(shop.until("whole never.xml"));
}

TEST_CASE("a file is put away only when the app has finished with it", "[folder]")
{
    Shop shop;
    shop.finish_at_once = false;
    shop.start();
    shop.move_in("a.xml", "1");
    REQUIRE(shop.until("whole a.xml"));
    shop.pass(Millis{250});
    CHECK(fs::exists(shop.inbox / "a.xml"));
    CHECK(std::count(shop.story.begin(), shop.story.end(), "begin a.xml") == 1);

    // The process dies here: whoever comes after it reads the file again.
    shop.folder.reset();
    shop.story.clear();
    shop.finish_at_once = true;
    shop.start();
    REQUIRE(shop.until("whole a.xml"));
    REQUIRE(shop.until_there(shop.inbox / "done" / "a.xml"));
}

TEST_CASE("a file that the app cannot use is put into failed", "[folder]")
{
    Shop shop;
    shop.finish_at_once = false;
    shop.start();
    shop.move_in("a.xml", "nonsense");
    REQUIRE(shop.until("whole a.xml"));
    shop.folder->finished("a.xml", false);
    REQUIRE(shop.until_there(shop.inbox / "failed" / "a.xml"));
    CHECK(shop.folder->counters().failed == 1);
}

TEST_CASE("a file of the same name that came meanwhile is not put away unread", "[folder]")
{
    Shop shop;
    shop.finish_at_once = false;
    shop.start();
    shop.move_in("a.xml", "first");
    REQUIRE(shop.until("whole a.xml"));
    shop.move_in("a.xml", "second");
    shop.pass(Millis{20});
    shop.story.clear();
    shop.finish_at_once = true;
    shop.folder->finished("a.xml");
    REQUIRE(shop.until("whole a.xml"));
    CHECK(shop.files["a.xml"] == "second");
    REQUIRE(shop.until_there(shop.inbox / "done" / "a.xml"));

    shop.move_in("a.xml", "third");
    REQUIRE(shop.until_there(shop.inbox / "done" / "a.xml.1"));
    CHECK(text_of(shop.inbox / "done" / "a.xml") == "second");
    CHECK(text_of(shop.inbox / "done" / "a.xml.1") == "third");
}

TEST_CASE("files are removed or left as the settings say", "[folder]")
{
    Shop shop;
    SECTION("removed")
    {
        shop.settings.after = AfterReading::remove;
        shop.start();
        shop.move_in("a.xml", "1");
        REQUIRE(shop.until("whole a.xml"));
        REQUIRE(run_until(shop.io, [&] { return !fs::exists(shop.inbox / "a.xml"); }));
        CHECK_FALSE(fs::exists(shop.inbox / "done"));
    }
    SECTION("left, and read again only when it has changed")
    {
        shop.settings.after = AfterReading::leave;
        shop.start();
        shop.move_in("a.xml", "1");
        REQUIRE(shop.until("whole a.xml"));
        shop.pass(Millis{300});
        CHECK(shop.folder->counters().read == 1);
        shop.move_in("a.xml", "22");
        REQUIRE(run_until(shop.io, [&] { return shop.folder->counters().read == 2; }));
        CHECK(shop.files["a.xml"] == "22");
    }
}

TEST_CASE("files that are too large, or cannot be read, are put into failed", "[folder]")
{
    Shop shop;
    shop.limits.file_bytes_max = 10;
    shop.start();
    shop.move_in("large.xml", "0123456789x");
    REQUIRE(shop.until("broken large.xml"));
    REQUIRE(shop.until_there(shop.inbox / "failed" / "large.xml"));
    CHECK_FALSE(shop.told("begin large.xml"));
    CHECK(shop.folder->counters().failed == 1);
    shop.move_in("good.xml", "1");
    REQUIRE(shop.until("whole good.xml"));
}

TEST_CASE("a file that changes while it is read comes again", "[folder]")
{
    Shop shop;
    shop.start();
    const std::string log(1'000'000, 'x');
    shop.move_in("a.xml", log);
    REQUIRE(run_until(shop.io, [&] { return !shop.files["a.xml"].empty(); }));
    REQUIRE(shop.files["a.xml"].size() < log.size());
    std::ofstream{shop.inbox / "a.xml", std::ios::app} << "more";
    REQUIRE(shop.until("broken a.xml"));
    REQUIRE(shop.until("whole a.xml"));
    CHECK(shop.files["a.xml"] == log + "more");
    CHECK(shop.folder->counters().changed == 1);
}

TEST_CASE("a folder that is not there is looked for until it comes, and comes again", "[folder]")
{
    Shop shop;
    fs::remove(shop.inbox);
    shop.start();
    CHECK(shop.story == std::vector<std::string>{"down"});
    shop.pass(Millis{50});
    CHECK(shop.story.size() == 1);  // told once
    fs::create_directory(shop.inbox);
    REQUIRE(shop.until("up"));
    shop.move_in("a.xml", "1");
    REQUIRE(shop.until("whole a.xml"));
    REQUIRE(shop.until_there(shop.inbox / "done" / "a.xml"));

    shop.story.clear();
    fs::rename(shop.inbox, shop.root / "away");
    REQUIRE(shop.until("down"));
    fs::create_directory(shop.inbox);
    REQUIRE(shop.until("up"));
    shop.move_in("b.xml", "2");
    REQUIRE(shop.until("whole b.xml"));
}

TEST_CASE("the oldest comes first, and no more than may be unfinished", "[folder]")
{
    Shop shop;
    shop.finish_at_once = false;
    shop.limits.unfinished_max = 2;
    for (const std::string name : {"c.xml", "a.xml", "b.xml"}) {
        shop.put(name, name);
        const auto at = fs::file_time_type::clock::now()
                        - std::chrono::hours{name == "c.xml"   ? 3
                                             : name == "a.xml" ? 2
                                                               : 1};
        fs::last_write_time(shop.inbox / name, at);
    }
    shop.start();
    REQUIRE(shop.until("whole a.xml"));
    shop.pass(Millis{200});
    CHECK_FALSE(shop.told("begin b.xml"));
    CHECK(shop.story
          == std::vector<std::string>{"up", "begin c.xml", "whole c.xml", "begin a.xml",
                                      "whole a.xml"});
    shop.folder->finished("c.xml");
    REQUIRE(shop.until("whole b.xml"));
}

TEST_CASE("more names than may wait come at the next look", "[folder]")
{
    Shop shop;
    shop.limits.names_max = 10;
    for (int n = 0; n < 35; ++n) shop.put("f" + std::to_string(n) + ".xml", std::to_string(n));
    shop.start();
    REQUIRE(run_until(shop.io, [&] { return shop.folder->counters().read == 35; }));
    CHECK(shop.folder->counters().overflow > 0);
    CHECK(shop.files.size() == 35);
}

TEST_CASE("a folder may be destroyed by its own callback", "[folder]")
{
    Shop shop;
    shop.start();
    bool ended = false;
    FolderCallbacks callbacks;
    callbacks.on_bytes = [&](std::span<const std::byte>) {
        ended = true;
        shop.folder.reset();
    };
    shop.folder.emplace(shop.io.get_executor(), shop.settings, shop.limits, callbacks);
    shop.folder->start();
    shop.move_in("a.xml", std::string(300'000, 'x'));
    REQUIRE(run_until(shop.io, [&] { return ended; }));
    shop.io.restart();
    shop.io.run();
    CHECK(fs::exists(shop.inbox / "a.xml"));
}
