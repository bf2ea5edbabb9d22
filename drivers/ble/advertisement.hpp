#pragma once

#include "drivers/ble/hci.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::ble {

using Address = std::array<std::byte, 6>;  ///< most significant byte first

enum class AddressType : std::uint8_t {
    public_,
    random,
    public_identity,  ///< a private address that the controller resolved
    random_identity,
    anonymous  ///< the advertiser did not say: the address is all zeros
};

/// One advertising report, of whichever kind, with its fragments joined.
struct Advertisement {
    Address address{};
    AddressType address_type{AddressType::public_};
    std::uint16_t event_type{};   ///< as in the report: 0-4 in legacy ones, bits in extended ones
    std::optional<int> rssi_dbm;  ///< nothing where the report says 127, "not available"
    bool truncated{};             ///< data is missing at the end
    std::vector<std::byte> data;  ///< AD structures, see payload.hpp
};

/// As in "e6:45:00:1b:2c:3d".
std::string text(const Address& address);

/// public, random, public_identity, random_identity, anonymous.
std::string_view text(AddressType type);

/// A random address that is not static: it changes by itself, usually every quarter of an hour,
/// and says nothing about who or how many. (Core 5.4, Vol 6, Part B, 1.3.2: the two top bits.)
bool rotates(const Advertisement& heard);

/// Reads LE Advertising Reports (LE Meta, subevent 02) and LE Extended Advertising Reports (0D),
/// any number of reports in an event:
///
///     3E LL 02 NN, NN times: TT aa AAAAAAAAAAAA ll dd..dd rr
///     3E LL 0D NN, NN times: TTTT aa AAAAAAAAAAAA pp ss SS xx rr iiii dd DDDDDDDDDDDD ll dd..dd
///
/// - T event type, a address type, A address (least significant byte first), r RSSI, l, d data
/// - p, s primary and secondary PHY; S advertising set; x power; i periodic interval; d, D direct
///
/// Extended data that comes in pieces (bits 5-6 of the type: 1 = more to come) is joined per
/// advertiser and set. At most `unfinished_max` are kept; one that is pushed out, grows beyond
/// `data_bytes_max`, waits for more than `patience_reports` other reports, or that the controller
/// gave up (2), is told as far as it came, as truncated.
class AdvertisementReader {
 public:
    /// The advertisement is valid during the call only.
    using Hear = std::function<void(const Advertisement&)>;

    static constexpr std::size_t data_bytes_max = 1650;  ///< Core 5.4, Vol 6, Part B, 2.3.4.9
    static constexpr std::size_t unfinished_max = 32;
    static constexpr std::uint64_t patience_reports = 256;

    /// Takes a whole HCI event without its H4 type byte. Other events are ignored.
    void take(Bytes event, const Hear& hear, const Refuse& refuse);

    /// Nothing more will come: what is unfinished is told as truncated.
    void finish(const Hear& hear);

    std::size_t unfinished() const { return unfinished_.size(); }

 private:
    struct Unfinished {
        std::uint8_t set;
        std::uint64_t since;  ///< number of the report that brought the latest piece
        Advertisement so_far;
    };

    void take_reports(Bytes reports, unsigned count, const Hear& hear, const Refuse& refuse);
    void take_extended(Bytes reports, unsigned count, const Hear& hear, const Refuse& refuse);
    void take_piece(std::uint8_t set, unsigned status, Bytes data, const Hear& hear);
    void forget_stale(const Hear& hear);
    void give_up_oldest(const Hear& hear);

    Advertisement report_;                ///< the report at hand; kept to spare its memory
    std::vector<Unfinished> unfinished_;  ///< in the order of their latest pieces
    std::uint64_t reports_{};
};

}  // namespace raiten::drivers::ble
