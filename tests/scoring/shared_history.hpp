#pragma once

#include "daemon/scoring/purchase_model.hpp"
#include "daemon/scoring/spend.hpp"
#include "tests/drivers/ble/shared_data.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

/// Histories of real shops with what others computed of them; they lie beside the repository.
namespace raiten::test {

using Rows = std::vector<std::map<std::string, std::string>>;

/// A CSV file, unpacked where its name ends in .gz.
Rows rows_of(const std::filesystem::path& file);

double number(const std::map<std::string, std::string>& row, const std::string& column);

/// Which columns hold a history; `log_gaps` may be "".
struct HistoryColumns {
    std::string repeats, last, observed, log_gaps{};
};
std::vector<scoring::BuyingHistory> histories(const Rows& rows, const HistoryColumns& columns);

}  // namespace raiten::test
