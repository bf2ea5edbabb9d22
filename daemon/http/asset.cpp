#include "daemon/http/asset.hpp"

#include "daemon/http/digest.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace raiten::http {

const EmbeddedFile* find_embedded(std::span<const EmbeddedFile> files, std::string_view name)
{
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const EmbeddedFile& file) { return file.name == name; });
    return found == files.end() ? nullptr : &*found;
}

Asset asset_of(std::string path, const EmbeddedFile& file)
{
    return {std::move(path), std::string{content_type_of(file.name)}, file.content,
            etag_of(file.content)};
}

std::string_view content_type_of(std::string_view file_name)
{
    using Row = std::pair<std::string_view, std::string_view>;
    static constexpr std::array<Row, 10> endings{{
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
    }};
    for (const auto& [ending, type] : endings)
        if (file_name.ends_with(ending)) return type;
    return "application/octet-stream";
}

}  // namespace raiten::http
