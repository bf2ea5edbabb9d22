#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raiten::house {

/// Every text file of the repository that people write, as paths from its root with '/', sorted:
/// sources, scripts, documents and unit files; not builds, packages of others, or captures.
std::vector<std::string> files();

/// The whole text of one of them. Throws where it cannot be read.
std::string text_of(const std::string& file);

inline bool is_source(std::string_view file)
{
    return file.ends_with(".cpp") || file.ends_with(".hpp");
}

/// What is built into the programs, as opposed to what tests them.
inline bool is_product(std::string_view file)
{
    return file.starts_with("daemon/") || file.starts_with("drivers/") || file.starts_with("sync/");
}

}  // namespace raiten::house
