#include "daemon/simulator/floor_plan.hpp"

#include <cmath>

namespace raiten::simulator {

double metres_between(Place a, Place b)
{
    const double x = a.x - b.x;
    const double y = a.y - b.y;
    return std::sqrt(x * x + y * y);  // unlike hypot, rounded the same way everywhere
}

std::string_view text_of(Zone zone)
{
    switch (zone) {
        case Zone::entrance:
            return "entrance";
        case Zone::floor:
            return "floor";
        case Zone::fitting:
            return "fitting";
        case Zone::till:
            return "register";
    }
    return {};
}

//   y
//   9 ┌──────────┬───────────────────────────┐
//     │ fitting  │                           │
//     │  F    +  │    +      +       +       │     B  Bluetooth reader (F, N, T, E)
//   6 ├──────────┘                           │     +  shelf or cabin
//     │             +    N    +        +     │     $  register
//   4 │                              ┌───────┤
//     │    +      +                  │ $ T $ │
//   2 │         ·············        │       │
//     │    +    ·  E  desk  ·        │       │
//   0 └─────────────┤ door ├─────────┴───────┘
//    -6             -1     1         3        6   x

FloorPlan plain_shop()
{
    using Kind = Reader::Kind;
    FloorPlan plan;
    plan.readers = {
        {"ent-1", Kind::bluetooth, Zone::entrance, {0, 1}},
        {"floor-1", Kind::bluetooth, Zone::floor, {0, 5}},
        {"fit-1", Kind::bluetooth, Zone::fitting, {-5, 7.5}},
        {"till-1", Kind::bluetooth, Zone::till, {4.5, 2}},
        {"desk-1", Kind::desk, Zone::entrance, {1, 1}},
        {"scan-1", Kind::scanner, Zone::entrance, {1, 1}},
        {"tap-1", Kind::tap, Zone::entrance, {1, 1}},
        {"reg-1", Kind::till, Zone::till, {4, 2.5}},
        {"reg-2", Kind::till, Zone::till, {5.2, 2.5}},
    };
    plan.shelves = {{-4.5, 0.8}, {-4.5, 3.2}, {-2, 3.4}, {-2.2, 5.2}, {2.2, 5.4},
                    {4.8, 5.6},  {-0.8, 7.6}, {1.6, 8},  {4.6, 8}};
    plan.cabins = {{-5.2, 6.8}, {-5.2, 8.2}, {-3.6, 8.2}};
    plan.tills = {{4, 1.6}, {5.2, 1.6}};
    plan.width_m = 12;
    plan.depth_m = 9;
    plan.door_m = 2;
    return plan;
}

Zone zone_at(const FloorPlan&, Place place)
{
    if (place.x >= 3 && place.y < 4) return Zone::till;
    if (place.x <= -3 && place.y > 6) return Zone::fitting;
    if (place.x > -2 && place.x < 2 && place.y < 2.2) return Zone::entrance;
    return Zone::floor;
}

bool through_the_wall(const FloorPlan& plan, Place inside, Place outside)
{
    if (outside.y >= 0) return false;
    const double share = inside.y / (inside.y - outside.y);
    const double x = inside.x + share * (outside.x - inside.x);
    return x < -plan.door_m / 2 || x > plan.door_m / 2;
}

}  // namespace raiten::simulator
