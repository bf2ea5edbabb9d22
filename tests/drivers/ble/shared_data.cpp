#include "tests/drivers/ble/shared_data.hpp"

#include <zlib.h>

#include <array>
#include <cstdlib>
#include <fstream>

namespace raiten::test {

std::optional<std::filesystem::path> shared_folder(const std::string& below)
{
    const char* named = std::getenv("RAITEN_SHARED");
    const std::filesystem::path root =
        named != nullptr ? std::filesystem::path{named}
                         : std::filesystem::path{RAITEN_SOURCE_DIR} / ".." / "shared";
    if (std::filesystem::is_directory(root / below)) return root / below;
    WARN("skipped: no shared data (" << (root / below).string() << ")");
    return std::nullopt;
}

std::vector<std::byte> read_file(const std::filesystem::path& path)
{
    std::ifstream file{path, std::ios::binary};
    REQUIRE(file.good());
    std::vector<std::byte> out(std::filesystem::file_size(path));
    file.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    REQUIRE(file.good());
    return out;
}

std::string read_gz(const std::filesystem::path& path)
{
    constexpr std::size_t bytes_max = std::size_t{64} << 20U;
    const gzFile file = gzopen(path.c_str(), "rb");
    REQUIRE(file != nullptr);
    std::string out;
    std::array<char, 65536> part{};
    for (int got = 0; (got = gzread(file, part.data(), part.size())) > 0;) {
        out.append(part.data(), static_cast<std::size_t>(got));
        REQUIRE(out.size() <= bytes_max);
    }
    CHECK(gzclose(file) == Z_OK);
    return out;
}

std::vector<std::map<std::string, std::string>> read_csv(const std::string& text)
{
    std::vector<std::vector<std::string>> lines(1);
    lines.back().emplace_back();
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        std::string& field = lines.back().back();
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            field.push_back(text[++i]);
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ',') {
            lines.back().emplace_back();
        } else if (!quoted && c == '\n') {
            lines.emplace_back(1);
        } else if (quoted || c != '\r') {
            field.push_back(c);
        }
    }
    std::vector<std::map<std::string, std::string>> rows;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (lines[i].size() != lines[0].size()) continue;
        auto& row = rows.emplace_back();
        for (std::size_t k = 0; k < lines[i].size(); ++k) row[lines[0][k]] = lines[i][k];
    }
    return rows;
}

}  // namespace raiten::test
