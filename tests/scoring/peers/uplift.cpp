#include "tests/scoring/peers/uplift.hpp"

#include "daemon/scoring/uplift.hpp"
#include "daemon/scoring/uplift_curve.hpp"
#include "tests/scoring/peers/table.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <stdexcept>

namespace raiten::peers {
namespace {

using namespace scoring;

constexpr int splits = 20;

/// The number behind "key" after "section" in a text of JSON.
double number_in(const std::string& text, const std::string& section, const std::string& key)
{
    const auto from = text.find('"' + section + '"');
    const auto at = from == std::string::npos ? from : text.find('"' + key + "\":", from);
    if (at == std::string::npos) throw std::runtime_error{"no " + section + "." + key};
    return std::strtod(text.c_str() + at + key.size() + 3, nullptr);
}

double missing_or(const std::optional<double>& value)
{
    return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

/// A scored list, with the peer's figures of it.
void metric_marks(const Table& table, const std::string& reference, const std::string& mail,
                  std::vector<Mark>& marks)
{
    std::vector<double> score;
    std::vector<std::uint8_t> given, came;
    for (std::size_t i = 0; i < table.rows(); ++i) {
        if (table.text(i, "arm") != mail) continue;
        score.push_back(table.number(i, "score"));
        given.push_back(table.number(i, "treatment") != 0 ? 1 : 0);
        came.push_back(table.number(i, "visit") != 0 ? 1 : 0);
    }
    const RankedOutcomes ranked{score, given, came};
    const auto add = [&](const std::string& key, const std::optional<double>& ours) {
        const double peer = number_in(reference, mail, key);
        marks.push_back({mail + ", " + key + ", off by", std::abs(missing_or(ours) - peer),
                         "scikit-uplift's own", 0, 1e-9, true});
    };
    add("qini_auc", qini_coefficient(ranked));
    add("uplift_auc", uplift_coefficient(ranked));
    add("uplift_at_10_overall", uplift_at(ranked, 0.1));
    add("uplift_at_30_overall", uplift_at(ranked, 0.3));
    add("uplift_at_30_by_group", uplift_at_by_group(ranked, 0.3));
    add("weighted_average_uplift", weighted_average_uplift(ranked));
}

Mailing part_of(const Mailing& all, std::span<const std::uint32_t> members)
{
    Mailing out;
    for (const auto i : members) {
        const auto row = std::span{all.values}.subspan(i * Mailing::features, Mailing::features);
        out.values.insert(out.values.end(), row.begin(), row.end());
        out.given.push_back(all.given[i]);
        out.came.push_back(all.came[i]);
    }
    return out;
}

/// How likely those come who get the mail: what aiming at likely buyers ranks by.
LogisticModel response_model(const Mailing& mailing)
{
    Mailing given;
    std::vector<std::uint32_t> members;
    for (std::uint32_t i = 0; i < mailing.size(); ++i)
        if (mailing.given[i] != 0) members.push_back(i);
    given = part_of(mailing, members);
    return fit_logistic({Mailing::features, given.values, given.came}).value().model;
}

template <class Score>
double qini_of(const Mailing& mailing, const Score& score)
{
    std::vector<double> scores;
    for (std::size_t i = 0; i < mailing.size(); ++i)
        scores.push_back(
            score(std::span{mailing.values}.subspan(i * Mailing::features, Mailing::features)));
    return missing_or(qini_coefficient({scores, mailing.given, mailing.came}));
}

void half_marks(const std::string& mail, std::vector<Mark>& marks)
{
    const auto all = mailing(mail);
    std::mt19937 dice{20261123};
    std::vector<std::uint32_t> order(all.size());
    std::vector<double> ours, response;
    double above = 0;
    for (int split = 0; split < splits; ++split) {
        std::iota(order.begin(), order.end(), 0U);
        for (std::size_t n = order.size(); n > 1; --n)
            std::swap(order[n - 1], order[(std::uint64_t{dice()} * n) >> 32U]);
        const auto half = std::span{order}.first(order.size() / 2);
        const auto learned = part_of(all, half);
        const auto other = part_of(all, std::span{order}.subspan(half.size()));
        const auto model = learn_uplift(learned.decisions()).value();
        const auto plain = response_model(learned);
        ours.push_back(qini_of(other, [&](auto row) { return uplift_of(model, row).value; }));
        response.push_back(qini_of(other, [&](auto row) { return probability(plain, row); }));
        if (ours.back() > response.back()) ++above;
    }
    const auto mean = [](const std::vector<double>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0)
               / static_cast<double>(values.size());
    };
    const auto difference = bootstrap_means(ours, response);
    marks.push_back({mail + ", Qini of the other half, mean of 20 splits", mean(ours),
                     "T-learner (logistic)", 0.066, 0.05, false});
    marks.push_back({mail + ", the same beside likelihood to come", mean(ours), "response model",
                     mean(response), mean(response), false, difference});
    marks.push_back({mail + ", splits in which it is above", above, "all of them", splits, 15, false});
}

void claim_marks(const std::string& reference, std::vector<Mark>& marks)
{
    const auto women = learn_uplift(mailing("Womens E-Mail").decisions()).value();
    const auto men = learn_uplift(mailing("Mens E-Mail").decisions()).value();
    const auto mean = [&](const char* arm) {  // of the shared members, not of all
        const auto shared = reference.substr(reference.find("arm_means_shared"));
        return number_in(shared, arm, "visit_mean");
    };
    const auto off_by = [&](const UpliftModel& model, const char* arm) {
        return std::abs(model.average.effect.value - (mean(arm) - mean("No E-Mail")));
    };
    marks.push_back({"Womens E-Mail, average effect, off by", off_by(women, "Womens E-Mail"),
                     "difference of arm means", 0, 2e-6, true});
    marks.push_back({"Mens E-Mail, average effect, off by", off_by(men, "Mens E-Mail"),
                     "difference of arm means", 0, 2e-6, true});
    marks.push_back(
        {"Womens E-Mail, what ranking surely gains", women.gain.low, "nothing", 0, 0, false});
    marks.push_back(
        {"Mens E-Mail, what ranking surely gains", men.gain.low, "nothing", 0, 0, true});
    marks.push_back({"Mens E-Mail, says that there is no evidence",
                     men.targeting == Targeting::no_evidence ? 1.0 : 0.0, "says so", 1, 1, false});
    marks.push_back({"Womens E-Mail, says that targeting helps",
                     women.targeting == Targeting::helps ? 1.0 : 0.0, "says so", 1, 1, false});
}

}  // namespace

Mailing mailing(const std::string& mail)
{
    Mailing out;
    const auto folder = shared_history("hillstrom");
    if (!folder) return out;
    const Table table{*folder / "hillstrom_shared.csv.gz"};
    const std::string none = "No E-Mail";
    for (std::size_t i = 0; i < table.rows(); ++i) {
        const auto& arm = table.text(i, "segment");
        if (arm != mail && arm != none) continue;
        const auto is = [&](const char* column, const char* text) {
            return table.text(i, column) == text ? 1.0 : 0.0;
        };
        for (const char* column : {"recency", "history", "mens", "womens", "newbie"})
            out.values.push_back(table.number(i, column));
        for (const char* zip : {"Rural", "Urban"}) out.values.push_back(is("zip_code", zip));
        for (const char* channel : {"Phone", "Web"}) out.values.push_back(is("channel", channel));
        out.given.push_back(arm == mail ? 1 : 0);
        out.came.push_back(table.number(i, "visit") != 0 ? 1 : 0);
    }
    return out;
}

std::vector<Mark> uplift_marks()
{
    std::vector<Mark> marks;
    const auto folder = shared_history("hillstrom");
    if (!folder) return marks;
    const Table scores{*folder / "uplift_scores_shared.csv.gz"};
    const auto metrics = text_of(*folder / "uplift_metrics_sklift_shared.json");
    metric_marks(scores, metrics, "Womens E-Mail", marks);
    metric_marks(scores, metrics, "Mens E-Mail", marks);
    half_marks("Womens E-Mail", marks);
    claim_marks(text_of(*folder / "hillstrom_arm_means.json"), marks);
    return marks;
}

}  // namespace raiten::peers
