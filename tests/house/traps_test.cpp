#include "tests/house/traps.hpp"

#include "tests/house/source_text.hpp"
#include "tests/house/tree.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace raiten::house;

TEST_CASE("house: known traps stay out", "[house]")
{
    for (const auto& file : files()) {
        if (file == "tests/house/planted/impure.cpp") continue;
        const auto text = text_of(file);
        for (const auto& trap : traps())
            for (const auto& caught : caught_by(trap, file, text)) FAIL_CHECK(caught);
    }
}

TEST_CASE("house: every trap bites, and only where it should", "[house]")
{
    constexpr std::array places{"daemon/engine/x.cpp", "daemon/engine/x.hpp", "README.md"};
    for (const auto& trap : traps()) {
        std::size_t reached = 0;
        for (const auto* place : places) {
            INFO(trap.name << " in " << place);
            const bool reaches = trap.reaches(place);
            reached += reaches ? 1 : 0;
            CHECK(caught_by(trap, place, trap.bites).size() == (reaches ? 1U : 0U));
            CHECK(caught_by(trap, place, trap.harmless).empty());
        }
        INFO(trap.name);
        CHECK(reached > 0);
    }
}

TEST_CASE("house: a trap names the line", "[house]")
{
    const auto& trap = traps().front();
    const auto caught =
        caught_by(trap, "sync/x.cpp", "int a;\n\nint b;\n  co_await f([a]() {});\n");
    REQUIRE(caught.size() == 1);
    CHECK(caught[0].starts_with("sync/x.cpp:4: lambda in co_await"));
}

TEST_CASE("house: code and comments are told apart", "[house]")
{
    const auto text =
        take_apart("a; // b\n\"c // d\"; /* e\nf */ g('\"', 1'000, R\"x(h\")x\"); i // j");
    CHECK(text.code == "a;     \n\"      \";     \n     g(' ', 1'000, R\"      \"); i     ");
    CHECK(text.comments == "   // b\n          /* e\nf */                             // j");
}
