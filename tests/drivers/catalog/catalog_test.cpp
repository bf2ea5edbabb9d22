// What every driver promises, asked of every row of the catalog and of every file in its corpus
// (tests/fuzz/corpus/FORMAT): a driver that is added later is held to it without a line here.
#include "drivers/catalog.hpp"
#include "tests/fuzz/oracle.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace raiten;
using raiten::drivers::Driver;

namespace {

/// Cuts at every byte take quadratic time, and so does damage at every byte.
constexpr std::size_t cut_everywhere_bytes_max = 400;
constexpr std::size_t damages_a_file = 24;

struct CorpusFile {
    std::string name;
    std::vector<std::byte> bytes;
};

std::vector<CorpusFile> corpus(const std::string& target)
{
    const auto folder =
        std::filesystem::path{RAITEN_SOURCE_DIR} / "tests" / "fuzz" / "corpus" / target;
    std::vector<CorpusFile> files;
    if (!std::filesystem::is_directory(folder)) return files;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        std::ifstream file{entry.path(), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        const auto bytes = std::as_bytes(std::span{text.data(), text.size()});
        files.push_back({entry.path().filename(), {bytes.begin(), bytes.end()}});
    }
    std::sort(files.begin(), files.end(),
              [](const CorpusFile& a, const CorpusFile& b) { return a.name < b.name; });
    return files;
}

/// The same file with one byte changed: places spread over it, and each with another change.
template <class Ask>
void damage(CorpusFile file, const Ask& ask)
{
    constexpr unsigned char changes[] = {0xFF, 0x01, 0x80, 0x20, 0x7F};
    const auto count = std::min(damages_a_file, file.bytes.size());
    for (std::size_t n = 0; n < count; ++n) {
        const auto at = n * file.bytes.size() / count;
        const auto before = file.bytes[at];
        file.bytes[at] ^= std::byte{changes[n % std::size(changes)]};
        CAPTURE(at);
        ask(file.bytes);
        file.bytes[at] = before;
    }
}

void promised(const fuzz::Fault& fault)
{
    if (fault) FAIL_CHECK(*fault);
}

}  // namespace

TEST_CASE("catalog: every format has a name of its own, a reader, and words for people")
{
    std::set<std::string_view> names;
    for (const auto& driver : drivers::catalog()) {
        CAPTURE(driver.format);
        CHECK(names.insert(driver.format).second);
        CHECK(drivers::find_driver(driver.format) == &driver);
        CHECK_FALSE(driver.reader.empty());
        CHECK_FALSE(driver.doc.empty());
        REQUIRE(driver.listen != nullptr);
        CHECK(driver.listen({}).has_value());
    }
    CHECK(drivers::find_driver("no such format") == nullptr);
}

TEST_CASE("catalog: every format has a corpus, small enough to be kept")
{
    for (const auto& driver : drivers::catalog()) {
        const auto files = corpus(std::string{driver.format});
        CAPTURE(driver.format);
        CHECK_FALSE(files.empty());
        CHECK(files.size() <= 50);
        for (const auto& file : files) {
            CAPTURE(file.name);
            CHECK(file.bytes.size() <= 16 * 1024);
        }
    }
}

TEST_CASE("catalog: every driver understands something of its corpus")
{
    for (const auto& driver : drivers::catalog()) {
        CAPTURE(driver.format);
        const auto files = corpus(std::string{driver.format});
        CHECK(std::any_of(files.begin(), files.end(), [&](const CorpusFile& file) {
            return !fuzz::told_text(driver, file.bytes).empty()
                   && !fuzz::told_text(driver, file.bytes).starts_with("garbled");
        }));
    }
}

TEST_CASE("catalog: what is told does not depend on where the input is cut")
{
    for (const auto& driver : drivers::catalog()) {
        for (const auto& file : corpus(std::string{driver.format})) {
            CAPTURE(driver.format, file.name);
            promised(fuzz::listen_fault(driver, file.bytes));
            if (file.bytes.size() <= cut_everywhere_bytes_max)
                promised(fuzz::cut_anywhere_fault(driver, file.bytes));
        }
    }
}

TEST_CASE("catalog: any damaged byte is survived, and nothing unsound is told")
{
    for (const auto& driver : drivers::catalog()) {
        for (const auto& file : corpus(std::string{driver.format})) {
            CAPTURE(driver.format, file.name);
            damage(file, [&](const std::vector<std::byte>& bytes) {
                promised(fuzz::listen_fault(driver, bytes));
            });
        }
    }
}

TEST_CASE("catalog: live devices are survived, silent, refusing or damaged")
{
    for (const auto& driver : drivers::catalog()) {
        if (driver.converse == nullptr) continue;
        auto files = corpus(std::string{driver.format} + "-live");
        auto listened = corpus(std::string{driver.format});
        std::move(listened.begin(), listened.end(), std::back_inserter(files));
        for (const auto& file : files) {
            CAPTURE(driver.format, file.name);
            promised(fuzz::converse_fault(driver, file.bytes));
            damage(file, [&](const std::vector<std::byte>& bytes) {
                promised(fuzz::converse_fault(driver, bytes));
            });
        }
    }
}
