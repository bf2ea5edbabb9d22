#pragma once

#include "daemon/model/campaign.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What a campaign's `where` can ask about, and when: card_columns() beside the moments.
namespace raiten::app {

/// The columns of the score card that an expression names, each once; words between quotes are
/// text, not names.
std::vector<std::string> columns_used(std::string_view where);

/// Whether the card can hold a value in this column at this moment. A column that is known may
/// still be null for a single member, such as a rank before the first night.
bool known_at(std::string_view column, Moment moment);

/// "every moment", or the names of the moments at which the column is known.
std::string moments_of(std::string_view column);

/// The table of columns in config/CAMPAIGNS.md, between its two marks.
std::string columns_reference();

inline constexpr std::string_view columns_begin = "<!-- columns: made from the score card -->\n";
inline constexpr std::string_view columns_end = "<!-- end of columns -->\n";

}  // namespace raiten::app
