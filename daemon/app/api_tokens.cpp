#include "daemon/app/api_tokens.hpp"

#include "daemon/app/files.hpp"
#include "daemon/app/nearest.hpp"
#include "daemon/base/hex.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>

namespace raiten::app {
namespace {

constexpr std::size_t file_bytes_max = 512 * 1024;
constexpr std::size_t token_random_bytes = 32;
constexpr std::size_t token_text_bytes_max = 1024;

std::array<std::byte, 32> digest_of(std::string_view token)
{
    std::array<std::byte, 32> digest{};
    ::SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
             reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

bool is_name(std::string_view name)
{
    constexpr std::string_view allowed{
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};
    return !name.empty() && name.size() <= 64
           && name.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_role(std::string_view role)
{
    return std::find(api_roles.begin(), api_roles.end(), role) != api_roles.end();
}

Result<ApiToken> token_in(const std::string& line)
{
    std::istringstream words{line};
    ApiToken out;
    std::string hex;
    std::string more;
    words >> out.role >> out.name >> hex;
    if (words >> more || hex.empty()) return Problem{"is not: role name sha256"};
    if (!is_role(out.role))
        return Problem{"there is no role '" + out.role + "'",
                       {},
                       advice_for(out.role, {api_roles.begin(), api_roles.end()})};
    if (!is_name(out.name)) return Problem{"has a name that is none"};
    const auto digest = from_hex(hex);
    if (!digest || digest->size() != out.digest.size())
        return Problem{"has no SHA-256 of 64 hex digits"};
    std::copy(digest->begin(), digest->end(), out.digest.begin());
    return out;
}

Problem failed(const std::string& path, const std::string& doing)
{
    return {"cannot be " + doing + ": " + std::strerror(errno), path};
}

std::string folder_of(const std::string& path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// Holds the folder of a file, so that two writers come one after the other.
class Folder {
 public:
    explicit Folder(const std::string& path)
        : number_{::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}
    {
        while (number_ >= 0 && ::flock(number_, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    ~Folder()
    {
        if (number_ >= 0) ::close(number_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    int number() const { return number_; }

 private:
    int number_;
};

/// root writes for the daemon's user: to whom the folder belongs, the file belongs.
void hand_over(int file, int folder)
{
    struct stat about {};
    if (::geteuid() != 0 || ::fstat(folder, &about) != 0) return;
    if (::fchown(file, about.st_uid, about.st_gid) != 0) return;  // as it was: root's own
}

/// Replaces the file as a whole, mode 0600, on the disk when this returns.
Result<void> write_tokens(const std::string& path, const std::vector<ApiToken>& tokens,
                          const Folder& folder)
{
    std::string text = "# role name sha256 of the token; written by: raitenctl token\n";
    for (const auto& token : tokens)
        text += token.role + " " + token.name + " " + to_hex(token.digest) + "\n";
    const auto beside = path + ".new";
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                            S_IRUSR | S_IWUSR);
    if (file < 0) return failed(beside, "created");
    bool good = ::fchmod(file, S_IRUSR | S_IWUSR) == 0;
    hand_over(file, folder.number());
    for (std::size_t at = 0; good && at < text.size();) {
        const auto n = ::write(file, text.data() + at, text.size() - at);
        if (n < 0 && errno == EINTR) continue;
        good = n >= 0;
        if (good) at += static_cast<std::size_t>(n);
    }
    good = good && ::fsync(file) == 0;
    const int why = errno;
    ::close(file);
    errno = why;
    if (!good || ::rename(beside.c_str(), path.c_str()) != 0 || ::fsync(folder.number()) != 0) {
        auto problem = failed(path, "written");
        ::unlink(beside.c_str());
        return problem;
    }
    return {};
}

/// What may be written back: nothing of it would be lost.
Result<std::vector<ApiToken>> tokens_to_change(const std::string& path)
{
    auto file = read_api_tokens(path);
    if (!file) return file.error();
    if (!file->problems.empty()) {
        auto problem = file->problems.front();
        problem.advice += problem.advice.empty() ? "" : "; ";
        problem.advice += "correct or delete the line first";
        return problem;
    }
    return std::move(file->tokens);
}

std::string base64url(const std::array<unsigned char, token_random_bytes>& bytes)
{
    constexpr std::string_view letters{
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};
    std::string out;
    unsigned held = 0;
    unsigned bits = 0;
    for (const unsigned char byte : bytes) {
        held = (held << 8U | byte) & 0xffffU;
        for (bits += 8; bits >= 6;) out.push_back(letters[held >> (bits -= 6) & 63U]);
    }
    if (bits > 0) out.push_back(letters[held << (6 - bits) & 63U]);
    return out;
}

bool taken(const std::vector<ApiToken>& tokens, const std::string& name)
{
    return std::any_of(tokens.begin(), tokens.end(),
                       [&](const ApiToken& token) { return token.name == name; });
}

}  // namespace

Result<ApiTokenFile> read_api_tokens(const std::string& path)
{
    ApiTokenFile out;
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0 && errno == ENOENT) return out;
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return Problem{"may be written by others", path, "chmod 600 " + path};
    const auto text = read_file(path, file_bytes_max);
    if (!text) return text.error();
    std::istringstream lines{*text};
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const auto begin = line.find_first_not_of(" \t\r");
        if (begin == std::string::npos || line[begin] == '#') continue;
        auto token = token_in(line);
        const auto where = path + ":" + std::to_string(number);
        if (!token)
            out.problems.push_back({token.error().what, where, token.error().advice});
        else if (taken(out.tokens, token->name))
            out.problems.push_back({"the name '" + token->name + "' is there twice", where, ""});
        else if (out.tokens.size() == api_tokens_max)
            out.problems.push_back({"is one token too many", where, "revoke some"});
        else
            out.tokens.push_back(std::move(*token));
    }
    return out;
}

Result<NewApiToken> add_api_token(const std::string& path, const std::string& role,
                                  const std::string& name)
{
    if (!is_role(role))
        return Problem{"there is no role '" + role + "'", {}, "known: kiosk, pos, reader, admin"};
    if (!name.empty() && !is_name(name))
        return Problem{"is no name for a token", "--name", "1 to 64 letters, digits, - and _"};
    const Folder folder{path};
    if (folder.number() < 0) return failed(folder_of(path), "opened");
    auto tokens = tokens_to_change(path);
    if (!tokens) return tokens.error();
    if (tokens->size() == api_tokens_max) return Problem{"is full", path, "revoke some tokens"};
    if (!name.empty() && taken(*tokens, name))
        return Problem{"there is a token of the name '" + name + "'", path,
                       "revoke it first, or choose another name"};
    auto chosen = name.empty() ? role : name;
    for (unsigned i = 2; taken(*tokens, chosen); ++i) chosen = role + "-" + std::to_string(i);

    std::array<unsigned char, token_random_bytes> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
        return Problem{"this machine gives no random numbers"};
    NewApiToken made{chosen, base64url(random)};
    OPENSSL_cleanse(random.data(), random.size());
    tokens->push_back({role, chosen, digest_of(made.token)});
    const auto written = write_tokens(path, *tokens, folder);
    if (!written) return written.error();
    return made;
}

Result<void> revoke_api_token(const std::string& path, const std::string& name)
{
    const Folder folder{path};
    if (folder.number() < 0) return failed(folder_of(path), "opened");
    auto tokens = tokens_to_change(path);
    if (!tokens) return tokens.error();
    std::vector<std::string> names;
    for (const auto& token : *tokens) names.push_back(token.name);
    if (std::erase_if(*tokens, [&](const ApiToken& token) { return token.name == name; }) == 0)
        return Problem{"there is no token of the name '" + name + "'", path,
                       advice_for(name, names)};
    return write_tokens(path, *tokens, folder);
}

ApiTokens::ApiTokens(std::string path) : path_{std::move(path)}
{
    reload();
}

ApiTokens::Stamp ApiTokens::stamp_of(const std::string& path)
{
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return {};
    return {about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_size, about.st_ino};
}

void ApiTokens::reload()
{
    read_at_ = stamp_of(path_);
    auto file = read_api_tokens(path_);
    file_ = file ? std::move(*file) : ApiTokenFile{{}, {file.error()}};
}

std::optional<ApiTokens::Holder> ApiTokens::authenticate(std::string_view token)
{
    if (stamp_of(path_) != read_at_) reload();
    if (token.empty() || token.size() > token_text_bytes_max) return std::nullopt;
    const auto digest = digest_of(token);
    const ApiToken* found = nullptr;
    for (const auto& known : file_.tokens)
        if (CRYPTO_memcmp(known.digest.data(), digest.data(), digest.size()) == 0) found = &known;
    if (found == nullptr) return std::nullopt;
    return Holder{found->role, found->name};
}

}  // namespace raiten::app
