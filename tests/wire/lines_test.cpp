#include "daemon/wire/lines.hpp"
#include "daemon/wire/allowance.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

using namespace raiten::wire;

namespace {

struct Split {
    std::vector<std::string> lines;
    std::string rest;
    std::uint64_t too_long{};
    friend bool operator==(const Split&, const Split&) = default;
};

/// Slowly, with everything at hand.
Split split_at_once(std::string_view text, std::size_t bytes_max)
{
    Split split;
    for (;;) {
        const auto stop = text.find('\n');
        const auto line = text.substr(0, stop);
        const bool fits = line.size() <= bytes_max;
        if (!fits) ++split.too_long;
        if (stop == std::string_view::npos) {
            if (fits) split.rest = line;
            return split;
        }
        if (fits) split.lines.emplace_back(line);
        text.remove_prefix(stop + 1);
    }
}

template <class Dice>
Split split_in_pieces(std::string_view text, std::size_t bytes_max, Dice piece_size)
{
    Split split;
    Lines lines{bytes_max};
    while (!text.empty()) {
        auto piece = text.substr(0, piece_size());
        text.remove_prefix(piece.size());
        std::string_view line;
        while (!piece.empty())
            if (lines.next(piece, line) == Lines::Cut::line) split.lines.emplace_back(line);
    }
    split.rest = lines.rest();
    split.too_long = lines.too_long();
    return split;
}

}  // namespace

TEST_CASE("wire: lines are the same wherever the bytes are cut", "[wire]")
{
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    for (int round = 0; round < 2'000; ++round) {
        const std::size_t bytes_max = 1 + dice() % 12;
        std::string text(dice() % 120, 'x');
        for (auto& c : text) c = dice() % 6 == 0 ? '\n' : static_cast<char>('a' + dice() % 26);
        const auto longest = 1 + dice() % 20;
        CAPTURE(text, bytes_max, longest);
        REQUIRE(split_in_pieces(text, bytes_max, [&] { return 1 + dice() % longest; })
                == split_at_once(text, bytes_max));
    }
}

TEST_CASE("wire: a line without an end is told as too long again and again", "[wire]")
{
    Lines lines{100};
    unsigned cuts = 0;
    const std::string piece(50, 'x');
    for (int i = 0; i < 100; ++i) {
        std::string_view bytes{piece};
        std::string_view line;
        while (!bytes.empty())
            if (lines.next(bytes, line) == Lines::Cut::too_long) ++cuts;
    }
    CHECK(cuts == 49);
    CHECK(lines.too_long() == 1);
    CHECK(lines.rest().empty());
}

TEST_CASE("wire: an allowance is so many a second, and some at once", "[wire]")
{
    const auto begin = Allowance::Instant{} + std::chrono::hours{1};
    Allowance allowance{10, 5, begin};
    const auto taken_at = [&](std::chrono::milliseconds after) {
        unsigned taken = 0;
        while (allowance.take(begin + after)) ++taken;
        return taken;
    };
    using std::chrono::milliseconds;
    CHECK(taken_at(milliseconds{0}) == 5);
    CHECK(taken_at(milliseconds{99}) == 0);
    CHECK(taken_at(milliseconds{401}) == 4);
    CHECK(taken_at(milliseconds{60'000}) == 5);
}
