#pragma once

#include <span>
#include <string>
#include <string_view>

namespace raiten::http {

/// A file that was compiled into the program by `raiten_embed` (embed.cmake), which also writes
/// the header with the function that lists them.
struct EmbeddedFile {
    std::string_view name;  // relative to the root that raiten_embed was given: "kiosk.js"
    std::string_view content;
};

/// The file called `name`, or null.
const EmbeddedFile* find_embedded(std::span<const EmbeddedFile> files, std::string_view name);

/// Something that never changes while the program runs, served at `path`.
struct Asset {
    std::string path;  // "/kiosk.js"
    std::string content_type;
    std::string_view body;  // must outlive Router::mount, which copies it
    std::string etag;       // strong, in quotes
};

/// Served at `path`; content type by the file's ending, tag by its content.
Asset asset_of(std::string path, const EmbeddedFile& file);

/// "text/html; charset=utf-8" for ".html", …; "application/octet-stream" for the unknown.
std::string_view content_type_of(std::string_view file_name);

}  // namespace raiten::http
