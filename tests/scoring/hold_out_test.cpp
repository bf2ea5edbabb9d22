#include "tests/scoring/peers/hold_out.hpp"

#include <catch2/catch.hpp>

TEST_CASE("hold-out: what came after is foretold at least as well as by others",
          "[scoring][shared]")
{
    for (const auto& mark : raiten::peers::hold_out_marks()) {
        CAPTURE(mark.text());
        CHECK(mark.met());
    }
}
