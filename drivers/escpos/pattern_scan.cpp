#include "drivers/escpos/pattern_scan.hpp"

#include <re2/re2.h>
#include <re2/set.h>

namespace raiten::drivers::escpos {
namespace {

constexpr std::int64_t automaton_bytes_max = 8 << 20;

re2::StringPiece view(std::string_view text)
{
    return {text.data(), text.size()};
}

re2::RE2::Options options()
{
    re2::RE2::Options quiet;
    quiet.set_log_errors(false);
    quiet.set_max_mem(automaton_bytes_max);
    return quiet;
}

}  // namespace

struct PatternScan::Automaton {
    struct Place {
        const re2::RE2* pattern;
        std::size_t list;
        std::uint64_t bit;
    };

    re2::RE2::Set set{options(), re2::RE2::UNANCHORED};
    std::vector<Place> places;  ///< by the set's own numbers
    bool complete{true};        ///< all patterns are in it, and it was compiled
};

PatternScan::PatternScan() : automaton_{std::make_unique<Automaton>()} {}
PatternScan::PatternScan(PatternScan&&) noexcept = default;
PatternScan& PatternScan::operator=(PatternScan&&) noexcept = default;
PatternScan::~PatternScan() = default;

void PatternScan::add(std::size_t list, const Patterns& patterns)
{
    for (std::size_t n = 0; n < patterns.size(); ++n) {
        const int number = automaton_->set.Add(patterns[n]->pattern(), nullptr);
        automaton_->complete =
            automaton_->complete && number == static_cast<int>(automaton_->places.size());
        automaton_->places.push_back({patterns[n].get(), list, std::uint64_t{1} << n});
    }
}

void PatternScan::compile()
{
    automaton_->complete = automaton_->set.Compile() && automaton_->complete;
}

void PatternScan::look(std::span<ScannedLine> lines) const
{
    std::vector<int> found;
    for (auto& line : lines) {
        line.hits = {};
        re2::RE2::Set::ErrorInfo error{re2::RE2::Set::kOutOfMemory};
        if (automaton_->complete) automaton_->set.Match(view(line.text), &found, &error);
        if (error.kind != re2::RE2::Set::kNoError) {
            line.hits = ask_each(line.text);
            continue;
        }
        for (const int number : found) {
            const auto& place = automaton_->places[static_cast<std::size_t>(number)];
            line.hits[place.list] |= place.bit;
        }
    }
}

PatternHits PatternScan::ask_each(std::string_view line) const
{
    PatternHits hits{};
    for (const auto& place : automaton_->places)
        if (re2::RE2::PartialMatch(view(line), *place.pattern)) hits[place.list] |= place.bit;
    return hits;
}

}  // namespace raiten::drivers::escpos
