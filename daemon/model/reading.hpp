#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace raiten {

/// What a device told us. It has no time and no reader yet: the wire stamps both on arrival
/// (a capture file brings its own times). Tokens are text as in `ibeacon:<uuid>/<major>/<minor>`;
/// they live only until daemon/app has turned them into members.

/// When the device itself says that something happened. What a device does not say is stamped on
/// arrival.
struct ToldTime {
    Instant time;
    /// The device gave the clock on its wall, without an offset: `time` holds that reading as if
    /// it were UTC, and daemon/app turns it with the store's zone.
    bool local{};
};

/// A passive observation: something that carries this token was heard.
struct TokenSeen {
    std::string token;
    std::optional<int> rssi_dbm;  ///< nothing where the device cannot tell (HCI says 127)
    /// The token is a random address that changes by itself (a resolvable or non-resolvable
    /// private Bluetooth address). Counted apart; never a member, never a distinct visitor.
    bool rotating{};
    std::string heard_by{};  ///< the receiver's own name, where one stream carries several
    std::optional<ToldTime> told_at{};
};

/// A deliberate act: a card, a code or a tag was shown.
struct TokenShown {
    std::string token;
    std::string id;  ///< the device's own number for this act, or empty
};

enum class ReceiptKind : std::uint8_t { sale, refund, void_ };

struct ReceiptLine {
    std::string sku;
    std::string name;
    Money quantity;
    Money amount;
    std::string category;

    template <class Archive>
    void archive(Archive& a)
    {
        a(sku, name, quantity, amount, category);
    }
};

/// One POS transaction as the device told it.
struct ReceiptRead {
    std::string number;
    ReceiptKind kind{ReceiptKind::sale};
    std::string token;     ///< the member's token if the register knew it, else empty
    Money total;           ///< never negative: `kind` says which way the money went
    std::string currency;  ///< ISO 4217, or empty where the device does not say
    std::string
        refers_to;  ///< for a refund or void: the number of the receipt that it undoes, if said
    std::string printed_at;  ///< local time as printed: evidence only
    std::vector<ReceiptLine> lines;
    std::optional<ToldTime> told_at{};  ///< of the sale, from a register's own log
};

/// Bytes that made no sense, or that this driver has no use for. Counted by reason and shown,
/// never fatal. `why` is a literal.
struct Garbled {
    std::string_view why;
    std::size_t bytes;
};

using Reading = std::variant<TokenSeen, TokenShown, ReceiptRead, Garbled>;

}  // namespace raiten
