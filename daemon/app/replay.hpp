#pragma once

#include "daemon/app/ctl/commands.hpp"

#include <iosfwd>

namespace raiten::app {

/// Plays recorded events (NDJSON, in order of arrival) through the engine of this configuration,
/// as fast as it can: effects as CloudEvents, a line each, on `out`; what is refused, with its
/// line number, on `complaints`. Runs until every visit has settled, or until `until`.
///
/// With a ledger the events are also made durable there, and a second replay goes on where the
/// first ended. The exit code is after sysexits.h.
int replay(const ctl::ReplayOptions& options, std::istream& in, std::ostream& out,
           std::ostream& complaints);

}  // namespace raiten::app
