#include "daemon/app/secret.hpp"

#include "daemon/base/hex.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace raiten::app {
namespace {

void wipe(std::string& bytes)
{
    bytes.resize(bytes.capacity());  // a shorter text may have left its end behind
    OPENSSL_cleanse(bytes.data(), bytes.size());
    bytes.clear();
}

/// A file descriptor that closes.
class OpenFile {
 public:
    explicit OpenFile(int number) : number_{number} {}
    ~OpenFile()
    {
        if (number_ >= 0) ::close(number_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int number() const { return number_; }

 private:
    int number_;
};

Problem failed(const std::string& path, const std::string& doing)
{
    return {"cannot be " + doing + ": " + std::strerror(errno), path};
}

Result<Secret> read_private(const std::string& path, bool check_mode, std::size_t bytes_max)
{
    const OpenFile file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.number() < 0) return failed(path, "opened");
    struct stat about {};
    if (::fstat(file.number(), &about) != 0) return failed(path, "read");
    if (!S_ISREG(about.st_mode)) return Problem{"is not a file", path};
    if (check_mode && (about.st_mode & 077U) != 0)
        return Problem{"may be read by others", path, "chmod 600 " + path};
    if (about.st_size > static_cast<off_t>(bytes_max))
        return Problem{"is too long for a secret", path};
    std::string bytes(bytes_max, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const auto n = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            wipe(bytes);
            return failed(path, "read");
        }
        if (n == 0) break;
        filled += static_cast<std::size_t>(n);
    }
    bytes.resize(filled);
    return Secret{std::move(bytes)};
}

}  // namespace

Secret::~Secret()
{
    wipe(bytes_);
}

Secret::Secret(Secret&& other) noexcept : bytes_{std::move(other.bytes_)}
{
    wipe(other.bytes_);
}

Secret& Secret::operator=(Secret&& other) noexcept
{
    if (this == &other) return *this;
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    wipe(other.bytes_);
    return *this;
}

Result<Secret> read_secret(const std::string& name, const Places& places, std::size_t bytes_max)
{
    if (name.empty()) return Problem{"no secret is named"};
    const bool is_path = name.find('/') != std::string::npos;
    std::string path = name[0] == '/' ? name : places.state_directory + "/" + name;
    bool credential = false;
    if (!is_path && !places.credentials_directory.empty()) {
        const auto given = places.credentials_directory + "/" + name;
        credential = ::access(given.c_str(), F_OK) == 0;
        if (credential) path = given;
    }
    auto secret = read_private(path, !credential, bytes_max);
    if (!secret) return secret;
    const auto bytes = secret->bytes();
    // 32 raw bytes may end in 0A: only what cannot be a raw key is a line.
    if (bytes.size() != token_key_bytes && bytes.ends_with('\n'))
        return Secret{std::string{bytes.substr(0, bytes.size() - 1)}};
    return secret;
}

Result<Secret> parse_token_key(Secret file)
{
    auto bytes = file.bytes();
    if (bytes.size() == token_key_bytes) return Result<Secret>{std::move(file)};
    if (bytes.ends_with('\n')) bytes.remove_suffix(1);
    auto raw = bytes.size() == 2 * token_key_bytes ? from_hex(bytes) : std::nullopt;
    if (!raw)
        return Problem{"is not a token key",
                       {},
                       "a token key is 32 bytes, or 64 hex digits; raitenctl init makes one"};
    Secret key{std::string{reinterpret_cast<const char*>(raw->data()), raw->size()}};
    OPENSSL_cleanse(raw->data(), raw->size());
    return Result<Secret>{std::move(key)};
}

Result<void> create_token_key(const std::string& path)
{
    std::array<std::byte, token_key_bytes> key{};
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1)
        return Problem{"this machine gives no random numbers", path};
    const Secret text{to_hex(key) + "\n"};
    OPENSSL_cleanse(key.data(), key.size());
    const OpenFile file{
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
    if (file.number() < 0 && errno == EEXIST)
        return Problem{"is already there", path,
                       "a new key would make every member a stranger; move it away first"};
    if (file.number() < 0) return failed(path, "created");
    const auto bytes = text.bytes();
    const auto written = ::write(file.number(), bytes.data(), bytes.size());
    if (written != static_cast<ssize_t>(bytes.size()) || ::fsync(file.number()) != 0) {
        auto problem = failed(path, "written");
        ::unlink(path.c_str());
        return problem;
    }
    const auto slash = path.rfind('/');
    const auto folder = slash == std::string::npos ? std::string{"."} : path.substr(0, slash + 1);
    const OpenFile directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (directory.number() < 0 || ::fsync(directory.number()) != 0) return failed(path, "kept");
    return {};
}

}  // namespace raiten::app
