#include "tests/days/story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace raiten::test;

TEST_CASE("days: raitenctl replay tells each written day as PRODUCT.md demands", "[days]")
{
    const Store store;
    const auto all = stories();
    CHECK(all.size() >= 12);
    for (const auto& name : all) {
        DYNAMIC_SECTION(name)
        {
            const auto played = store.replay(day_file(name + ".ndjson"));
            INFO(
                "raitenctl replay --config tests/days/raiten.toml --members "
                "tests/days/store.members.csv --campaigns tests/days/campaigns tests/days/"
                << name << ".ndjson");
            CHECK(differences(played.out, day_file(name + ".expected.ndjson")) == "");
            CHECK(played.err.empty());
            CHECK(played.code == 0);
        }
    }
}

TEST_CASE("days: a replay is the same byte for byte, again, with a ledger, and with --until",
          "[days]")
{
    const Store store;
    for (const auto& name : stories()) {
        DYNAMIC_SECTION(name)
        {
            const auto day = day_file(name + ".ndjson");
            const auto once = store.replay(day).out;
            CHECK(store.replay(day).out == once);
            const auto kept = store.replay(day, {"--db", store.path("kept.db")});
            CHECK(kept.out == once);
            CHECK(kept.err.empty());
            // A tick at the end and --until are two ways to say up to when time passes.
            CHECK(store.replay(without_tick(day), {"--until", tick_time(day)}).out == once);
            CHECK(store.replay(day, {"--until", tick_time(day)}).out == once);
        }
    }
}

TEST_CASE("days: figures of fewer than five members stay in the store", "[days]")
{
    const Store store;
    store.file("raiten.d/figures.toml", "[figures]\nk_anonymity = 5\n");
    const auto played = store.replay(day_file("return-after-5-days.ndjson"));
    std::size_t summaries = 0;
    for (const auto& line : lines_of(played.out)) {
        const auto effect = nlohmann::json::parse(line);
        if (!effect.at("type").get<std::string>().starts_with("raiten.summary.")) continue;
        ++summaries;
        const auto& data = effect.at("data");
        CHECK(data.at("visits").is_null());
        CHECK(data.at("members_sketches").is_null());
        CHECK(data.at("observed_minutes") >= 60);
        CHECK(data.at("suppressed")[0] == "visits");
    }
    CHECK(summaries == 3);
}

TEST_CASE("days: --until leaves out what arrives later", "[days]")
{
    const Store store;
    const auto day = day_file("late-receipt.ndjson");
    const auto whole = lines_of(store.replay(day).out);
    // The late receipt says that it happened at 10:11, but arrives at 14:10.
    const auto before = lines_of(store.replay(day, {"--until", "2026-11-02T14:09:59+09:00"}).out);
    REQUIRE(before.size() == 7);
    CHECK(std::equal(before.begin(), before.end(), whole.begin()));
    CHECK(whole[7].find("raiten.visit.amended.v1") != std::string::npos);
}

TEST_CASE("days: without a tick at its end a replay runs until every visit has settled", "[days]")
{
    const Store store;
    const auto day = day_file("stepping-out-to-the-car.ndjson");
    CHECK(store.replay(without_tick(day)).out == store.replay(day).out);
}

TEST_CASE("days: what is wrong with the input is said, and the rest is played", "[days]")
{
    const Store store;
    SECTION("a key that there is not")
    {
        store.file("raiten.d/wrong.toml", "[visits]\nexit_timout = \"10min\"\n");
        const auto ran = store.replay("");
        CHECK(ran.code == 78);
        CHECK(ran.out.empty());
        CHECK(ran.err.find("exit_timeout") != std::string::npos);
        CHECK(ran.err.find("wrong.toml:2") != std::string::npos);
    }
    SECTION("no such member file")
    {
        const auto ran = raitenctl(
            {"replay", "--config", store.config(), "--members", store.path("nobody.csv"), "-"});
        CHECK(ran.code == 66);
        CHECK(ran.err.find("nobody.csv") != std::string::npos);
    }
    SECTION("no such events")
    {
        const auto ran = raitenctl({"replay", "--config", store.config(), store.path("no.ndjson")});
        CHECK(ran.code == 66);
        CHECK(ran.err.find("no.ndjson") != std::string::npos);
    }
    SECTION("garbage between the lines")
    {
        const auto day = day_file("purchase-by-card.ndjson");
        const auto lines = lines_of(day);
        std::string spoilt = "garbage\n\n";
        spoilt += lines[0] + "\n{\"type\":\"sighting\"}\n";
        for (std::size_t i = 1; i < lines.size(); ++i) spoilt += lines[i] + "\n";
        spoilt +=
            "{\"type\":\"sneeze\",\"at\":\"2026-11-02T12:00:00+09:00\"}\n"
            "{\"type\":\"tick\",\"at\":\"yesterday\"}\n"
            + std::string(100'000, 'x') + "\n";
        const auto ran = store.replay(spoilt);
        CHECK(ran.code == 0);
        CHECK(ran.out == store.replay(day).out);
        const auto said = lines_of(ran.err);
        INFO(ran.err);
        REQUIRE(said.size() == 6);
        CHECK(said[0].starts_with("line 1: "));
        CHECK(said[1].starts_with("line 4: "));
        CHECK(said[1].find("reader") != std::string::npos);
        CHECK(said[2].starts_with("line 11: "));
        CHECK(said[2].find("type") != std::string::npos);
        CHECK(said[3].starts_with("line 12: "));
        CHECK(said[3].find("ISO 8601") != std::string::npos);
        CHECK(said[4].starts_with("line 13: "));
        CHECK(said[4].find("longer than") != std::string::npos);
        CHECK(said[5] == "5 lines refused");
    }
    SECTION("nothing but garbage")
    {
        const auto ran = store.replay("garbage\n");
        CHECK(ran.code == 65);
        CHECK(ran.out.empty());
    }
    SECTION("an empty file is an empty day")
    {
        const auto ran = store.replay("");
        CHECK(ran.code == 0);
        CHECK(ran.out.empty());
        CHECK(ran.err.empty());
    }
}
