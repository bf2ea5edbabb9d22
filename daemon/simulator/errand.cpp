#include "daemon/simulator/errand.hpp"

#include <algorithm>

namespace raiten::simulator {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Place door{0, 0};
constexpr Place inside_the_door{0, 0.6};
constexpr Place queue{3.6, 3.2};
constexpr Place car{12, -12};
constexpr double street_m = 15;  // from where they are followed
constexpr double pavement_y = -3;
constexpr double street_pace = 1.3;  // metres a second
constexpr double shop_pace = 0.8;
constexpr double dwell_mean_minutes = 15;
constexpr Millis dwell_least{minutes{1}};
constexpr Millis dwell_most{minutes{55}};
constexpr double stop_mean_seconds = 75;
constexpr double fitting_share = 0.3;
constexpr double stepping_out_share = 0.03;
constexpr double window_share = 0.1;

Millis seconds_of(double value)
{
    return Millis{static_cast<std::int64_t>(value * 1'000)};
}

Place street_end(bool right)
{
    return {right ? street_m : -street_m, pavement_y};
}

}  // namespace

Millis approach_time()
{
    const double way = metres_between(street_end(true), door);
    return Millis{1 + static_cast<std::int64_t>(way / street_pace * 1'000)};
}

Errand::Errand(const FloorPlan& plan, Instant entry, bool wants, Dice dice)
    : dice_{dice},
      entry_{entry},
      exit_{entry},
      wants_{wants},
      walk_{plan, entry - approach_time(), street_end(dice_.chance(0.5))}
{
    walk_.go(door, street_pace);
    walk_.go(inside_the_door, shop_pace);
    const auto dwell =
        std::clamp(seconds_of((1 + dice_.regular(2) * (dwell_mean_minutes - 1)) * 60), dwell_least,
                   dwell_most);
    const bool fits = dwell > minutes{6} && dice_.chance(fitting_share);
    const bool steps_out = dwell > minutes{8} && dice_.chance(stepping_out_share);
    browse(steps_out || fits ? dwell / 2 : dwell);
    if (fits) {
        walk_.go(plan.cabins[dice_.below(plan.cabins.size())], shop_pace);
        walk_.stand(dice_.between(minutes{2}, minutes{8}), dice_);
    }
    if (steps_out) step_out();
    if (steps_out || fits) browse(dwell / 2);
    if (wants_) walk_.go(queue, shop_pace);
}

void Errand::browse(Millis time)
{
    const auto& shelves = walk_.plan().shelves;
    const auto until = walk_.now() + time;
    while (walk_.now() < until) {
        walk_.go(shelves[dice_.below(shelves.size())], shop_pace);
        const auto stop = seconds{10} + seconds_of(dice_.exponential(stop_mean_seconds - 10));
        walk_.stand(std::clamp<Millis>(until - walk_.now(), seconds{2}, stop), dice_);
    }
}

void Errand::step_out()
{
    walk_.go(door, shop_pace);
    const auto out = walk_.now();
    walk_.go(car, street_pace);
    walk_.stand(dice_.between(minutes{1}, minutes{6}), dice_);
    walk_.go(door, street_pace);
    away_.push_back({out, walk_.now()});
    walk_.go(inside_the_door, shop_pace);
}

void Errand::pay(std::size_t number, Millis wait, Millis service)
{
    walk_.stand(wait, dice_);
    walk_.go(walk_.plan().tills[number], shop_pace);
    walk_.stand(service, dice_);
}

void Errand::stay_about(Millis time)
{
    const auto till = walk_.here();
    browse(time);
    walk_.go(till, shop_pace);
}

void Errand::leave()
{
    walk_.go(inside_the_door, shop_pace);
    walk_.go(door, shop_pace);
    exit_ = walk_.now();
    walk_.go(street_end(dice_.chance(0.5)), street_pace);
}

Walk pass_by(const FloorPlan& plan, Instant at, Dice& dice)
{
    constexpr double from_m = 25;
    const bool right = dice.chance(0.5);
    const double y = -dice.between(1.5, 6);
    const double pace = dice.between(1, 1.6);
    const double side = right ? 1 : -1;
    Walk walk{plan, at - seconds_of(from_m / pace), {side * from_m, y}};
    if (dice.chance(window_share)) {
        const double window = dice.between(-5, 5);
        walk.go({window, y}, pace);
        walk.go({window, -1}, pace);
        walk.stand(dice.between(seconds{5}, seconds{60}), dice);
        walk.go({window, y}, pace);
    }
    walk.go({-side * from_m, y}, pace);
    return walk;
}

Walk shift(const FloorPlan& plan, Span span, Dice& dice)
{
    Walk walk{plan, span.from, inside_the_door};
    while (walk.now() < span.to) {
        const double where = dice.share();
        if (where < 0.5)
            walk.go(plan.tills[dice.below(plan.tills.size())], shop_pace);
        else if (where < 0.9)
            walk.go(plan.shelves[dice.below(plan.shelves.size())], shop_pace);
        else
            walk.go(plan.cabins[dice.below(plan.cabins.size())], shop_pace);
        walk.stand(dice.between(minutes{1}, minutes{20}), dice);
    }
    return walk;
}

}  // namespace raiten::simulator
