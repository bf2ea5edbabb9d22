#include "daemon/ledger/exit_table.hpp"

#include "daemon/ledger/codec.hpp"

#include <algorithm>

namespace raiten::ledger {

void put_exit_model(Database& database, const ExitTimes::Model& model)
{
    database.run(
        "INSERT OR REPLACE INTO exit_model(id, visits, gaps_above, timeout_ms) VALUES (?,?,?,?)",
        model.id, model.visits, counts_text({model.gaps_above.begin(), model.gaps_above.end()}),
        model.timeout);
}

std::vector<ExitTimes::Model> exit_models(Database& database)
{
    std::vector<ExitTimes::Model> out;
    auto rows = database.query(
        "SELECT id, visits, gaps_above, timeout_ms FROM exit_model ORDER BY id LIMIT ?",
        ExitTimes::models_max);
    while (rows.next()) {
        ExitTimes::Model one;
        one.id = rows.get<std::uint32_t>();
        one.visits = rows.get<std::uint64_t>();
        const auto counts = counts_of(rows.get<std::string>());
        one.timeout = rows.get<Millis>();
        if (!counts || counts->size() != one.gaps_above.size()) continue;
        std::copy(counts->begin(), counts->end(), one.gaps_above.begin());
        out.push_back(one);
    }
    return out;
}

}  // namespace raiten::ledger
