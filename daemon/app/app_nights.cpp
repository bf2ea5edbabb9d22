#include "daemon/app/app.hpp"
#include "daemon/app/log.hpp"
#include "daemon/app/member_desk.hpp"
#include "daemon/app/model_store.hpp"

#include <chrono>

/// The nights: when they come, and what becomes of what they find.
namespace raiten::app {

Result<void> App::open_nights()
{
    const auto day = ledger_->scored_day();
    if (!day) return day.error();
    scored_day_ = *day;
    const auto models =
        models_in_force([this](const std::string& kind) { return ledger_->model(kind); },
                        settings_.scoring.cards());
    if (!models) return models.error();
    if (*models) shop_->engine().replace_models(std::make_shared<const scoring::Models>(**models));
    night_desk_ = std::make_unique<NightDesk>(
        io_.get_executor(), settings_.ledger.path,
        [this](NightSlice slice, std::function<void(bool)> done) {
            take_slice(std::move(slice), std::move(done));
        },
        [this](const Result<NightOut>& night) { finish_night(night); });
    return {};
}

void App::look_for_night()
{
    if (stopping_ || night_desk_->running()) return;
    const auto at = now();
    const auto night = night_of(at, sender_.clock, settings_.scoring.refresh_at);
    if (scored_day_ && *scored_day_ >= night) return;
    longest_slice_ = {};
    log::info("night.begins", {{"at", at.time_since_epoch().count()}});
    night_desk_->start(night_rules(settings_, sender_.clock), night, at, shop_->engine().models());
}

void App::take_slice(NightSlice slice, std::function<void(bool)> done)
{
    const auto begun = std::chrono::steady_clock::now();
    shop_->take_scores(std::move(slice), now(), std::move(done));
    longest_slice_ =
        std::max(longest_slice_,
                 std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun));
}

void App::finish_night(const Result<NightOut>& night)
{
    if (!night) return log::problem(log::Level::error, "night.failed", night.error());
    shop_->take_models(*night);
    scored_day_ = night->day;
    for (const auto& row : night->versions)
        if (!row.accepted) log::warning("model.kept", {{"kind", row.kind}, {"why", row.reason}});
    log::info("night.done", {{"members", night->members},
                             {"moves", night->moves},
                             {"longest_slice_ms", longest_slice_.count()}});
}

}  // namespace raiten::app
