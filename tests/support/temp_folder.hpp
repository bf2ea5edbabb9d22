#pragma once

#include <filesystem>
#include <string>

namespace raiten::test {

/// A folder that goes with the test.
class TempFolder {
 public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ / name; }

 private:
    std::filesystem::path path_;
};

}  // namespace raiten::test
