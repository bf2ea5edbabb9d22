#pragma once

#include "daemon/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::app {

inline constexpr std::size_t api_tokens_max = 1024;
inline constexpr std::array<std::string_view, 4> api_roles{"kiosk", "pos", "reader", "admin"};

/// Who may use the local API. The token itself is not kept, only its SHA-256.
struct ApiToken {
    std::string role;
    std::string name;  ///< 1 to 64 of letters, digits, - and _
    std::array<std::byte, 32> digest{};
};

/// The tokens file: a line `role name sha256hex` for each; `#` begins a comment. Lines that are
/// wrong are left out and told.
struct ApiTokenFile {
    std::vector<ApiToken> tokens;
    std::vector<Problem> problems;  ///< `where` is "FILE:LINE"
};

/// A file that is not there holds no tokens. One that others may write to is a problem, since
/// anybody could let himself in.
Result<ApiTokenFile> read_api_tokens(const std::string& path);

/// A new token (32 random bytes in base64url, 43 letters) under a name that is not taken yet; an
/// empty name becomes the role's, with a number if need be. It is shown this once.
struct NewApiToken {
    std::string name;
    std::string token;
};
Result<NewApiToken> add_api_token(const std::string& path, const std::string& role,
                                  const std::string& name);

/// A problem if there is no token of that name.
Result<void> revoke_api_token(const std::string& path, const std::string& name);

/// The tokens of a running daemon. Not for several threads.
class ApiTokens {
 public:
    explicit ApiTokens(std::string path);

    struct Holder {
        std::string role;
        std::string name;
    };
    /// Whose token this is. Compares with every line in the same time, whichever it is. Reads the
    /// file again if it has changed since the last call; while it cannot be read, nobody comes in.
    std::optional<Holder> authenticate(std::string_view token);

    /// What was wrong with the file when it was last read.
    const std::vector<Problem>& problems() const { return file_.problems; }
    std::size_t size() const { return file_.tokens.size(); }

 private:
    struct Stamp {
        std::int64_t seconds{-1}, nanoseconds{}, bytes{};
        std::uint64_t inode{};
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    static Stamp stamp_of(const std::string& path);
    void reload();

    std::string path_;
    Stamp read_at_;
    ApiTokenFile file_;
};

}  // namespace raiten::app
