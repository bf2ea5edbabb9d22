#include "drivers/escpos/pattern_list.hpp"

#include "drivers/escpos/receipt.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace raiten::drivers::escpos {
namespace {

/// Of compiled patterns: a hostile one is refused, not given the machine.
constexpr std::int64_t compiled_bytes_max = 4 << 20;

std::string trimmed(const re2::StringPiece& piece)
{
    std::string_view text{piece.data(), piece.size()};
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return std::string{text};
}

re2::StringPiece view(std::string_view text)
{
    return {text.data(), text.size()};
}

std::string missing(const re2::RE2& pattern, PatternList::Shape shape)
{
    if (shape == PatternList::Shape::capture && pattern.NumberOfCapturingGroups() != 1)
        return "needs exactly one group in brackets, the part to take";
    if (shape != PatternList::Shape::item) return {};
    const auto& names = pattern.NamedCapturingGroups();
    if (!names.contains("name") || !names.contains("amount"))
        return "needs the groups (?P<name>...) and (?P<amount>...)";
    return {};
}

constexpr int groups_max = 16;

}  // namespace

PatternList::PatternList() = default;
PatternList::PatternList(PatternList&&) noexcept = default;
PatternList& PatternList::operator=(PatternList&&) noexcept = default;
PatternList::~PatternList() = default;

Result<PatternList> PatternList::compile(std::string_view key,
                                         const std::vector<std::string>& patterns, Shape shape)
{
    if (patterns.size() > patterns_a_list_max)
        return Problem{"more than " + std::to_string(patterns_a_list_max) + " patterns",
                       std::string{key}, "join some with |"};

    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(compiled_bytes_max);
    PatternList list;
    for (std::size_t n = 0; n < patterns.size(); ++n) {
        const std::string where = std::string{key} + "[" + std::to_string(n) + "]";
        if (patterns[n].size() > pattern_bytes_max)
            return Problem{"longer than " + std::to_string(pattern_bytes_max) + " bytes", where,
                           "make it two patterns"};
        auto compiled = std::make_unique<re2::RE2>(patterns[n], options);
        if (!compiled->ok())
            return Problem{"not a regular expression: " + compiled->error(), where,
                           "RE2 syntax: no look-around, no back-references"};
        if (auto lack = missing(*compiled, shape); !lack.empty())
            return Problem{std::move(lack), where, "other groups are written (?:...)"};
        if (compiled->NumberOfCapturingGroups() >= groups_max)
            return Problem{"too many groups", where, "write (?:...) where nothing is taken"};
        list.patterns_.push_back(std::move(compiled));
    }
    return list;
}

void PatternList::join(PatternScan& scan, std::size_t list)
{
    list_ = list;
    scan.add(list, patterns_);
}

bool PatternList::matches_any(std::span<const ScannedLine> lines) const
{
    return std::any_of(lines.begin(), lines.end(),
                       [this](const ScannedLine& line) { return matches(line); });
}

std::optional<std::string> PatternList::capture_by(std::size_t pattern,
                                                   const ScannedLine& line) const
{
    re2::StringPiece found;
    if (!hit(pattern, line)) return std::nullopt;
    if (!re2::RE2::PartialMatch(view(line.text), *patterns_[pattern], &found)) return std::nullopt;
    auto text = trimmed(found);
    if (text.empty()) return std::nullopt;
    return text;
}

std::optional<std::string> PatternList::first_capture(std::span<const ScannedLine> lines,
                                                      const PatternList* except) const
{
    for (std::size_t n = 0; n < size(); ++n) {
        for (const auto& line : lines) {
            if (except != nullptr && except->matches(line)) continue;
            if (auto found = capture_by(n, line)) return found;
        }
    }
    return std::nullopt;
}

std::optional<PatternList::Item> PatternList::item(const ScannedLine& line) const
{
    for (std::size_t n = 0; n < size(); ++n) {
        if (!hit(n, line)) continue;
        const auto& pattern = *patterns_[n];
        std::array<re2::StringPiece, groups_max> groups;
        const int wanted = pattern.NumberOfCapturingGroups() + 1;
        if (!pattern.Match(view(line.text), 0, line.text.size(), re2::RE2::UNANCHORED,
                           groups.data(), wanted))
            continue;
        const auto& names = pattern.NamedCapturingGroups();
        const auto group = [&](const char* name) {
            const auto place = names.find(name);
            if (place == names.end()) return std::string{};
            return trimmed(groups[static_cast<std::size_t>(place->second)]);
        };
        return Item{group("name"), group("amount"), group("quantity"), group("sku")};
    }
    return std::nullopt;
}

}  // namespace raiten::drivers::escpos
