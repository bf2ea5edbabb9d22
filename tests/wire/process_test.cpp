#include "tests/wire/loop.hpp"
#include "tests/wire/said.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

using namespace raiten;
using namespace raiten::wire;
using namespace raiten::test;
namespace net = boost::asio;

TEST_CASE("process: its lines are told, then how it ended", "[wire][process]")
{
    net::io_context io;
    Said said;
    Process process{io.get_executor(), shell("echo one; echo; printf 'last, unended'; exit 3"),
                    once(), said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    CHECK(said.ups == 1);
    CHECK(said.lines == std::vector<std::string>{"one", "", "last, unended"});
    CHECK(said.downs[0] == "ended with exit status 3");
    CHECK_FALSE(process.up());
    CHECK(process.pid() == 0);
    CHECK(no_children());
}

TEST_CASE("process: it gets a small world of its own", "[wire][process]")
{
    net::io_context io;
    ::signal(SIGPIPE, SIG_IGN);
    Said said;
    auto program = shell(
        "/usr/bin/env -u PWD -u OLDPWD -u SHLVL -u _ | sort; cat;"
        "ps -o pgid= -p $$ | tr -d ' '; echo $$; grep SigIgn /proc/self/status");
    program.time_zone = "Asia/Tokyo";
    Process process{io.get_executor(), program, once(), said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    ::signal(SIGPIPE, SIG_DFL);
    REQUIRE(said.lines.size() == 7);
    CHECK(said.lines[0] == "LANG=C.UTF-8");
    CHECK(said.lines[1].starts_with("PATH=/usr/local/sbin:"));
    CHECK(said.lines[2] == "RAITEN_READER=door-1");
    CHECK(said.lines[3] == "TZ=Asia/Tokyo");
    CHECK(said.lines[4] == said.lines[5]);
    CHECK(said.lines[6].ends_with("0000000000000000"));
}

TEST_CASE("process: it inherits none of our descriptors", "[wire][process]")
{
    net::io_context io;
    // One that somebody forgot to mark close-on-exec, as Asio's sockets are.
    const int stray = ::open("/dev/null", O_RDONLY);
    REQUIRE(stray >= 3);
    Said said;
    const Program program{{"/bin/ls", "/proc/self/fd"}, "r"};
    Process process{io.get_executor(), program, once(), said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    ::close(stray);
    CHECK(said.lines == std::vector<std::string>{"0", "1", "2", "3"});  // 3 is what ls looks at
}

TEST_CASE("process: arguments are handed over as they are, by no shell", "[wire][process]")
{
    net::io_context io;
    Said said;
    const Program program{{"/usr/bin/printf", "%s\\n", "a b", "$HOME; rm *", ""}, "r"};
    Process process{io.get_executor(), program, once(), said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    CHECK(said.lines == std::vector<std::string>{"a b", "$HOME; rm *", ""});
}

TEST_CASE("process: a program that is not there is told once, with the reason", "[wire][process]")
{
    const std::vector<std::pair<std::string, std::string>> absent{
        {"/no/such/program", "/no/such/program: No such file or directory"},
        {"/etc/passwd", "/etc/passwd: Permission denied"},
        {"/etc", "/etc: Permission denied"}};
    for (const auto& [path, reason] : absent) {
        net::io_context io;
        Said said;
        Process process{io.get_executor(), Program{{path}, "r"}, quick(), said.callbacks(),
                        no_dice};
        process.start();
        REQUIRE(run_until(io, [&] { return process.counters().failed == 4; }));
        CHECK(said.downs == std::vector<std::string>{reason});
        CHECK(said.ups == 0);
        process.stop();
    }
    CHECK(no_children());
}

TEST_CASE("process: a command that cannot be one is refused", "[wire][process]")
{
    CHECK(check(shell("true")).has_value());
    for (const auto& words :
         std::vector<std::vector<std::string>>{{},
                                               {""},
                                               {"ls"},
                                               {"./ls"},
                                               {"/bin/ls", std::string("a\0b", 3)},
                                               std::vector<std::string>(65, "/bin/ls"),
                                               {"/bin/echo", std::string(20'000, 'x')}}) {
        const auto checked = check(Program{words, "r"});
        REQUIRE(checked.has_error());
        CHECK_FALSE(checked.error().advice.empty());
    }
}

TEST_CASE("process: one that crashes is started again, later each time", "[wire][process]")
{
    net::io_context io;
    Said said;
    auto limits = quick();
    limits.back_off_max = Millis{3'600'000};
    Process process{io.get_executor(), shell("kill -SEGV $$"), limits, said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 3; }));
    CHECK(said.ups == 3);
    for (const auto& reason : said.downs) CHECK(reason == "ended by SIGSEGV");
    // 0.75 (1 + 2 + 4 + … + 2^(n-1)) ms pass before run n + 1: it cannot have run eleven times.
    const auto begin = std::chrono::steady_clock::now();
    run_until(io, [&] { return std::chrono::steady_clock::now() - begin > Millis{300}; });
    CHECK(said.ups < 11);
}

TEST_CASE("process: one that ran well is started again soon", "[wire][process]")
{
    net::io_context io;
    Said said;
    auto limits = quick();
    limits.back_off_max = Millis{3'600'000};
    limits.ran_well_after = Millis{0};
    Process process{io.get_executor(), shell("exit 0"), limits, said.callbacks(), no_dice};
    process.start();
    CHECK(run_until(io, [&] { return said.ups == 20; }));
}

TEST_CASE("process: one that ignores SIGTERM is killed after the grace", "[wire][process]")
{
    net::io_context io;
    Said said;
    auto limits = quick();
    limits.stop_grace = Millis{50};
    Process process{io.get_executor(), shell("trap '' TERM; echo ready; exec sleep 1000"), limits,
                    said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.lines.size() == 1; }));
    const auto pid = process.pid();
    const auto begin = std::chrono::steady_clock::now();
    process.stop();
    REQUIRE(run_until(io, [&] { return dead(pid); }));
    CHECK(std::chrono::steady_clock::now() - begin >= Millis{50});
    CHECK(said.downs.empty());
    io.run();  // ends: nothing is left waiting
    CHECK(no_children());
}

TEST_CASE("process: one that heeds SIGTERM has the grace to finish", "[wire][process]")
{
    net::io_context io;
    const auto mark = "/tmp/raiten-process-" + std::to_string(::getpid());
    Said said;
    Process process{
        io.get_executor(),
        shell("trap 'echo bye >" + mark + "; exit 0' TERM; echo ready; while :; do :; done"),
        quick(), said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.lines.size() == 1; }));
    const auto pid = process.pid();
    process.stop();
    REQUIRE(run_until(io, [&] { return dead(pid); }));
    CHECK(::unlink(mark.c_str()) == 0);
}

TEST_CASE("process: nobody of its group is left behind", "[wire][process]")
{
    for (const auto* script : {"sleep 1000 & echo $!; wait",
                               "(trap '' TERM; exec sleep 1000) & echo $!; exec sleep 1000",
                               "sleep 1000 & echo $!; exit 0"}) {
        INFO(script);
        net::io_context io;
        Said said;
        Process process{io.get_executor(), shell(script), once(), said.callbacks(), no_dice};
        process.start();
        REQUIRE(run_until(io, [&] { return said.lines.size() == 1; }));
        const auto grandchild = pid_in(said.lines[0]);
        REQUIRE(grandchild > 1);
        if (std::string_view{script}.ends_with("exit 0")) {
            REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
            CHECK(said.downs[0] == "ended with exit status 0");
        }
        process.stop();
        CHECK(run_until(io, [&] { return dead(grandchild); }));
    }
    CHECK(no_children());
}

TEST_CASE("process: one that left its group cannot hold up the end", "[wire][process]")
{
    net::io_context io;
    Said said;
    Process process{io.get_executor(), shell("setsid sleep 1000 & echo $!; exit 5"), once(),
                    said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    CHECK(said.downs[0] == "ended with exit status 5");
    REQUIRE(said.lines.size() == 1);
    ::kill(pid_in(said.lines[0]), SIGKILL);
}

TEST_CASE("process: one that closes its output is ended", "[wire][process]")
{
    net::io_context io;
    Said said;
    Process process{io.get_executor(), shell("echo last; exec >&-; exec sleep 1000"), once(),
                    said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.downs.size() == 1; }));
    CHECK(said.lines == std::vector<std::string>{"last"});
    CHECK(said.downs[0] == "it closed its output, ended by SIGTERM");
}

TEST_CASE("process: one that is silent for too long is started again", "[wire][process]")
{
    net::io_context io;
    Said said;
    auto limits = quick();
    limits.silent_after = Millis{60};
    Process process{io.get_executor(), shell("exec sleep 1000"), limits, said.callbacks(), no_dice};
    process.start();
    REQUIRE(run_until(io, [&] { return said.ups == 3; }));
    REQUIRE(said.downs.size() == 2);
    CHECK(said.downs[0] == "silent, ended by SIGTERM");
}

TEST_CASE("process: a killed daemon leaves no orphan", "[wire][process]")
{
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t daemon = ::fork();
    if (daemon == 0) {
        net::io_context io;
        ProcessCallbacks on;
        on.on_line = [&](std::string_view line) {
            static_cast<void>(!::write(ends[1], line.data(), line.size()));
        };
        Process process{io.get_executor(), shell("echo $$; exec sleep 1000"), once(), std::move(on),
                        no_dice};
        process.start();
        io.run();
        ::_exit(0);
    }
    std::string line(16, '\0');
    const auto size = ::read(ends[0], line.data(), line.size());
    REQUIRE(size > 0);
    const auto program = pid_in(line);
    CHECK_FALSE(dead(program));
    ::kill(daemon, SIGKILL);
    ::waitpid(daemon, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    net::io_context io;
    CHECK(run_until(io, [&] { return dead(program); }));
}

TEST_CASE("process: it may be destroyed from within any of its callbacks", "[wire][process]")
{
    for (const int when : {0, 1, 2, 3, 4}) {
        net::io_context io;
        std::unique_ptr<Process> process;
        unsigned after = 0;
        const auto destroy = [&](int moment) {
            if (!process) ++after;
            if (moment == when) process.reset();
        };
        ProcessCallbacks on;
        on.on_up = [&] { destroy(0); };
        on.on_line = [&](auto) { destroy(1); };
        on.on_log = [&](auto) { destroy(2); };
        on.on_throttled = [&] { destroy(3); };
        on.on_down = [&](const auto&) { destroy(4); };
        auto limits = quick();
        limits.lines_burst = 20;
        process =
            std::make_unique<Process>(io.get_executor(), shell("echo x >&2; seq 1 50; exit 1"),
                                      limits, std::move(on), no_dice);
        process->start();
        REQUIRE(run_until(io, [&] { return !process; }));
        io.restart();
        io.run();  // ends: nothing of it is left waiting
        CHECK(after == 0);
    }
    CHECK(no_children());
}

TEST_CASE("process: a loop that ends first takes the program with it", "[wire][process]")
{
    pid_t pid = 0;
    {
        net::io_context io;
        Said said;
        Process process{io.get_executor(), shell("trap '' TERM; echo x; exec sleep 1000"), quick(),
                        said.callbacks(), no_dice};
        process.start();
        REQUIRE(run_until(io, [&] { return said.lines.size() == 1; }));
        pid = process.pid();
        process.stop();
    }
    CHECK(dead(pid));
    CHECK(no_children());
}
