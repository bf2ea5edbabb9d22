#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace raiten::test;

namespace {

std::vector<std::string> small(const std::string& out, const std::string& seed = "5")
{
    return {"simulate", "--out",  out,  "--members",     "60",  "--days",
            "1",        "--seed", seed, "--advertising", "10s", "--json"};
}

std::size_t count(const std::vector<std::string>& lines, const std::string& part)
{
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(),
        [&](const std::string& line) { return line.find(part) != std::string::npos; }));
}

}  // namespace

TEST_CASE("simulate: a store whose files the other commands read", "[tool]")
{
    const Scratch scratch;
    const auto made = raitenctl(small(scratch.path("sim")));
    CAPTURE(made.err);
    REQUIRE(made.code == 0);
    CHECK(made.out.find(R"("events":)") != std::string::npos);
    const auto store = scratch.path("sim/store-1");

    const auto replayed = raitenctl({"replay", "--config", store + "/raiten.toml", "--members",
                                     store + "/members.csv", store + "/events.ndjson"});
    CAPTURE(replayed.err);
    CHECK(replayed.code == 0);
    CHECK(replayed.err.empty());
    CHECK(count(replayed.lines(), "raiten.visit.settled.v1") > 0);

    const auto decoded = raitenctl({"decode", "btsnoop", store + "/streams/ent-1.btsnoop"});
    CHECK(decoded.code == 0);
    CHECK(count(decoded.lines(), R"("type":"sighting")") > 100);
    const auto slips = raitenctl({"decode", "escpos", store + "/streams/reg-1.escpos"});
    CHECK(slips.code == 0);

    SECTION("the same seed makes the same files, another one does not")
    {
        REQUIRE(raitenctl(small(scratch.path("again"))).code == 0);
        REQUIRE(raitenctl(small(scratch.path("other"), "6")).code == 0);
        for (const std::string file : {"events.ndjson", "truth.ndjson", "members.csv",
                                       "streams/ent-1.btsnoop", "streams/reg-1.escpos"}) {
            CAPTURE(file);
            const auto once = Scratch::content(store + "/" + file);
            CHECK((once == Scratch::content(scratch.path("again/store-1/" + file))));
            CHECK((once != Scratch::content(scratch.path("other/store-1/" + file))));
        }
    }
    SECTION("what is there already stays as it is")
    {
        const auto before = Scratch::content(store + "/truth.ndjson");
        const auto refused = raitenctl(small(scratch.path("sim"), "7"));
        CHECK(refused.code == 73);
        CHECK(refused.err.find("is not an empty folder") != std::string::npos);
        CHECK((before == Scratch::content(store + "/truth.ndjson")));
    }
}

TEST_CASE("simulate: numbers that cannot be are refused with what is right", "[tool]")
{
    struct Wrong {
        std::string option, value, right;
    };
    const auto wrong = GENERATE(values<Wrong>({
        {"--reception", "1.5", "0.01 to 1"},
        {"--members", "0", "1 to 1000000"},
        {"--days", "0", "1 to 36500"},
        {"--advertising", "3", "such as 3s"},
        {"--advertising", "2min", "100 ms to 60 s"},
        {"--scenario", "busy", "quiet, normal or crowded"},
        {"--start", "tomorrow", "such as 2026-01-01"},
        {"--timezone", "Asia/Tokio", "Asia/Tokyo"},
    }));
    const Scratch scratch;
    const auto ran =
        raitenctl({"simulate", "--out", scratch.path("sim"), wrong.option, wrong.value});
    CAPTURE(wrong.option, wrong.value, ran.err);
    CHECK(ran.code == 64);
    CHECK(ran.err.find(wrong.option) != std::string::npos);
    CHECK(ran.err.find(wrong.right) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(scratch.path("sim")));
}
