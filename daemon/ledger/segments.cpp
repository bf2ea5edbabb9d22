#include "daemon/ledger/segments.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace raiten::ledger {
namespace {

constexpr std::size_t compiled_max = 256;

}  // namespace

SegmentMatcher::SegmentMatcher() = default;
SegmentMatcher::~SegmentMatcher() = default;

Result<SegmentMatcher::Alone> SegmentMatcher::alone(const std::string& where)
{
    auto columns = compiler_.columns_of(where);
    if (!columns) return columns.error();
    SegmentPart part{where, std::move(columns).value()};
    const std::array<const SegmentPart*, 1> one{&part};
    auto statement = SegmentStatement::of(engine_, one);
    if (!statement) return problem_in(where, {0, statement.error().what});
    return Alone{std::move(part), std::move(statement).value()};
}

Result<void> SegmentMatcher::check(const std::string& where)
{
    if (where.empty()) return {};
    const auto compiled = alone(where);
    if (!compiled) return compiled.error();
    return {};
}

bool SegmentMatcher::matches(const std::string& where, const ScoreCard& card)
{
    if (where.empty()) return true;
    auto found = compiled_.find(where);
    if (found == compiled_.end()) {
        auto made = alone(where);
        if (!made) {
            ++failures_;
            return false;
        }
        if (compiled_.size() >= compiled_max) compiled_.clear();
        found = compiled_.emplace(where, std::move(made).value()).first;
    }
    std::array<std::uint8_t, 1> answer{};
    if (!found->second.statement.answer(card, answer)) ++failures_;
    return answer[0] != 0;
}

/// The expressions of a moment. Those that compile are asked together, in runs of one statement;
/// whoever fails at run time leaves its run for one of its own.
///
///     wheres      w0   ""   w2   (nonsense)   w4   w5 (failed once)   w6
///     matching_   r0   1    r0   0            r0   r1                 r0
class SegmentMatcher::Together final : public SegmentSet {
 public:
    Together(SegmentMatcher& matcher, const std::vector<std::string>& wheres)
        : matcher_{matcher}, matching_(wheres.size())
    {
        std::vector<Asked> sound;
        for (std::size_t i = 0; i < wheres.size(); ++i) {
            if (wheres[i].empty()) {
                matching_[i] = 1;
            } else if (auto one = matcher_.alone(wheres[i])) {
                sound.push_back({i, std::move(one->part)});
            } else {
                ++unreadable_;
            }
        }
        for (auto from = sound.begin(); from != sound.end();) {
            const auto many = std::min(
                sound.end() - from, static_cast<std::ptrdiff_t>(SegmentStatement::expressions_max));
            put({std::make_move_iterator(from), std::make_move_iterator(from + many)}, runs_);
            from += many;
        }
    }

    std::span<const std::uint8_t> matching(const ScoreCard& card) override
    {
        matcher_.failures_ += unreadable_;
        std::vector<Run> apart;
        for (auto& run : runs_)
            if (!ask(run, card)) take_apart(run, card, apart);
        if (!apart.empty()) {
            std::erase_if(runs_, [](const Run& run) { return run.asked.empty(); });
            std::move(apart.begin(), apart.end(), std::back_inserter(runs_));
        }
        return matching_;
    }

 private:
    struct Asked {
        std::size_t place{};  ///< in matching_
        SegmentPart part;
    };
    struct Run {
        std::vector<Asked> asked;
        SegmentStatement statement;
        std::vector<std::uint8_t> answers;
    };

    Result<Run> made(std::vector<Asked> asked)
    {
        std::vector<const SegmentPart*> parts;
        for (const auto& each : asked) parts.push_back(&each.part);
        auto statement = SegmentStatement::of(matcher_.engine_, parts);
        if (!statement) return statement.error();
        std::vector<std::uint8_t> answers(asked.size());
        return Run{std::move(asked), std::move(statement).value(), std::move(answers)};
    }

    /// As one run; where SQLite does not take them together, as one each.
    void put(std::vector<Asked> asked, std::vector<Run>& into)
    {
        if (auto run = made(asked)) return into.push_back(std::move(run).value());
        if (asked.size() == 1) {
            ++unreadable_;
            return;
        }
        for (auto& each : asked) put({std::move(each)}, into);
    }

    /// False where it is not known which one failed.
    bool ask(Run& run, const ScoreCard& card)
    {
        const bool answered = run.statement.answer(card, run.answers);
        if (!answered && run.asked.size() > 1) return false;
        for (std::size_t n = 0; n < run.asked.size(); ++n)
            matching_[run.asked[n].place] = answered ? run.answers[n] : 0;
        if (!answered) ++matcher_.failures_;
        return true;
    }

    /// Each alone; who failed stays so. Where nobody does, it was all of them together.
    void take_apart(Run& run, const ScoreCard& card, std::vector<Run>& apart)
    {
        std::vector<Run> failing;
        std::vector<Run> sound;
        for (const auto& each : run.asked) {
            std::vector<Run> one;
            put({each}, one);
            if (one.empty()) continue;
            const auto before = matcher_.failures_;
            ask(one.front(), card);
            (matcher_.failures_ > before ? failing : sound).push_back(std::move(one.front()));
        }
        run.asked.clear();
        matcher_.set_apart_ += failing.size();
        if (failing.empty()) {
            std::move(sound.begin(), sound.end(), std::back_inserter(apart));
        } else {
            std::vector<Asked> rest;
            for (auto& each : sound) rest.push_back(std::move(each.asked.front()));
            if (!rest.empty()) put(std::move(rest), apart);
        }
        std::move(failing.begin(), failing.end(), std::back_inserter(apart));
    }

    SegmentMatcher& matcher_;
    std::vector<std::uint8_t> matching_;
    std::vector<Run> runs_;
    std::uint64_t unreadable_{};
};

std::unique_ptr<SegmentSet> SegmentMatcher::together(const std::vector<std::string>& wheres)
{
    return std::make_unique<Together>(*this, wheres);
}

}  // namespace raiten::ledger
