#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/model/reading.hpp"
#include "daemon/model/token.hpp"
#include "daemon/simulator/floor_plan.hpp"
#include "daemon/simulator/scenario.hpp"
#include "daemon/simulator/truth.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::simulator {

/// Something with a token. What it sends over the air follows from its kind and token.
struct Tag {
    std::string token;  ///< readable: "ibeacon:…/1/7", "card:29…", "ble:aa:…" for a stranger's
    TokenKind kind{};
    Millis advertising{};                ///< 0: it does not
    bool rotating{};                     ///< a random address that changes by itself
    std::array<std::byte, 6> address{};  ///< Bluetooth's, most significant byte first
};

/// A member, or one of the staff.
struct Person {
    std::string name;  ///< as in members.csv: "m-00017", "staff-2"
    bool staff{};
    bool fixture{};  ///< a device of the shop that is enrolled as a member's
    bool consent{true};
    std::uint8_t birth_month{};
    std::vector<std::uint32_t> tags;       ///< all of them
    std::optional<std::uint32_t> carried;  ///< the one that advertises
    std::optional<std::uint32_t> card;     ///< the one that a register knows
};

/// What a register printed.
struct Slip {
    std::uint16_t reader{};  ///< the register
    std::string number;      ///< one of a kind at its register, going up
    ReceiptKind kind{ReceiptKind::sale};
    Instant at;
    std::optional<std::uint32_t> card;  ///< the tag that was shown
    Money total;
    std::string refers_to;  ///< for a void or refund: the number of the sale, at the same register
    std::vector<ReceiptLine> lines;
};

/// One event, as small as can be: a year has tens of millions.
struct Arrival {
    enum class Kind : std::uint8_t { sighting, check_in, receipt, reader_up, reader_down };

    Instant at;
    Instant received_at;
    std::uint32_t number{};  ///< of the tag, for a receipt of the slip; 0 for readers
    std::uint16_t reader{};
    std::int8_t rssi_dbm{};
    Kind kind{};

    friend bool operator==(const Arrival&, const Arrival&) = default;
};

/// One local calendar day, 00:00 to 24:00; everything that happens in it also arrives in it.
struct Day {
    std::uint32_t number{};
    std::chrono::sys_days date{};
    Span span;
    std::vector<Arrival> arrivals;  ///< in order of arrival (received_at)
    std::vector<Slip> slips;        ///< in order of their times
    std::vector<Tag> strangers;     ///< tags of this day that are nobody's
    Truth truth;
};

/// A store that exists only as numbers: whatever is asked of it follows from scenario and seed by
/// counter-based draws, on every machine, for each day apart. It holds its members and the tables
/// that their rhythms need, no history.
class Store {
 public:
    /// The scenario must pass check().
    Store(Scenario scenario, std::uint64_t seed);
    ~Store();
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;

    const Scenario& scenario() const;
    const FloorPlan& plan() const;
    const std::vector<Person>& people() const;  ///< members first, then fixtures, then staff

    /// The day `number` days after the first. In order it costs what happens in it; going back
    /// begins the members' rhythms anew. Reuse `day` to spare memory.
    void day(std::uint32_t number, Day& day);
    Day day(std::uint32_t number);

    /// A tag by its number: of a member, or of a stranger of this day.
    const Tag& tag(const Day& day, std::uint32_t number) const;
    /// All tags that belong to people; numbers from here on are the day's strangers.
    const std::vector<Tag>& tags() const;

 private:
    struct Rooms;
    std::unique_ptr<Rooms> rooms_;
};

}  // namespace raiten::simulator
