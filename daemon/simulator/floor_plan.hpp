#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::simulator {

/// In metres; the door is at (0, 0), the shop lies above it, the street below.
struct Place {
    double x{};
    double y{};

    friend bool operator==(const Place&, const Place&) = default;
};

double metres_between(Place a, Place b);

enum class Zone : std::uint8_t { entrance, floor, fitting, till };
inline constexpr std::size_t zones_count = 4;

/// As raiten.toml names it: the till's zone is "register".
std::string_view text_of(Zone zone);

/// A device of the shop.
struct Reader {
    enum class Kind : std::uint8_t {
        bluetooth,  ///< hears advertisements
        desk,       ///< a 125 kHz reader (RDM6300) where cards are shown
        scanner,    ///< a code scanner where cards and the app's codes are shown
        tap,        ///< a card reader (NFC, FeliCa)
        till        ///< a register, heard through its receipt printer
    };
    std::string name;
    Kind kind{};
    Zone zone{};
    Place place;
};

/// The shop: where its readers stand, and where people go.
struct FloorPlan {
    std::vector<Reader> readers;
    std::vector<Place> shelves;  ///< where people stop and browse
    std::vector<Place> cabins;   ///< fitting rooms
    std::vector<Place> tills;    ///< where people pay, one for each reader of kind till
    double width_m{};            ///< the door is in the middle of the front
    double depth_m{};
    double door_m{};  ///< its width
};

/// A shop of 12 by 9 metres, the same every time: four Bluetooth readers (ent-1, floor-1, fit-1,
/// till-1), desk-1, scan-1 and tap-1 at the door, the registers reg-1 and reg-2.
FloorPlan plain_shop();
inline constexpr std::size_t bluetooth_readers = 4;  ///< they come first

/// In which zone somebody at this place is.
Zone zone_at(const FloorPlan& plan, Place place);

/// Whether the straight line between a place in the shop and one in the street goes through the
/// front wall, and not through the door.
bool through_the_wall(const FloorPlan& plan, Place inside, Place outside);

}  // namespace raiten::simulator
