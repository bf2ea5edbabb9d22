#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <vector>

namespace raiten::app {

/// All of a file; a larger one, a folder, or one that cannot be read is a problem.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

/// Files in a folder that end in `ending`, with their folder, in the order of their names;
/// empty where there is no such folder. Hidden ones are left out.
Result<std::vector<std::string>> list_files(const std::string& folder, const std::string& ending,
                                            std::size_t files_max);

}  // namespace raiten::app
