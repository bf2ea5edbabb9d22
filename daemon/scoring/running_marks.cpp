#include "daemon/scoring/running_marks.hpp"

#include "daemon/scoring/logistic.hpp"
#include "daemon/scoring/online_logistic.hpp"

#include <algorithm>

namespace raiten::scoring {
namespace {

double log_loss_of(double probability, bool came)
{
    const double p = std::clamp(probability, 1e-6, 1 - 1e-6);
    return -std::log(came ? p : 1 - p);
}

}  // namespace

void RunningMarks::add(double probability, double base_rate, bool came, double weight)
{
    const double p = std::clamp(probability, 1e-6, 1 - 1e-6);
    const auto last = static_cast<double>(classes_.size() - 1);
    const double place = std::clamp(std::floor(log_odds_of(p) * 10 + last / 2), 0.0, last);
    auto& here = classes_[static_cast<std::size_t>(place)];
    here.weight += weight;
    here.expected += weight * p;
    here.came += came ? weight : 0;
    loss_ += weight * log_loss_of(p, came);
    base_loss_ += weight * log_loss_of(base_rate, came);
}

void RunningMarks::fade(double kept)
{
    for (auto& each : classes_) {
        each.weight *= kept;
        each.expected *= kept;
        each.came *= kept;
    }
    loss_ *= kept;
    base_loss_ *= kept;
}

double RunningMarks::weight() const
{
    double sum = 0;
    for (const auto& each : classes_) sum += each.weight;
    return sum;
}

double RunningMarks::log_loss() const
{
    const double all = weight();
    return all > 0 ? loss_ / all : 0;
}

double RunningMarks::base_log_loss() const
{
    const double all = weight();
    return all > 0 ? base_loss_ / all : 0;
}

std::optional<double> RunningMarks::auc() const
{
    double came = 0, not_so_far = 0, wins = 0;
    for (const auto& each : classes_) {
        const double without = std::max(each.weight - each.came, 0.0);
        wins += each.came * (not_so_far + without / 2);
        came += each.came;
        not_so_far += without;
    }
    if (!(came > 0 && not_so_far > 0)) return std::nullopt;
    return wins / (came * not_so_far);
}

std::vector<RunningMarks::Share> RunningMarks::deciles() const
{
    const double all = weight();
    std::vector<Share> out;
    Share share;
    double so_far = 0;
    const auto close = [&] {
        if (share.weight > 0)
            out.push_back({share.weight, share.expected / share.weight, share.came / share.weight});
        share = {};
    };
    for (const auto& each : classes_) {
        share.weight += each.weight;
        share.expected += each.expected;
        share.came += each.came;
        so_far += each.weight;
        if (so_far >= all * static_cast<double>(out.size() + 1) / 10) close();
    }
    close();
    return out;
}

double RunningMarks::calibration_error() const
{
    double sum = 0, all = 0;
    for (const auto& share : deciles()) {
        sum += share.weight * std::abs(share.expected - share.came);
        all += share.weight;
    }
    return all > 0 ? sum / all : 0;
}

std::optional<RunningMarks::Line> RunningMarks::line() const
{
    Line line{0, 1};
    for (int round = 0; round < 25; ++round) {
        double g0 = 0, g1 = 0, h00 = 0, h01 = 0, h11 = 0;
        for (const auto& each : classes_) {
            if (!(each.weight > 0)) continue;
            const double x = log_odds_of(each.expected / each.weight);
            const double p = probability_of(line.intercept + line.slope * x);
            const double error = each.came - each.weight * p;
            const double curve = each.weight * p * (1 - p);
            g0 += error;
            g1 += error * x;
            h00 += curve;
            h01 += curve * x;
            h11 += curve * x * x;
        }
        const double det = h00 * h11 - h01 * h01;
        if (!(det > 1e-9 * h00 * h11)) return std::nullopt;
        const double up = (h11 * g0 - h01 * g1) / det;
        const double tilt = (h00 * g1 - h01 * g0) / det;
        line.intercept += std::clamp(up, -2.0, 2.0);
        line.slope += std::clamp(tilt, -2.0, 2.0);
        if (std::abs(up) + std::abs(tilt) < 1e-9) return line;
    }
    return std::nullopt;
}

bool RunningMarks::sound() const
{
    const auto fine = [](double value) { return std::isfinite(value) && value >= 0; };
    return fine(loss_) && fine(base_loss_)
           && std::all_of(classes_.begin(), classes_.end(), [&](const Class& each) {
                  return fine(each.weight) && fine(each.expected) && fine(each.came)
                         && each.came <= each.weight * (1 + 1e-9)
                         && each.expected <= each.weight * (1 + 1e-9);
              });
}

}  // namespace raiten::scoring
