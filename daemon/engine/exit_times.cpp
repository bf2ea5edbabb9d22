#include "daemon/engine/exit_times.hpp"

#include <algorithm>

namespace raiten {
namespace {

/// Old visits count half as much each time that there are this many: tags are exchanged.
constexpr std::uint64_t visits_max = 20'000;

}  // namespace

ExitTimes::ExitTimes(const VisitRules& rules) : rules_{rules}
{
    models_.push_back({.id = 0, .visits = 0, .gaps_above = {}, .timeout = rules.exit_timeout});
}

double ExitTimes::Model::false_exits() const
{
    if (visits == 0) return 0;
    std::uint64_t above = 0;
    for (std::size_t i = 0; i < steps_s.size(); ++i)
        if (std::chrono::seconds{steps_s[i]} <= timeout) above = gaps_above[i];
    return static_cast<double>(above) / static_cast<double>(visits);
}

std::uint8_t ExitTimes::place(std::uint32_t model)
{
    for (std::size_t i = 0; i < models_.size(); ++i)
        if (models_[i].id == model) return static_cast<std::uint8_t>(i);
    if (models_.size() == models_max) return 0;
    models_.push_back({.id = model, .visits = 0, .gaps_above = {}, .timeout = rules_.exit_timeout});
    return static_cast<std::uint8_t>(models_.size() - 1);
}

void ExitTimes::note_gap(std::uint8_t place, Millis gap)
{
    for (std::size_t i = 0; i < steps_s.size() && gap > std::chrono::seconds{steps_s[i]}; ++i)
        ++models_[place].gaps_above[i];
}

void ExitTimes::note_visit(std::uint8_t place)
{
    ++models_[place].visits;
    news_ = true;
}

bool ExitTimes::learn()
{
    news_ = false;
    bool changed = false;
    for (auto& model : models_) {
        if (model.visits > visits_max) {
            model.visits /= 2;
            for (auto& count : model.gaps_above) count /= 2;
        }
        const Millis timeout = fitting(model);
        changed = changed || timeout != model.timeout;
        model.timeout = timeout;
    }
    return changed;
}

Millis ExitTimes::shortest() const
{
    return std::min_element(models_.begin(), models_.end(),
                            [](const Model& a, const Model& b) { return a.timeout < b.timeout; })
        ->timeout;
}

Millis ExitTimes::fitting(const Model& model) const
{
    for (std::size_t i = 0; i < steps_s.size() && model.id != 0; ++i) {
        const Millis step = std::chrono::seconds{steps_s[i]};
        if (step < rules_.exit_timeout_min || step >= rules_.exit_timeout) continue;
        const auto above = static_cast<double>(model.gaps_above[i] + 1);
        if (above / static_cast<double>(model.visits + 1) <= false_exits_max) return step;
    }
    return rules_.exit_timeout;
}

void ExitTimes::restore(const Model& known)
{
    Model& model = models_[place(known.id)];
    const Millis timeout = std::clamp(
        known.timeout, std::min(rules_.exit_timeout_min, rules_.exit_timeout), rules_.exit_timeout);
    model = known;
    model.timeout = timeout;
}

}  // namespace raiten
