#include "daemon/wire/outgoing.hpp"

#include "tests/wire/loop.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace raiten::wire;
using raiten::test::append;
using raiten::test::Bytes;

namespace {

Bytes some_bytes(std::mt19937& dice, std::size_t size)
{
    Bytes bytes(size);
    for (auto& b : bytes) b = static_cast<std::byte>(dice());
    return bytes;
}

}  // namespace

TEST_CASE("wire: a stream's bytes go out in order, in pieces of bounded size", "[wire]")
{
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    Outgoing out{false};
    Bytes put;
    Bytes written;
    for (int i = 0; i < 3'000; ++i) {
        if (dice() % 2 == 0) {
            const auto more = some_bytes(dice, dice() % 3'000);
            out.add(more);
            append(put, more);
        }
        const auto piece = out.next();
        REQUIRE(piece.size() <= Outgoing::piece_bytes);
        const auto taken = piece.first(piece.empty() ? 0 : 1 + dice() % piece.size());
        append(written, taken);
        out.done(taken.size());
        REQUIRE(out.size() == put.size() - written.size());
    }
    for (auto piece = out.next(); !piece.empty(); piece = out.next()) {
        append(written, piece);
        out.done(piece.size());
    }
    CHECK(written == put);
    CHECK(out.size() == 0);
}

TEST_CASE("wire: each packet goes out whole and alone", "[wire]")
{
    const unsigned seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    Outgoing out{true};
    std::vector<Bytes> put;
    std::vector<Bytes> written;
    const auto write_one = [&] {
        const auto piece = out.next();
        if (piece.empty()) return false;
        written.emplace_back(piece.begin(), piece.end());
        out.done(piece.size());
        return true;
    };
    for (int i = 0; i < 2'000; ++i) {
        if (dice() % 2 == 0) {
            put.push_back(some_bytes(dice, 1 + dice() % 2'000));
            out.add(put.back());
        } else {
            write_one();
        }
    }
    while (write_one()) {
    }
    CHECK(written == put);
    CHECK(out.size() == 0);
}
