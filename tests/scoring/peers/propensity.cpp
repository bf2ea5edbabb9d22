#include "tests/scoring/peers/propensity.hpp"

#include "daemon/base/keyed_hash.hpp"
#include "daemon/scoring/logistic.hpp"
#include "daemon/scoring/propensity.hpp"
#include "tests/scoring/peers/synthetic_visits.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>

namespace raiten::peers {
namespace {

using namespace scoring;

/// Rows of as many numbers each, in an order that is drawn.
struct Sessions {
    std::size_t inputs{};
    std::vector<double> values;
    std::vector<std::uint8_t> came;

    std::size_t count() const { return came.size(); }
    std::span<const double> row(std::size_t n) const
    {
        return std::span{values}.subspan(n * inputs, inputs);
    }
};

Sessions sessions_of(const Table& table)
{
    std::vector<std::size_t> order(table.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [](std::size_t a, std::size_t b) {
        return KeyedHash{7}.add(a).value() < KeyedHash{7}.add(b).value();
    });
    Sessions out;
    for (const auto row : order) {
        const auto from = out.values.size();
        const auto add = [&](double value) { out.values.push_back(value); };
        const auto is = [&](const char* column, const char* text) {
            add(table.text(row, column) == text ? 1 : 0);
        };
        for (const auto* column :
             {"Administrative", "Administrative_Duration", "Informational",
              "Informational_Duration", "ProductRelated", "ProductRelated_Duration", "PageValues"})
            add(std::log1p(std::max(0.0, table.number(row, column))));
        add(10 * table.number(row, "BounceRates"));
        add(10 * table.number(row, "ExitRates"));
        add(table.number(row, "SpecialDay"));
        for (const auto* month :
             {"Feb", "Mar", "May", "June", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"})
            is("Month", month);
        is("VisitorType", "New_Visitor");
        is("Weekend", "True");
        for (const auto* type : {"1", "2", "3", "4"}) is("TrafficType", type);
        for (const auto* system : {"1", "2", "3"}) is("OperatingSystems", system);
        out.inputs = out.values.size() - from;
        out.came.push_back(table.text(row, "Revenue") == "True" ? 1 : 0);
    }
    return out;
}

std::vector<Term> terms_of_row(std::span<const double> row)
{
    std::vector<Term> terms{{0, 1}};
    for (std::size_t i = 0; i < row.size(); ++i)
        if (row[i] != 0) terms.push_back({static_cast<std::uint16_t>(i + 1), row[i]});
    return terms;
}

double loss_of(double probability, bool came)
{
    const double p = std::clamp(probability, 1e-9, 1 - 1e-9);
    return -std::log(came ? p : 1 - p);
}

double mean_of(const std::vector<double>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void add_session_marks(const Table& table, std::vector<Mark>& marks)
{
    const auto sessions = sessions_of(table);
    const auto half = sessions.count() / 2;
    const auto fit =
        fit_logistic({sessions.inputs, std::span{sessions.values}.first(half * sessions.inputs),
                      std::span{sessions.came}.first(half)});
    if (!fit) throw std::runtime_error{"no logistic fits the sessions"};
    std::vector<OnlineLogistic::Prior> prior(sessions.inputs + 1, {0, 1});
    prior[0].sd = 2.5;
    OnlineLogistic online{prior, 1e9};
    for (std::size_t i = 0; i < half; ++i)
        online.learn(terms_of_row(sessions.row(i)), sessions.came[i] != 0);

    std::vector<double> ours, batch, our_loss, batch_loss;
    const std::vector<std::uint8_t> came{sessions.came.begin() + static_cast<std::ptrdiff_t>(half),
                                         sessions.came.end()};
    for (std::size_t i = half; i < sessions.count(); ++i) {
        ours.push_back(online.guess(terms_of_row(sessions.row(i))).probability());
        batch.push_back(probability(fit->model, sessions.row(i)));
        our_loss.push_back(loss_of(ours.back(), sessions.came[i] != 0));
        batch_loss.push_back(loss_of(batch.back(), sessions.came[i] != 0));
    }
    marks.push_back(beside_peer("bought in a session, log loss, one pass", mean_of(our_loss),
                                "logistic on all cases at once", mean_of(batch_loss), true,
                                bootstrap_means(our_loss, batch_loss)));
    const auto auc_of = [&](const std::vector<double>& rank_by) {
        return [&](std::span<const std::uint32_t> cases) { return auc(rank_by, came, cases); };
    };
    marks.push_back(beside_peer("bought in a session, AUC, one pass", auc(ours, came),
                                "logistic on all cases at once", auc(batch, came), false,
                                bootstrap(came.size(), auc_of(ours), auc_of(batch), 200)));
}

/// Of one visit: sums over its landmarks.
struct VisitLoss {
    double landmarks{}, ours{}, rate{};
};

Mark tenths_mark(const std::string& name, const RunningMarks& marks)
{
    double chance = 0, variance = 0;
    const double all = marks.weight();
    for (const auto& tenth : marks.deciles()) {
        const double sd = std::sqrt(tenth.expected * (1 - tenth.expected) / tenth.weight);
        const double share = tenth.weight / all;
        chance += share * sd * std::sqrt(2 / std::numbers::pi);
        variance += share * share * sd * sd * (1 - 2 / std::numbers::pi);
    }
    return {name,   marks.calibration_error(),        "chance, if all were right",
            chance, chance + 2 * std::sqrt(variance), true,
            {}};
}

void add_visit_marks(const Table& events, std::vector<Mark>& marks)
{
    Propensity propensity;
    std::vector<VisitLoss> losses;
    for (auto& visit : synthetic_visits(events)) {
        if (visit.landmarks.empty()) continue;
        auto& sums = losses.emplace_back();
        for (const auto& [moment, features] : visit.landmarks) {
            sums.landmarks += 1;
            sums.ours += loss_of(propensity.probability(features), visit.bought);
            sums.rate +=
                loss_of(propensity.rates().of(features.purchases, features.visits), visit.bought);
        }
        propensity.learn({std::move(visit)});
    }
    const auto mean = [&](double VisitLoss::*which) {
        return [&, which](std::span<const std::uint32_t> cases) {
            double sum = 0, landmarks = 0;
            for (const auto each : cases) {
                sum += losses[each].*which;
                landmarks += losses[each].landmarks;
            }
            return sum / landmarks;
        };
    };
    std::vector<std::uint32_t> all(losses.size());
    std::iota(all.begin(), all.end(), 0U);
    const auto ours = mean(&VisitLoss::ours);
    const auto rate = mean(&VisitLoss::rate);
    marks.push_back(beside_peer("will buy on this visit (synthetic log), log loss", ours(all),
                                "the member's rate, drawn to the shop's", rate(all), true,
                                bootstrap(losses.size(), ours, rate)));
    marks.push_back(tenths_mark("will buy on this visit (synthetic log), calibration error",
                                propensity.marks()));
    marks.push_back(tenths_mark("the same at the opening", propensity.marks_at_opening()));
}

}  // namespace

std::vector<Mark> propensity_marks()
{
    std::vector<Mark> marks;
    if (const auto folder = shared_history("online_shoppers"))
        add_session_marks(Table{*folder / "online_shoppers_intention.csv.gz"}, marks);
    if (const auto folder = shared_history("visits_synthetic"))
        add_visit_marks(Table{*folder / "retentioneering_ecom.csv.gz"}, marks);
    return marks;
}

}  // namespace raiten::peers
