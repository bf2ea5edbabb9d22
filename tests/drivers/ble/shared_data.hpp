#pragma once

#include <catch2/catch.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Recorded device data that lies beside the repository, not in it.
namespace raiten::test {

/// The folder under `$RAITEN_SHARED` (else `../shared` beside the sources); nothing, with a
/// warning in the test's output, where it does not exist.
std::optional<std::filesystem::path> shared_folder(const std::string& below);

std::vector<std::byte> read_file(const std::filesystem::path& path);

/// Unpacks a .gz file of up to 64 MiB.
std::string read_gz(const std::filesystem::path& path);

/// Rows by column name; fields may be quoted.
std::vector<std::map<std::string, std::string>> read_csv(const std::string& text);

}  // namespace raiten::test
