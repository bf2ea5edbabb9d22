#include "tests/fuzz/targets.hpp"

#include "daemon/app/ndjson.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/kpi/quantiles.hpp"
#include "daemon/ledger/segments.hpp"
#include "daemon/wire/address.hpp"
#include "drivers/ble/btsnoop.hpp"
#include "drivers/ble/packetlogger.hpp"
#include "drivers/ble/pcap.hpp"
#include "tests/fuzz/capture_oracle.hpp"

#include <string_view>

namespace raiten::fuzz {
namespace {

std::string_view text_of(Bytes input)
{
    return {reinterpret_cast<const char*>(input.data()), input.size()};
}

/// What was understood is written so that it reads the same again.
Fault ndjson_fault(Bytes input)
{
    const auto event = app::parse_line(text_of(input));
    if (!event) return {};
    const auto written = app::write_line(*event);
    auto again = app::parse_line(written);
    if (!again) return "what it wrote is refused: " + written + ": " + again.error().text();
    again->ignored_keys = event->ignored_keys;
    if (*again == *event) return {};
    return "what it wrote says something else: " + written;
}

Fault address_fault(Bytes input)
{
    const auto address = wire::parse_address(text_of(input));
    if (!address) return {};
    const auto written = wire::text_of(*address);
    const auto again = wire::parse_address(written);
    if (again && *again == *address) return {};
    return "what it wrote says something else: " + written;
}

/// Also, what is read can be merged and asked.
Fault quantiles_fault(Bytes input)
{
    auto read = Quantiles::from_text(text_of(input));
    if (!read) return {};
    const auto written = read->text();
    const auto again = Quantiles::from_text(written);
    if (!again || *again != *read) return "what it wrote says something else: " + written;
    read->merge(*again);
    if (read->count() != 2 * again->count()) return "merged, values are missing: " + written;
    if (read->min() != again->min() || read->max() != again->max())
        return "merged, it reaches elsewhere: " + written;
    return {};
}

/// Refused with words and a column of the text, or asked together as alone.
Fault segment_fault(Bytes input)
{
    static ledger::SegmentMatcher segments;
    const std::string where{text_of(input)};
    if (const auto checked = segments.check(where); !checked) {
        if (checked.error().what.empty()) return "a problem without words";
        const auto column = ledger::column_of(checked.error());
        if (!column || *column > where.size() + 1) return "a problem outside of the text";
        ledger::pointed_at(where, *column);
        return {};
    }
    ledger::segment_warnings(where);
    ScoreCard card;
    card.visits = 3;
    card.zone = "register";
    card.stage = Stage::core;
    const bool alone = segments.matches(where, card);
    const auto together = segments.together({"visits = 3", where, "visits = 4"});
    const auto matching = together->matching(card);
    if (matching[0] != 1 || matching[2] != 0) return "it spoils others";
    if ((matching[1] != 0) != alone) return "together it says something else";
    return {};
}

/// Whatever the file says, every problem has words.
Fault settings_fault(Bytes input)
{
    const app::SettingsFile file{"raiten.toml", std::string{text_of(input)}};
    const auto read = app::parse_settings(std::span{&file, 1}, app::Places{});
    for (const auto& problem : read.problems)
        if (problem.what.empty()) return "a problem without words";
    return {};
}

}  // namespace

std::vector<Target> targets()
{
    std::vector<Target> all;
    for (const auto& driver : drivers::catalog()) {
        all.push_back({std::string{driver.format},
                       [&driver](Bytes input) { return listen_fault(driver, input); }});
        if (driver.converse != nullptr)
            all.push_back({std::string{driver.format} + "-live",
                           [&driver](Bytes input) { return converse_fault(driver, input); }});
    }
    all.push_back({"btsnoop", capture_fault<drivers::ble::Btsnoop>});
    all.push_back({"pklg", capture_fault<drivers::ble::PacketLogger>});
    all.push_back({"pcap", capture_fault<drivers::ble::Pcap>});
    all.push_back({"ndjson-line", ndjson_fault});
    all.push_back({"address", address_fault});
    all.push_back({"segment", segment_fault});
    all.push_back({"settings", settings_fault});
    all.push_back({"tdigest", quantiles_fault});
    return all;
}

}  // namespace raiten::fuzz
