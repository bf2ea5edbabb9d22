#pragma once

#include "daemon/simulator/btsnoop_writer.hpp"

namespace raiten::stage {

using simulator::BtsnoopWriter;
using simulator::Micros;

}  // namespace raiten::stage
