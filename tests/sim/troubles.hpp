#pragma once

#include "daemon/base/instant.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/head_office.hpp"

#include <cstdint>
#include <vector>

namespace raiten::sim {

/// The end of a life of the daemon.
struct Crash {
    enum class Kind : std::uint8_t { power_cut, kill, gentle };  ///< gentle: SIGTERM
    Millis at{};
    Kind kind{};
    std::uint64_t fuse{};   ///< at the nth write from then; 0: at once
    std::uint64_t again{};  ///< once more at the nth write of the next life; 0: not
    Millis away{};          ///< until the next start
};
struct DiskTrouble {
    Millis at{}, span{};
    DiskFaults what;
};
struct OfficeTrouble {
    Millis at{}, span{};
    HeadOffice::Faults what;
    bool crash{}, forgets{};
};
struct ClockStep {
    Millis at{}, by{};
};
struct DeafReader {
    Millis at{}, span{};
    bool at_the_door{};
};

/// All that goes wrong in a run, drawn from the seed beforehand.
struct Troubles {
    std::vector<Crash> crashes;
    std::vector<DiskTrouble> disk;
    std::vector<OfficeTrouble> office;
    std::vector<ClockStep> clock;
    std::vector<DeafReader> deaf;
};

/// `brief`: nothing keeps an event from the engine for longer than two minutes, nor is the clock
/// touched.
Troubles draw_troubles(std::uint64_t seed, Millis span, bool brief);

}  // namespace raiten::sim
