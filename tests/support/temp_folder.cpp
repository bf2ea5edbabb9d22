#include "tests/support/temp_folder.hpp"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace raiten::test {

namespace fs = std::filesystem;

TempFolder::TempFolder()
{
    auto pattern = (fs::temp_directory_path() / "raiten-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error{"mkdtemp"};
    path_ = pattern;
    fs::permissions(path_, fs::perms::all);  // servers give up root where they have it
}

TempFolder::~TempFolder()
{
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace raiten::test
