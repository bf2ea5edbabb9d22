#include "daemon/app/ctl/csv_table.hpp"

#include <algorithm>
#include <utility>

namespace raiten::app::ctl {

CsvTable::CsvTable(Source source, Names needed, Names known)
    : source_{std::move(source)}, csv_{source_.in}, needed_{std::move(needed)}, names_{needed_}
{
    names_.insert(names_.end(), known.begin(), known.end());
    places_.resize(names_.size(), absent);
}

Result<void> CsvTable::read_header()
{
    auto header = csv_.next();
    if (!header) return within(header.error());
    if (!*header) return Problem{"is empty", source_.file, "begin with: " + begin_with()};
    const auto& fields = (*header)->fields;
    width_ = fields.size();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto found = std::find(names_.begin(), names_.end(), fields[i]);
        if (found == names_.end()) {
            unused_.push_back(fields[i]);
            continue;
        }
        auto& place = places_[static_cast<std::size_t>(found - names_.begin())];
        if (place != absent) return Problem{"has the column " + fields[i] + " twice", source_.file};
        place = i;
    }
    for (std::size_t i = 0; i < needed_.size(); ++i)
        if (places_[i] == absent)
            return Problem{"has no column " + std::string{needed_[i]}, source_.file,
                           "the first line names the columns: " + begin_with()};
    return {};
}

bool CsvTable::next()
{
    for (;;) {
        auto row = csv_.next();
        if (!row) {
            source_.refuse(within(row.error()));
            ++refused_;
        } else if (!*row) {
            return false;
        } else if ((*row)->fields.size() != width_) {
            row_ = std::move(**row);
            refuse("has " + std::to_string(row_.fields.size()) + " fields where the header has "
                   + std::to_string(width_));
        } else {
            row_ = std::move(**row);
            if (++rows_ % 4'096 == 0) source_.progress(rows_);
            return true;
        }
    }
}

std::string_view CsvTable::field(std::size_t name) const
{
    return places_[name] == absent ? std::string_view{} : row_.fields[places_[name]];
}

void CsvTable::refuse(std::string what, std::string advice)
{
    source_.refuse({std::move(what), where(), std::move(advice)});
    ++refused_;
}

std::string CsvTable::where() const
{
    return source_.file + ": line " + std::to_string(row_.line);
}

Problem CsvTable::within(const Problem& problem) const
{
    return {problem.what, source_.file + ": " + problem.where, problem.advice};
}

std::string CsvTable::begin_with() const
{
    std::string list;
    for (const auto name : needed_) list += (list.empty() ? "" : ",") + std::string{name};
    return list;
}

}  // namespace raiten::app::ctl
