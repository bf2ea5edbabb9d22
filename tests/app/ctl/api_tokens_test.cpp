#include "daemon/app/api_tokens.hpp"
#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace raiten::app;
using namespace raiten::test;

TEST_CASE("api tokens: made, used, revoked", "[tokens]")
{
    const Scratch scratch;
    const auto file = scratch.path("api-tokens");
    ApiTokens daemon{file};
    CHECK_FALSE(daemon.authenticate("anything"));

    const auto kiosk = add_api_token(file, "kiosk", "counter");
    REQUIRE(kiosk.has_value());
    CHECK(kiosk->token.size() == 43);
    CHECK(Scratch::content(file).find(kiosk->token) == std::string::npos);
    struct stat about {};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0600U);

    const auto holder = daemon.authenticate(kiosk->token);
    REQUIRE(holder);
    CHECK(holder->role == "kiosk");
    CHECK(holder->name == "counter");
    CHECK_FALSE(daemon.authenticate(kiosk->token + "x"));
    CHECK_FALSE(daemon.authenticate(""));

    const auto first = add_api_token(file, "reader", "");
    const auto second = add_api_token(file, "reader", "");
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->name == "reader");
    CHECK(second->name == "reader-2");
    CHECK(first->token != second->token);
    CHECK_FALSE(add_api_token(file, "admin", "counter").has_value());
    CHECK_FALSE(add_api_token(file, "boss", "x").has_value());
    CHECK_FALSE(add_api_token(file, "admin", "two words").has_value());

    REQUIRE(revoke_api_token(file, "counter").has_value());
    CHECK_FALSE(daemon.authenticate(kiosk->token));
    CHECK(daemon.authenticate(second->token)->name == "reader-2");
    CHECK_FALSE(revoke_api_token(file, "counter").has_value());
}

TEST_CASE("api tokens: a line that is wrong lets nobody in and is named", "[tokens]")
{
    const Scratch scratch;
    const auto good = std::string(64, 'a');
    const auto file = scratch.file("api-tokens", "# a comment\n\nadmin me " + good + "\nboss b "
                                                     + good + "\nadmin me " + good
                                                     + "\nadmin c 12\nadmin d " + good + " more\n");
    ::chmod(file.c_str(), 0600);
    const auto read = read_api_tokens(file);
    REQUIRE(read.has_value());
    CHECK(read->tokens.size() == 1);
    REQUIRE(read->problems.size() == 4);
    CHECK(read->problems[0].where == file + ":4");
    // Rewriting it would lose what somebody meant.
    CHECK_FALSE(add_api_token(file, "admin", "x").has_value());
}

TEST_CASE("api tokens: a file that others may write lets nobody in", "[tokens]")
{
    const Scratch scratch;
    const auto file = scratch.path("api-tokens");
    const auto made = add_api_token(file, "admin", "me");
    REQUIRE(made.has_value());
    ::chmod(file.c_str(), 0666);
    ApiTokens daemon{file};
    CHECK_FALSE(daemon.authenticate(made->token));
    REQUIRE(daemon.problems().size() == 1);
    CHECK(daemon.problems()[0].what == "may be written by others");
}

TEST_CASE("token: the operator's side", "[tokens][tool]")
{
    const Scratch scratch;
    const auto config = small_store(scratch);
    const auto made = raitenctl({"token", "new", "kiosk", "--name", "counter", "--config", config});
    REQUIRE(made.code == 0);
    REQUIRE(made.lines().size() == 1);
    ApiTokens daemon{scratch.path("api-tokens")};
    CHECK(daemon.authenticate(made.lines()[0]));
    const auto list = raitenctl({"token", "list", "--config", config});
    CHECK(list.out == "kiosk   counter\n");
    CHECK(raitenctl({"token", "new", "boss", "--config", config}).code == 64);
    CHECK(raitenctl({"token", "revoke", "counterr", "--config", config}).code == 1);
    CHECK(raitenctl({"token", "revoke", "counter", "--config", config}).code == 0);
    CHECK_FALSE(daemon.authenticate(made.lines()[0]));
}
