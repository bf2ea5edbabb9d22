#include "daemon/app/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace raiten::app {

Result<std::string> read_file(const std::string& path, std::size_t bytes_max)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return Problem{"is a folder, not a file", path};
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    if (!in) return Problem{std::string{"cannot be opened: "} + std::strerror(errno), path};
    std::string bytes(bytes_max + 1, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (in.bad()) return Problem{"cannot be read", path};
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > bytes_max)
        return Problem{"is larger than " + std::to_string(bytes_max) + " bytes", path};
    return Result<std::string>{boost::system::in_place_value, std::move(bytes)};
}

Result<std::vector<std::string>> list_files(const std::string& folder, const std::string& ending,
                                            std::size_t files_max)
{
    namespace fs = std::filesystem;
    std::vector<std::string> paths;
    std::error_code error;
    if (!fs::exists(folder, error)) return paths;
    fs::directory_iterator it{folder, error};
    for (; !error && it != fs::directory_iterator{}; it.increment(error)) {
        const auto name = it->path().filename().string();
        if (name[0] == '.' || !name.ends_with(ending)) continue;
        if (paths.size() == files_max)
            return Problem{"holds more than " + std::to_string(files_max) + " files", folder};
        paths.push_back(it->path().string());
    }
    if (error) return Problem{"cannot be listed: " + error.message(), folder};
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace raiten::app
