#include "tests/sim/troubles.hpp"

#include "tests/support/dice.hpp"

namespace raiten::sim {
namespace {

constexpr Millis second{1'000};
constexpr Millis minute{60'000};

class Draw {
 public:
    Draw(std::uint64_t seed, Millis span, bool brief) : dice_{seed}, span_{span}, brief_{brief}
    {
        const bool crashes = chance(0.8), disk = chance(0.7), office = chance(0.7);
        for (auto n = crashes ? 1 + dice_.below(6) : 0; n > 0; --n) out.crashes.push_back(crash());
        for (auto n = disk ? 1 + dice_.below(6) : 0; n > 0; --n) out.disk.push_back(disk_trouble());
        for (auto n = office ? 1 + dice_.below(5) : 0; n > 0; --n)
            out.office.push_back(office_trouble());
        if (brief) return;
        for (auto n = chance(0.3) ? 1 + dice_.below(3) : 0; n > 0; --n)
            out.clock.push_back({moment(), between(-10 * minute, 10 * minute)});
        for (auto n = chance(0.5) ? 1 + dice_.below(3) : 0; n > 0; --n)
            out.deaf.push_back({moment(), between(second, 30 * minute), chance(0.5)});
    }
    Troubles out;

 private:
    bool chance(double share) { return dice_.share() < share; }
    Millis between(Millis low, Millis high)
    {
        return low + Millis{dice_.below(static_cast<std::uint64_t>((high - low).count()) + 1)};
    }
    Millis moment() { return between(2 * minute, span_); }

    Crash crash()
    {
        Crash one;
        one.at = chance(0.1) ? between(Millis{0}, minute) : moment();
        one.kind = chance(0.65)  ? Crash::Kind::power_cut
                   : chance(0.6) ? Crash::Kind::kill
                                 : Crash::Kind::gentle;
        if (one.kind != Crash::Kind::gentle && chance(0.8)) one.fuse = 1 + dice_.below(60);
        if (chance(0.3)) one.again = 1 + dice_.below(40);
        one.away = chance(0.7) ? between(second, 5 * second)
                               : between(second, brief_ ? 45 * second : 30 * minute);
        return one;
    }

    DiskTrouble disk_trouble()
    {
        DiskTrouble one{moment(), between(10 * second, brief_ ? 40 * second : 15 * minute), {}};
        const double share = chance(0.5) ? 0.02 : 0.3;
        switch (dice_.below(6)) {
            case 0:
                one.what.write_error = share;
                break;
            case 1:
                one.what.sync_error = share * 2;
                break;
            case 2:
                one.what.full = true;
                break;
            case 3:
                one.what.read_error = share / 4;
                break;
            case 4:
                one.what.slow_sync = 0.5;
                break;
            default:
                one.what = {share / 2, share / 20, share, 0.1, chance(0.2)};
        }
        return one;
    }

    OfficeTrouble office_trouble()
    {
        OfficeTrouble one{moment(), between(10 * second, 60 * minute), {}, false, false};
        switch (dice_.below(7)) {
            case 0:
                one.what.down = one.crash = true;
                one.forgets = chance(0.5);
                break;
            case 1:
                one.what.refuses_connection = 0.5;
                one.what.silent = 0.2;
                one.crash = true;
                break;
            case 2:
                one.what.breaks = 0.1;
                break;
            case 3:
                one.what.stalls = 0.05;
                break;
            case 4:
                one.what.mute = true;
                break;
            case 5:
                one.crash = one.forgets = true;
                one.what.withholds_ack = 0.5;
                break;
            default:
                one.what.turns_down = 0.1;
        }
        one.what.doubles = 0.3;
        if (chance(0.3)) one.what.latency_max = Millis{3'000};
        return one;
    }

    stage::Dice dice_;
    const Millis span_;
    const bool brief_;
};

}  // namespace

Troubles draw_troubles(std::uint64_t seed, Millis span, bool brief)
{
    return Draw{seed, span, brief}.out;
}

}  // namespace raiten::sim
