#pragma once

#include "daemon/engine/exit_times.hpp"
#include "daemon/ledger/database.hpp"

#include <vector>

namespace raiten::ledger {

void put_exit_model(Database& database, const ExitTimes::Model& model);
/// Those written under other steps are forgotten.
std::vector<ExitTimes::Model> exit_models(Database& database);

}  // namespace raiten::ledger
