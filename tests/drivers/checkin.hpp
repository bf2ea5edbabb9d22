#pragma once

#include "tests/drivers/ble/told.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

/// What the tests of all check-in drivers share.
namespace raiten::test {

using MakeTranslator = std::function<std::unique_ptr<drivers::Translator>()>;

/// The vectors of one kind under `$RAITEN_SHARED`, else `../shared` beside the sources; none, with
/// a warning, where they are not there.
inline nlohmann::json shared_vectors(const std::string& below)
{
    const char* named = std::getenv("RAITEN_SHARED");
    const std::filesystem::path root =
        named != nullptr ? std::filesystem::path{named}
                         : std::filesystem::path{RAITEN_SOURCE_DIR} / ".." / "shared";
    std::ifstream file{root / "data/captures" / below};
    if (!file) {
        WARN("skipped: no shared data (" << (root / "data/captures" / below).string() << ")");
        return nlohmann::json::array();
    }
    return nlohmann::json::parse(file);
}

inline Octets octets(std::string_view text)
{
    const auto bytes = bytes_of(text);
    return {bytes.begin(), bytes.end()};
}

inline Lines told_whole(const MakeTranslator& make, const Octets& bytes)
{
    const auto translator = make();
    return told(*translator, bytes, bytes.size() + 1);
}

/// The same is told however the input is cut: in pieces of any size, and in two at any byte.
inline void check_cut_anywhere(const MakeTranslator& make, const Octets& bytes)
{
    const Lines whole = told_whole(make, bytes);
    for (const std::size_t chunk : {1U, 2U, 3U, 5U, 7U, 24U}) {
        const auto translator = make();
        INFO("in pieces of " << chunk);
        CHECK(told(*translator, bytes, chunk) == whole);
    }
    for (std::size_t at = 1; at < bytes.size(); ++at) {
        const auto translator = make();
        Lines lines;
        const drivers::Tell tell = [&](const Reading& reading) { lines.push_back(line(reading)); };
        translator->feed(std::span{bytes}.first(at), tell);
        translator->feed(std::span{bytes}.subspan(at), tell);
        translator->finish(tell);
        if (lines != whole) {
            INFO("cut before byte " << at);
            CHECK(lines == whole);
        }
    }
}

/// With any byte changed, the last good thing behind it (`tail`, which tells `tail_told`) is told.
inline void check_damage_anywhere(const MakeTranslator& make, const Octets& bytes,
                                  const Octets& tail, const std::string& tail_told)
{
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const unsigned flip : {0x01U, 0x20U, 0x80U, 0xFFU}) {
            Octets damaged = bytes;
            damaged[at] ^= static_cast<std::byte>(flip);
            const Lines lines = told_whole(make, joined({damaged, tail}));
            if (lines.empty() || lines.back() != tail_told) {
                INFO("byte " << at << " xor " << flip);
                CHECK(lines == Lines{tail_told});
            }
        }
    }
    SUCCEED();
}

}  // namespace raiten::test
