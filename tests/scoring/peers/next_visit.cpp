#include "tests/scoring/peers/next_visit.hpp"

#include "daemon/scoring/next_visit.hpp"
#include "daemon/scoring/rhythm_fit.hpp"
#include "tests/scoring/peers/table.hpp"

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <stdexcept>

namespace raiten::peers {
namespace {

using namespace raiten::scoring;
using std::chrono::days;
using std::chrono::minutes;

/// Visits by member, ascending, and what the peers' files count as day 0.
struct Log {
    std::string name;
    std::filesystem::path reference;  ///< of the peers, up to "_nextvisit"
    std::map<std::string, std::vector<WallTime>> members;
    WallDay day_zero{};
    std::size_t history_min{};
    bool has_hours{true};
    std::string median_or_shrunk;  ///< column of the peer who errs least
    std::string hours_peer;        ///< column of the peer who hits most, of those by case
};

WallDay day_named(const std::string& iso)
{
    const int year = std::atoi(iso.substr(0, 4).c_str());
    const auto month = static_cast<unsigned>(std::atoi(iso.substr(5, 2).c_str()));
    const auto day = static_cast<unsigned>(std::atoi(iso.substr(8, 2).c_str()));
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    return static_cast<WallDay>(std::chrono::local_days{date}.time_since_epoch().count());
}

WallTime at(WallDay day, int minute)
{
    return WallTime{days{day}} + minutes{minute};
}

void sort(Log& log)
{
    for (auto& [name, visits] : log.members) std::sort(visits.begin(), visits.end());
}

Log check_ins(const std::filesystem::path& folder)
{
    Log log{"check-ins", folder / "checkins_shared", {}, 0, 8, true, "p_eblog", "h_eb"};
    const Table rows{folder / "checkins_shared.csv.gz"};
    // The file counts its days from 0; a Monday of ours that suits its weekdays.
    const auto weekday = static_cast<int>(rows.number(0, "weekday"));
    const auto first = static_cast<int>(rows.number(0, "start_day"));
    log.day_zero = 7 * 2'100 + 4 + ((weekday - first) % 7 + 7) % 7;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        log.members[rows.text(row, "user_id") + "@" + rows.text(row, "location_id")].push_back(
            at(log.day_zero + static_cast<int>(rows.number(row, "start_day")),
               static_cast<int>(rows.number(row, "start_min"))));
    sort(log);
    return log;
}

Log online_retail(const std::filesystem::path& folder)
{
    Log log{"online retail",
            folder / "online_retail_shared",
            {},
            day_named("2010-12-01"),
            5,
            true,
            "p_eblog",
            "h_circmean"};
    const Table rows{folder / "online_retail_shared.csv.gz"};
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        if (rows.text(row, "InvoiceNo").front() == 'C' || rows.number(row, "Quantity") <= 0
            || rows.number(row, "UnitPrice") <= 0)
            continue;
        const auto& when = rows.text(row, "InvoiceDate");
        const int minute =
            std::atoi(when.substr(11, 2).c_str()) * 60 + std::atoi(when.substr(14, 2).c_str());
        log.members[rows.text(row, "CustomerID")].push_back(at(day_named(when), minute));
    }
    sort(log);
    return log;
}

Log grocery(const std::filesystem::path& folder)
{
    Log log{"grocery", folder / "grocery", {}, day_named("2006-01-01"), 5, false, "p_med", ""};
    const Table rows{folder / "groceryElog.csv.gz"};
    for (std::size_t row = 0; row < rows.rows(); ++row)
        log.members[rows.text(row, "cust")].push_back(at(day_named(rows.text(row, "date")), 0));
    sort(log);
    return log;
}

/// The number that follows `keys`, each looked for behind the one before.
double number_behind(const std::string& json, std::initializer_list<std::string_view> keys)
{
    std::size_t place = 0;
    for (const auto key : keys) {
        place = json.find('"' + std::string{key} + '"', place);
        if (place == std::string::npos) throw std::runtime_error{"no " + std::string{key}};
        place += key.size() + 2;
    }
    return std::strtod(json.c_str() + json.find(':', place) + 1, nullptr);
}

/// Everything foretold in one walk.
struct Walk {
    std::vector<double> error, peer_error, median_apart;
    std::vector<double> hit, peer_hit;
    std::size_t held{};
    std::vector<double> p_week;
    std::vector<std::uint8_t> came;
};

/// A member's visits by day, and where its story stands.
struct Story {
    std::vector<VisitDay> days;
    Rhythm so_far;
    std::size_t told{};
};

class Walker {
 public:
    explicit Walker(const Log& log) : log_{log}, peers_{named("_nextvisit_ref_predictions.csv.gz")}
    {
        const auto told = text_of(named("_nextvisit_ref.json"));
        cut_ = number_behind(told, {"cut_day"});
        end_ = number_behind(told, {"end_day"});
        for (std::size_t row = 0; row < peers_.rows(); ++row)
            rows_[{peers_.text(row, "m"), static_cast<std::size_t>(peers_.number(row, "i"))}] = row;
        for (const auto& [name, visits] : log.members) stories_.emplace_back(name, story(visits));
    }

    Walk walk()
    {
        const auto first = log_.day_zero + static_cast<WallDay>(std::ceil(cut_));
        const auto last = log_.day_zero + static_cast<WallDay>(end_) + 1;
        // Gaps that begin between the cut and the next midnight belong to a day of their own.
        if (std::floor(cut_) < std::ceil(cut_)) tell(first - 1, first);
        for (auto week = first; week < last; week += 7) {
            tell(week, std::min(week + 7, last), week + 7 <= log_.day_zero + end_);
        }
        if (found_.error.size() != rows_.size())
            throw std::runtime_error{log_.name + ": not the cases of the peers"};
        return found_;
    }

    std::filesystem::path named(const std::string& end) const
    {
        auto path = log_.reference;
        return path += end;
    }

 private:
    static Story story(const std::vector<WallTime>& visits)
    {
        Story story;
        for (const auto visit : visits) {
            Rhythm one;
            one.note(visit);
            if (story.days.empty() || story.days.back().day < one.last_day())
                story.days.push_back({one.last_day(), one.slots().front()});
        }
        return story;
    }

    /// Fits on what was before `from` and foretells from each visit before `until` the next.
    void tell(WallDay from, WallDay until, bool week = false)
    {
        RhythmSample sample;
        std::uint64_t number = 0;
        for (const auto& [name, visits] : log_.members) {
            const auto end = std::lower_bound(visits.begin(), visits.end(), at(from, 0));
            sample.note(number++, {visits.begin(), end});
        }
        const auto fit = fit_rhythm(sample, from, model_, false);
        if (!fit) throw std::runtime_error{log_.name + ": " + fit.error().text()};
        model_ = fit->model;
        for (auto& [name, story] : stories_) {
            follow(story, from);
            if (week && story.days.size() > log_.history_min && story.told >= log_.history_min)
                ask_week(story, from);
            for (; story.told < story.days.size() && story.days[story.told].day < until;) {
                story.so_far.note(story.days[story.told++]);
                ask_gap(name, story);
            }
        }
    }
    static void follow(Story& story, WallDay until)
    {
        for (; story.told < story.days.size() && story.days[story.told].day < until; ++story.told)
            story.so_far.note(story.days[story.told]);
    }

    void ask_week(const Story& story, WallDay from)
    {
        found_.p_week.push_back(next_visit(*model_, story.so_far, at(from, 0)).p_within_7d);
        const bool came = story.told < story.days.size() && story.days[story.told].day < from + 7;
        found_.came.push_back(came ? 1 : 0);
    }

    void ask_gap(const std::string& name, const Story& story)
    {
        const auto row = rows_.find({name, story.told - 1});
        if (row == rows_.end()) return;
        const auto& last = story.days[story.told - 1];
        const auto& next = story.days[story.told];
        const double gap = next.day - last.day;
        const auto told = next_visit(*model_, story.so_far, at(last.day, last.slot * 15));
        found_.error.push_back(std::abs(told.gap_days - gap));
        found_.peer_error.push_back(
            std::abs(peers_.number(row->second, log_.median_or_shrunk) - gap));
        found_.held += told.gap_least <= gap && gap <= told.gap_most ? 1 : 0;
        found_.median_apart.push_back(std::abs(median(story) - peers_.number(row->second, "p_med"))
                                      + std::abs(gap - peers_.number(row->second, "actual_gap")));
        if (!log_.has_hours) return;
        const auto day = day_profile(model_->hours, story.so_far, weekday_of(next.day));
        const auto window = best_window(day);
        const auto minute = next.slot * minutes{15};  // windows begin and end with a slot
        found_.hit.push_back(window.from <= minute && minute < window.to ? 1 : 0);
        found_.peer_hit.push_back(peers_.number(row->second, log_.hours_peer));
    }

    /// A peer of the peers: the median of all gaps so far.
    static double median(const Story& story)
    {
        std::vector<double> gaps;
        for (std::size_t i = 1; i < story.told; ++i)
            gaps.push_back(story.days[i].day - story.days[i - 1].day);
        std::sort(gaps.begin(), gaps.end());
        return (gaps[(gaps.size() - 1) / 2] + gaps[gaps.size() / 2]) / 2;
    }

    const Log& log_;
    Table peers_;
    double cut_{}, end_{};
    std::map<std::pair<std::string, std::size_t>, std::size_t> rows_;
    std::vector<std::pair<std::string, Story>> stories_;
    std::optional<RhythmModel> model_;
    Walk found_;
};

double mean(const std::vector<double>& values)
{
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

double log_loss(const std::vector<double>& p, const std::vector<std::uint8_t>& came)
{
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        sum -= std::log(std::max(1e-6, came[i] != 0 ? p[i] : 1 - p[i]));
    return sum / static_cast<double>(p.size());
}

/// 80 % ± 2 % where many were foretold, else what chance allows in 99 of 100 cases.
Mark coverage(const std::string& name, std::size_t held, std::size_t of)
{
    const double share = static_cast<double>(held) / static_cast<double>(of);
    double enough = 0.02;
    if (of < 2'000) {
        const boost::math::binomial_distribution<double> chance{static_cast<double>(of), 0.8};
        const double edge = boost::math::quantile(chance, share < 0.8 ? 0.005 : 0.995);
        enough = std::abs(edge / static_cast<double>(of) - 0.8);
    }
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), ": 80 %% intervals held %.4f of %zu, apart", share, of);
    return {name + text.data(), std::abs(share - 0.8), "nominal", 0, enough, true};
}

void mark_hours(std::vector<Mark>& marks, const Log& log, const Walk& walk, const std::string& ml)
{
    const auto difference = bootstrap_means(walk.hit, walk.peer_hit);
    const std::string name = log.name + ": hit of the 3-hour window";
    marks.push_back(
        beside_peer(name, mean(walk.hit), log.hours_peer, mean(walk.peer_hit), false, difference));
    // Known in the mean only; the error of the difference is that with the closest one by case.
    const double typed = number_behind(ml, {"hit_3h_daytype_known"});
    if (typed > mean(walk.peer_hit))
        marks.push_back({name, mean(walk.hit), "histogram by type of day", typed,
                         typed - difference.standard_error, false});
}

void mark_weeks(std::vector<Mark>& marks, const Log& log, const Walk& walk, const std::string& ml)
{
    const double renewal = number_behind(ml, {"renewal_x_alive", "AUC"});
    const double boosted = number_behind(ml, {"gbm", "AUC"});
    const double best = std::max(renewal, boosted);
    const auto difference = bootstrap(
        walk.came.size(),
        [&](std::span<const std::uint32_t> cases) { return auc(walk.p_week, walk.came, cases); },
        [&](std::span<const std::uint32_t>) { return best; }, 100);
    marks.push_back({log.name + ": AUC of a visit within 7 days", auc(walk.p_week, walk.came),
                     renewal < boosted ? "gradient boosting" : "renewal x alive", best, best, false,
                     difference});
    const double loss = number_behind(ml, {"renewal_x_alive", "logloss"});
    marks.push_back({log.name + ": log loss of a visit within 7 days",
                     log_loss(walk.p_week, walk.came), "renewal x alive", loss, loss, true});
    const double asked = number_behind(ml, {"n_test"});
    marks.push_back({log.name + ": weeks foretold apart from the peers'",
                     std::abs(asked - static_cast<double>(walk.came.size())), "same cases", 0, 0,
                     true});
}

void mark(std::vector<Mark>& marks, const Log& log)
{
    Walker walker{log};
    const auto walk = walker.walk();
    const auto ml = text_of(walker.named("_nextvisit_ml_ref.json"));
    marks.push_back({log.name + ": personal medians apart from the peers'",
                     *std::max_element(walk.median_apart.begin(), walk.median_apart.end()),
                     "same cases", 0, 1e-6, true});
    marks.push_back(beside_peer(log.name + ": mean error of the gap, days", mean(walk.error),
                                log.median_or_shrunk, mean(walk.peer_error), true,
                                bootstrap_means(walk.error, walk.peer_error)));
    marks.push_back(coverage(log.name, walk.held, walk.error.size()));
    if (log.has_hours) mark_hours(marks, log, walk, ml);
    mark_weeks(marks, log, walk, ml);
}

}  // namespace

std::vector<Mark> next_visit_marks()
{
    std::vector<Mark> marks;
    if (const auto folder = shared_history("checkins_nyc")) mark(marks, check_ins(*folder));
    if (const auto folder = shared_history("online_retail")) mark(marks, online_retail(*folder));
    if (const auto folder = shared_history("grocery")) mark(marks, grocery(*folder));
    return marks;
}

}  // namespace raiten::peers
