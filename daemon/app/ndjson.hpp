#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/reading.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace raiten::app {

/// Normalised events as text: what decode prints, and what replay, the exec driver and the local
/// API take. Tokens are still readable here; Pseudonyms makes members of them.
struct RawSighting {
    std::string reader;
    std::string token;
    std::optional<std::int16_t> rssi_dbm;  ///< null where the reader cannot tell
    bool rotating{};                       ///< the reader knows that the address changes by itself
    friend bool operator==(const RawSighting&, const RawSighting&) = default;
};

struct RawCheckIn {
    std::string reader;
    std::string token;
    std::string id;  ///< or empty
    friend bool operator==(const RawCheckIn&, const RawCheckIn&) = default;
};

struct RawLine {
    std::string sku, name;
    Money quantity, amount;
    std::string category;
    friend bool operator==(const RawLine&, const RawLine&) = default;
};

struct RawReceipt {
    std::string pos;
    std::string number;
    ReceiptKind kind{ReceiptKind::sale};
    std::string token;  ///< or empty
    Money total;        ///< never negative
    std::string currency;
    std::string refers_to;  ///< number of the receipt that a void or refund undoes, or empty
    std::vector<RawLine> lines;
    friend bool operator==(const RawReceipt&, const RawReceipt&) = default;
};

struct RawReaderState {
    std::string reader;
    bool up{};
    std::string reason;
    friend bool operator==(const RawReaderState&, const RawReaderState&) = default;
};

struct RawTick {
    friend bool operator==(const RawTick&, const RawTick&) = default;
};

struct RawEvent {
    std::optional<Instant> at;           ///< null or absent: not known
    std::optional<Instant> received_at;  ///< absent: the largest `at` so far
    std::variant<RawSighting, RawCheckIn, RawReceipt, RawReaderState, RawTick> what;
    /// Keys that this version does not know, of the event and of its lines. They are passed over,
    /// so that a newer sender can talk to an older store, but counted, so that a misspelt optional
    /// key can be found.
    std::uint32_t ignored_keys{};
    friend bool operator==(const RawEvent&, const RawEvent&) = default;
};

inline constexpr std::size_t ndjson_line_bytes_max = 64 * 1024;
inline constexpr std::size_t receipt_lines_max = 512;

/// One line, with or without its line feed. Types are strict: money is a decimal string, levels
/// are whole numbers, a key stands once, text is UTF-8 without control characters. A problem's
/// `where` is the key ("lines[2].amount") or "byte N"; it never repeats a token.
Result<RawEvent> parse_line(std::string_view line);

/// The same as a line without line feed, keys in the contract's order, times in the zone that is
/// `offset` ahead of UTC. `at` is always there, null where it is not known; of the others, those
/// that say nothing are left out.
std::string write_line(const RawEvent& event, std::chrono::minutes offset = {});

}  // namespace raiten::app
