#include "tests/bench/accuracy/figures.hpp"

#include "daemon/model/rules.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>

namespace raiten::accuracy {
namespace {

using std::chrono::minutes;

constexpr double receptions_least = 8;

double seconds_between(Instant a, Instant b)
{
    return std::abs(std::chrono::duration<double>(a - b).count());
}

class Judge {
 public:
    explicit Judge(const StoreBook& book) : book_{book}
    {
        for (const auto& each : book.truth) truth_.push_back(each.visit);
        for (const auto& each : book.found) found_.push_back(each.visit);
        matches_ = match(truth_, found_, book.deaf);
        std::map<std::uint32_t, std::vector<std::size_t>> of;
        for (std::size_t t = 0; t < truth_.size(); ++t) of[truth_[t].person].push_back(t);
        before_.resize(truth_.size());
        for (auto& [person, visits] : of) {
            std::sort(visits.begin(), visits.end(), [&](std::size_t a, std::size_t b) {
                return truth_[a].span.from < truth_[b].span.from;
            });
            for (std::size_t i = 1; i < visits.size(); ++i) before_[visits[i]] = visits[i - 1];
        }
    }

    Figures take()
    {
        visits();
        returns();
        triggers();
        for (const auto& each : book_.found) {
            out_.inferred_wrong.hits += each.inferred_wrong;
            out_.inferred_wrong.of += each.inferred;
        }
        out_.join = {book_.nameless_given, book_.nameless_sales};
        out_.of_fixtures = book_.of_fixtures;
        out_.inaudible = book_.inaudible;
        out_.events = book_.events;
        return std::move(out_);
    }

 private:
    /// The row of the table in which a visit of this length belongs; none for the very short.
    Found* row_of(Millis heard)
    {
        if (heard >= minutes{5}) return &out_.whole;
        const double receptions = static_cast<double>(heard.count())
                                  / static_cast<double>(book_.advertising.count())
                                  * book_.reception;
        return heard >= minutes{1} && receptions >= receptions_least ? &out_.brief : nullptr;
    }

    bool known(std::size_t t) const
    {
        return truth_[t].audible && book_.deaf.heard(truth_[t].span) > Millis{0};
    }

    void visits()
    {
        for (std::size_t t = 0; t < truth_.size(); ++t) {
            if (!truth_[t].audible) continue;
            if (!known(t)) {
                ++out_.unknown;
                continue;
            }
            const auto& found = matches_.found[t];
            if (auto* row = row_of(book_.deaf.heard(truth_[t].span))) {
                row->recall.count(found && found_[*found].audible);
            }
            if (!found || !found_[*found].audible) continue;
            const auto& was = truth_[t].span;
            const auto& is = found_[*found].span;
            if (was.to - was.from < minutes{1}) continue;
            if (!book_.deaf.at(was.from))
                out_.entry_seconds.push_back(seconds_between(is.from, was.from));
            if (!book_.deaf.at(was.to)) out_.exit_seconds.push_back(seconds_between(is.to, was.to));
        }
        for (std::size_t f = 0; f < found_.size(); ++f) {
            if (!found_[f].audible) continue;
            const auto& was = matches_.truth[f];
            if (auto* row = row_of(book_.deaf.heard(found_[f].span)))
                row->precision.count(was.has_value());
            const auto span = found_[f].span;
            out_.false_visits += !was && span.to - span.from >= minutes{1} ? 1U : 0U;
        }
    }

    bool is_return(std::size_t t) const
    {
        const auto& before = before_[t];
        return before && !book_.truth[*before].bought
               && truth_[t].span.from - truth_[*before].span.to <= VisitRules{}.return_window;
    }
    /// The visit before ended with a sale, and nothing says whose it was.
    bool silent_before(std::size_t t) const
    {
        const auto& before = before_[t];
        if (!before || !book_.truth[*before].bought) return false;
        const auto& sales = book_.truth[*before].sales;
        return std::none_of(sales.begin(), sales.end(), [](const Sale& s) { return s.named; });
    }
    /// Nobody could know the visit or the one before it.
    bool dark(std::size_t t) const { return !known(t) || (before_[t] && !known(*before_[t])); }

    void returns()
    {
        for (std::size_t t = 0; t < truth_.size(); ++t) {
            if (dark(t) || !is_return(t)) continue;
            const auto& found = matches_.found[t];
            const bool hit = found && book_.found[*found].returned;
            out_.returns.recall.count(hit);
            out_.told_returns.recall.count(hit);
        }
        for (std::size_t f = 0; f < found_.size(); ++f) {
            if (!book_.found[f].returned) continue;
            const auto& was = matches_.truth[f];
            if (was && dark(*was)) continue;
            const bool hit = was && is_return(*was);
            out_.returns.precision.count(hit);
            if (!was || !silent_before(*was)) out_.told_returns.precision.count(hit);
        }
    }

    /// By found visit: the one before, of the same person, was none.
    std::vector<bool> after_a_false_visit() const
    {
        std::vector<std::size_t> order(found_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return std::pair{found_[a].person, found_[a].span.from}
                   < std::pair{found_[b].person, found_[b].span.from};
        });
        std::vector<bool> out(found_.size());
        for (std::size_t i = 1; i < order.size(); ++i)
            out[order[i]] = found_[order[i]].person == found_[order[i - 1]].person
                            && !matches_.truth[order[i - 1]];
        return out;
    }

    void triggers()
    {
        std::unordered_map<std::uint64_t, std::size_t> numbers;
        for (std::size_t f = 0; f < book_.found.size(); ++f) numbers[book_.found[f].id] = f;
        const auto misled = after_a_false_visit();
        for (const auto& trigger : book_.triggers) {
            auto& live = out_.live;
            const auto found = numbers.find(trigger.visit);
            std::optional<std::size_t> was;
            if (found != numbers.end()) was = matches_.truth[found->second];
            if (was && dark(*was)) continue;
            ++live.triggers;
            if (was && is_return(*was)) continue;
            ++live.wrong;
            if (!was || !before_[*was] || misled[found->second]) {
                ++live.no_visit;
                continue;
            }
            std::optional<std::size_t> named, alone;
            for (const auto& sale : book_.truth[*before_[*was]].sales) {
                auto& told = sale.named ? named : alone;
                if (sale.named || sale.alone) told = std::min(told.value_or(sale.told), sale.told);
            }
            if (named && *named < trigger.decided) {
                ++live.after_named;
            } else if (alone && *alone < trigger.decided) {
                ++live.after_alone;
            } else if (named || alone) {
                const auto told = std::min(named.value_or(SIZE_MAX), alone.value_or(SIZE_MAX));
                ++live.told_later;
                live.revoked_at_once += trigger.revoked && *trigger.revoked <= told + 1 ? 1U : 0U;
            } else {
                ++live.never_told;
            }
        }
    }

    const StoreBook& book_;
    std::vector<Visit> truth_, found_;
    Matches matches_;
    std::vector<std::optional<std::size_t>> before_;
    Figures out_;
};

void add(std::vector<double>& to, const std::vector<double>& from)
{
    to.insert(to.end(), from.begin(), from.end());
}

void add(Found& to, const Found& from)
{
    to.recall += from.recall;
    to.precision += from.precision;
}

}  // namespace

Live& Live::operator+=(const Live& other)
{
    triggers += other.triggers;
    wrong += other.wrong;
    after_named += other.after_named;
    after_alone += other.after_alone;
    told_later += other.told_later;
    revoked_at_once += other.revoked_at_once;
    never_told += other.never_told;
    no_visit += other.no_visit;
    return *this;
}

Figures& Figures::operator+=(const Figures& other)
{
    add(whole, other.whole);
    add(brief, other.brief);
    unknown += other.unknown;
    add(entry_seconds, other.entry_seconds);
    add(exit_seconds, other.exit_seconds);
    add(returns, other.returns);
    add(told_returns, other.told_returns);
    live += other.live;
    inferred_wrong += other.inferred_wrong;
    join += other.join;
    false_visits += other.false_visits;
    of_fixtures += other.of_fixtures;
    inaudible += other.inaudible;
    events += other.events;
    return *this;
}

Figures judge(const StoreBook& book)
{
    return Judge{book}.take();
}

}  // namespace raiten::accuracy
