#pragma once

#include "daemon/app/settings.hpp"
#include "daemon/base/result.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace raiten::app {

/// Bytes that are overwritten when they are no longer needed, and that nothing prints.
class Secret {
 public:
    Secret() = default;
    explicit Secret(std::string bytes) : bytes_{std::move(bytes)} {}
    ~Secret();
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    std::string_view bytes() const { return bytes_; }

 private:
    std::string bytes_;
};

inline constexpr std::size_t secret_bytes_max = 4096;

/// `name` is a path (anything with a slash), or the name of a systemd credential; a credential
/// that is not there is looked for as a file of that name in the state directory. A file that
/// others may read is refused (credentials are systemd's business). A last line feed is cut.
Result<Secret> read_secret(const std::string& name, const Places& places,
                           std::size_t bytes_max = secret_bytes_max);

inline constexpr std::size_t token_key_bytes = 32;

/// 32 bytes raw, or 64 hex digits with or without a line feed.
Result<Secret> parse_token_key(Secret file);

/// A new random key as 64 hex digits and a line feed, mode 0600, on the disk when this returns.
/// A file that is already there stays and is a problem.
Result<void> create_token_key(const std::string& path);

}  // namespace raiten::app
