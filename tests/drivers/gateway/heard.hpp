#pragma once

#include "daemon/base/hex.hpp"
#include "daemon/base/iso8601.hpp"
#include "drivers/gateway/gateway.hpp"
#include "tests/drivers/ble/told.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::test {

/// "seen ble:… -60 rotating by ac233f… at 2022-01-20T13:22:49.519+00:00".
inline std::string whole_line(const Reading& reading)
{
    std::string text = line(reading);
    if (const auto* seen = std::get_if<TokenSeen>(&reading)) {
        if (!seen->heard_by.empty()) text += " by " + seen->heard_by;
        if (seen->told_at)
            text += " at " + format_instant(seen->told_at->time, std::chrono::minutes{});
    }
    return text;
}

using Make = std::unique_ptr<drivers::Translator> (*)(const drivers::Options&);

inline Lines heard(drivers::Translator& translator, std::string_view text, std::size_t chunk)
{
    Lines lines;
    const drivers::Tell tell = [&](const Reading& reading) {
        lines.push_back(whole_line(reading));
    };
    auto bytes = bytes_of(text);
    while (!bytes.empty()) {
        const auto size = std::min(chunk, bytes.size());
        translator.feed(bytes.first(size), tell);
        bytes = bytes.subspan(size);
    }
    translator.finish(tell);
    return lines;
}

inline Lines heard(Make make, std::string_view text, const drivers::Options& options = {},
                   std::size_t chunk = 4096)
{
    const auto translator = make(options);
    return heard(*translator, text, chunk);
}

inline Lines seen_only(const Lines& lines)
{
    Lines seen;
    for (const auto& one : lines)
        if (one.rfind("seen ", 0) == 0) seen.push_back(one);
    return seen;
}

}  // namespace raiten::test
