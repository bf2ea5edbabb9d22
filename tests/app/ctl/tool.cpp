#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace raiten::test {

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> Ran::lines() const
{
    return lines_of(out);
}

Scratch::Scratch()
{
    auto name = (std::filesystem::temp_directory_path() / "raitenctl-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
}

Scratch::~Scratch()
{
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string Scratch::file(const std::string& name, std::string_view content) const
{
    std::ofstream out{path(name), std::ios::binary};
    out << content;
    out.close();
    REQUIRE(out.good());
    return path(name);
}

std::string Scratch::content(const std::string& path)
{
    std::ifstream in{path, std::ios::binary};
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>{in}, {}};
}

Ran raitenctl(std::vector<std::string> words, std::string_view input)
{
    const Scratch scratch;
    const auto in = scratch.file("in", input);
    const auto out = scratch.path("out");
    const auto err = scratch.path("err");
    words.insert(words.begin(), RAITENCTL);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, in.c_str(), O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
    ::posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT, 0600);
    pid_t child = -1;
    const int failed = ::posix_spawn(&child, RAITENCTL, &files, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    REQUIRE(failed == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    Ran ran;
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ran.out = Scratch::content(out);
    ran.err = Scratch::content(err);
    return ran;
}

std::string small_store(const Scratch& scratch, std::string_view more)
{
    std::string text =
        "[store]\ntenant = \"acme\"\nstore = \"s1\"\ndevice = \"d1\"\n"
        "timezone = \"Asia/Tokyo\"\ncurrency = \"JPY\"\n";
    text += "[identity]\ntoken_key = \"" + scratch.path("token.key") + "\"\n";
    text += "[ledger]\npath = \"" + scratch.path("ledger.db") + "\"\n";
    text += "[http]\nsocket = \"" + scratch.path("api.sock") + "\"\ntokens_file = \""
            + scratch.path("api-tokens") + "\"\n";
    return scratch.file("raiten.toml", text.append(more));
}

}  // namespace raiten::test
