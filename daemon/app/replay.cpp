#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"

namespace raiten::app::ctl {

int run_replay(const ReplayOptions& options)
{
    return complain(Problem{"the engine is not linked into this program", options.events},
                    exit_code::unavailable);
}

}  // namespace raiten::app::ctl
