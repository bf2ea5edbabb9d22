#include "tests/scoring/shared_history.hpp"

#include <cstdlib>

namespace raiten::test {

Rows rows_of(const std::filesystem::path& file)
{
    if (file.extension() == ".gz") return read_csv(read_gz(file));
    const auto bytes = read_file(file);
    return read_csv(std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

double number(const std::map<std::string, std::string>& row, const std::string& column)
{
    const auto found = row.find(column);
    REQUIRE(found != row.end());
    char* end = nullptr;
    const double value = std::strtod(found->second.c_str(), &end);
    REQUIRE(end != found->second.c_str());
    return value;
}

std::vector<scoring::BuyingHistory> histories(const Rows& rows, const HistoryColumns& columns)
{
    std::vector<scoring::BuyingHistory> all;
    for (const auto& row : rows)
        all.push_back({static_cast<std::uint32_t>(number(row, columns.repeats)),
                       number(row, columns.last), number(row, columns.observed),
                       columns.log_gaps.empty() ? 0 : number(row, columns.log_gaps)});
    REQUIRE(!all.empty());
    return all;
}

}  // namespace raiten::test
