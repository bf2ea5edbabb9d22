#include "daemon/app/member_figures.hpp"

#include "daemon/scoring/rfm.hpp"

#include <optional>

namespace raiten::app {
namespace {

using scoring::Custom;

constexpr double day_ms = 24.0 * 60 * 60 * 1000;
constexpr auto dormant = static_cast<std::size_t>(Stage::dormant);

double days_between(Instant from, Instant to)
{
    return static_cast<double>((to - from).count()) / day_ms;
}

/// What one moment's ranks and stages are made from.
struct Moment {
    Instant at;
    std::vector<Custom> customs;
    std::vector<scoring::StageInputs> inputs;

    /// Its place in the lists; nothing for who had not come yet.
    std::optional<std::uint32_t> add(const Standing& standing)
    {
        if (standing.visits == 0) return std::nullopt;
        const Instant last = standing.bought_at.value_or(*standing.last_at);
        customs.push_back(
            {static_cast<double>(std::chrono::floor<std::chrono::days>(at - last).count()),
             static_cast<double>(standing.frequency), standing.monetary.units(),
             standing.purchases > 0});
        inputs.push_back({static_cast<std::uint32_t>(standing.purchases),
                          days_between(*standing.first_at, at),
                          days_between(*standing.last_at, at),
                          {},
                          0});
        return static_cast<std::uint32_t>(inputs.size() - 1);
    }

    Stage stage(std::uint32_t place, const scoring::RfmCuts& cuts) const
    {
        auto member = inputs[place];
        member.rfm_sum = cuts.rank(customs[place]).sum();
        return scoring::stage_of(member);
    }
};

void count_ranks(MemberFigures& figures, const Moment& now, const scoring::RfmCuts& cuts)
{
    for (const auto& custom : now.customs) {
        const auto ranks = cuts.rank(custom);
        ++figures.rfm[0][ranks.r - 1U];
        ++figures.rfm[1][ranks.f - 1U];
        ++figures.rfm[2][ranks.m - 1U];
        ++figures.rfm_sums[ranks.sum() - 3];
    }
}

Opinion opinion_of(const ledger::SurveyDay& day)
{
    Opinion out;
    for (std::size_t score = 0; score < day.answers.size(); ++score)
        (score >= 9   ? out.promoters
         : score >= 7 ? out.passives
                      : out.detractors) += day.answers[score];
    return out;
}

}  // namespace

Result<MemberFigures> member_figures(ledger::Histories& past, const Period& period,
                                     const LifetimeCosts& costs, const std::atomic<bool>& cancelled)
{
    MemberFigures out;
    out.period = period;
    Moment before{period.from, {}, {}};
    Moment after{period.to, {}, {}};
    struct Places {
        std::optional<std::uint32_t> before;
        std::uint32_t after{};
    };
    std::vector<Places> places;

    const auto read = past.each_member([&](const ledger::MemberHistory& history) {
        MemberStory story{period, history.complete};
        for (const auto& visit : history.visits)
            story.note({visit.opened_at, visit.purchase, visit.streak, visit.spend});
        const auto standing = after.add(story.at_to());
        if (!standing) return !cancelled;
        ++out.members;
        places.push_back({before.add(story.at_from()), *standing});
        out.cohorts.add(story, period);
        out.returning.add(story);
        out.lifetime.add(story);
        return !cancelled;
    });
    if (!read) return read.error();
    const auto days = past.survey_days(period.from, period.to);
    if (!days) return days.error();
    if (cancelled) return Problem{"the service is stopping"};

    const auto cuts_before = scoring::RfmCuts::of(before.customs);
    const auto cuts_after = scoring::RfmCuts::of(after.customs);
    count_ranks(out, after, cuts_after);
    for (const auto& member : places) {
        const auto to = static_cast<std::size_t>(after.stage(member.after, cuts_after));
        auto from = stage_count;
        if (member.before) {
            from = static_cast<std::size_t>(before.stage(*member.before, cuts_before));
            if (from != dormant) {
                ++out.churn.whole;
                if (to == dormant) ++out.churn.part;
            }
        }
        ++out.moves[from][to];
    }
    out.values = out.lifetime.values(costs, period.to);
    const auto by_model = past.model_value();
    if (!by_model) return by_model.error();
    out.model_value = *by_model;
    for (const auto& day : days.value()) {
        out.opinions.push_back({day.day, opinion_of(day)});
        out.opinion.add(out.opinions.back().opinion);
    }
    return out;
}

}  // namespace raiten::app
