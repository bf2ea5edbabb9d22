#pragma once

#include "daemon/app/member_figures.hpp"
#include "daemon/ledger/database.hpp"

#include <string>

namespace raiten::test {

/// The SQL under that name in daemon/kpi/README.md, "Recompute it yourself".
const std::string& sql(const std::string& name);

/// Every figure of members beside that very SQL over the same ledger. "" where all are equal to the
/// last digit, else a line for each that is not.
std::string differences(const app::MemberFigures& figures, const LifetimeCosts& costs,
                        ledger::Database& database);

/// The figures of a ledger's file.
app::MemberFigures figures_of(const std::string& path, const Period& period,
                              const LifetimeCosts& costs);

}  // namespace raiten::test
