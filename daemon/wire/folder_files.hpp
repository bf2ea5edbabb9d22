#pragma once

#include "daemon/wire/folder.hpp"
#include "daemon/wire/folder_disk.hpp"

#include <chrono>

namespace raiten::wire {

/// A file of a watched folder that is not read yet.
struct Waiting {
    using Moment = std::chrono::steady_clock::time_point;

    FileMark mark;
    Moment quiet_since;
    bool moved_in{};
    bool open{};  ///< its writer has not closed it

    Moment whole_at(const FolderLimits& limits) const
    {
        if (moved_in) return quiet_since;
        return quiet_since + (open ? limits.open_quiet_after : limits.quiet_after);
    }
};

/// A file that was read, until it is put away.
struct Given {
    FileMark mark;
    bool finished{};
    bool good{};
};

}  // namespace raiten::wire
