#include "tests/house/tree.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <sstream>

using namespace raiten::house;

namespace {

constexpr auto lines_max = 450;

std::string folder_of(const std::string& path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

/// Folders whose every source is built: those that CMakeLists.txt names as a whole word, and each
/// driver's with its test's.
class BuiltFolders {
 public:
    explicit BuiltFolders(const std::string& cmake)
    {
        std::istringstream text{cmake};
        for (std::string word; text >> word;) words_.insert(word.substr(0, word.find(')')));
    }
    bool has(const std::string& folder) const
    {
        const auto above = folder_of(folder);
        return words_.count(folder) != 0 || above == "drivers" || above == "tests/drivers";
    }

 private:
    std::set<std::string> words_;
};

}  // namespace

TEST_CASE("house: no source is forgotten by the build", "[house]")
{
    const auto cmake = text_of("CMakeLists.txt");
    const BuiltFolders built{cmake};
    std::string everything;
    for (const auto& file : files())
        if (is_source(file)) everything += text_of(file);

    for (const auto& file : files()) {
        if (!is_source(file) || cmake.find(file) != std::string::npos) continue;
        if (file.ends_with(".cpp") && built.has(folder_of(file))) continue;
        INFO(file << " is neither named in CMakeLists.txt nor included by anybody");
        const bool included = everything.find("#include \"" + file + "\"") != std::string::npos;
        CHECK((file.ends_with(".hpp") && included));
    }
}

TEST_CASE("house: a file is one idea, so it is not long", "[house]")
{
    for (const auto& file : files()) {
        if (!is_source(file)) continue;
        const auto text = text_of(file);
        INFO(file << ": when a second noun appears, it is two files");
        CHECK(std::count(text.begin(), text.end(), '\n') <= lines_max);
    }
}

TEST_CASE("house: every folder of the product says what it is", "[house]")
{
    // The ground floor is explained once, in daemon/README.md.
    const std::set<std::string> ground{"daemon/base", "daemon/model"};
    const auto all = files();
    std::set<std::string> folders;
    for (const auto& file : all)
        if (is_product(file) && is_source(file)) folders.insert(folder_of(file));

    for (const auto& folder : folders) {
        INFO(folder << " has sources and no README.md");
        const auto readme = (ground.count(folder) != 0 ? "daemon" : folder) + "/README.md";
        CHECK(std::binary_search(all.begin(), all.end(), readme));
    }
}
