#include "daemon/app/app.hpp"
#include "daemon/app/given_model.hpp"
#include "daemon/app/log.hpp"
#include "daemon/app/member_desk.hpp"
#include "daemon/app/model_store.hpp"

#include <chrono>
#include <set>

/// The nights: when they come, and what becomes of what they find.
namespace raiten::app {

namespace {

/// A night is much work: what failed is not tried again at every look.
constexpr std::chrono::minutes after_failure{30};

}  // namespace

/// As the store is configured, with what was given instead of a fit, and what campaigns need.
NightRules App::rules_of_night(Instant at) const
{
    auto rules = night_rules(settings_, sender_.clock);
    rules.tenant_seed = pseudonyms_.derive_seed(control_groups);
    for (const auto& [id, campaign] : campaigns_) serve(rules, campaign, at);
    const auto given = given_model([this](const std::string& kind) { return ledger_->model(kind); },
                                   rules.training.cards);
    if (!given)
        log::problem(log::Level::warning, "model.given_left_out", given.error());
    else
        rules.training.given = *given;
    return rules;
}

Result<void> App::open_nights()
{
    const auto day = ledger_->scored_day();
    if (!day) return day.error();
    scored_day_ = *day;
    std::set<std::string> learning;
    for (const auto& [id, campaign] : campaigns_)
        if (campaign.target) learning.insert(id);
    const auto models =
        models_in_force([this](const std::string& kind) { return ledger_->model(kind); },
                        settings_.scoring.cards(), learning);
    if (!models) return models.error();
    if (*models) shop_->engine().replace_models(std::make_shared<const scoring::Models>(**models));
    night_desk_ = std::make_unique<NightDesk>(
        io_.get_executor(), settings_.ledger.path, settings_.engine.from_events,
        [this](NightSlice slice, std::function<void(bool)> done) {
            take_slice(std::move(slice), std::move(done));
        },
        [this](const Result<NightOut>& night) { finish_night(night); });
    return {};
}

void App::look_for_night()
{
    if (settings_.engine.from_events || settings_.scoring.nights == "never" || stopping_
        || night_desk_->running()) {
        return;
    }
    const auto at = now();
    if (look_again_ > at && look_again_ - at <= after_failure) return;
    const auto night = night_of(at, sender_.clock, settings_.scoring.refresh_at);
    // A clock that was far ahead for a while must not stop the nights until then.
    if (scored_day_ && *scored_day_ >= night && *scored_day_ - night <= std::chrono::days{1})
        return;
    begin_night(night, at);
}

void App::begin_night(std::chrono::sys_days night, Instant at)
{
    longest_slice_ = {};
    night_at_ = at;
    log::info("night.begins", {{"at", at.time_since_epoch().count()}});
    night_desk_->start(rules_of_night(at), night, at, shop_->engine().models());
}

// ---- by the events' own time
// ---------------------------------------------------------------------

/// What comes after a night waits for it: then the same events always find the same cards.
void App::admit(const RawEvent& event, const Shop::Done& done)
{
    if (!waiting_.empty() || in_night_ || night_before(event)) {
        waiting_.push_back({event, done});
        return go_on();
    }
    const auto received = received_at(event);
    shop_->admit(event, received, done);
}

/// The first event's own night is none: there is nothing to score yet.
std::optional<std::chrono::sys_days> App::night_before(const RawEvent& event)
{
    if (!settings_.engine.from_events || settings_.scoring.nights != "always") return std::nullopt;
    const auto arrival =
        event.received_at.value_or(std::max(event_time_, event.at.value_or(event_time_)));
    const auto refresh_at = settings_.scoring.refresh_at;
    if (!scored_day_)
        scored_day_ =
            night_of(event_time_ > Instant{} ? event_time_ : arrival, sender_.clock, refresh_at);
    const auto next = *scored_day_ + std::chrono::days{1};
    if (arrival < night_due(next, sender_.clock, refresh_at)) return std::nullopt;
    return next;
}

void App::go_on()
{
    while (!waiting_.empty() && !in_night_ && !stopping_) {
        if (const auto night = night_before(waiting_.front().event)) {
            in_night_ = true;
            const auto due = night_due(*night, sender_.clock, settings_.scoring.refresh_at);
            shop_->tick(due, [this, night = *night, due](const Result<Answer>&) {
                if (!stopping_) begin_night(night, due);
            });
            return;
        }
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        shop_->admit(next.event, received_at(next.event), next.done);
    }
}

void App::end_nights()
{
    night_desk_.reset();
    for (const auto& each : std::exchange(waiting_, {}))
        each.done(Problem{"the service is stopping"});
}

void App::take_slice(NightSlice slice, std::function<void(bool)> done)
{
    const auto begun = std::chrono::steady_clock::now();
    const auto at = settings_.engine.from_events ? night_at_ : now();
    shop_->take_scores(std::move(slice), at, std::move(done), true);
    longest_slice_ =
        std::max(longest_slice_,
                 std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun));
}

void App::finish_night(const Result<NightOut>& night)
{
    in_night_ = false;
    if (night) {
        take_night(*night);
    } else {
        log::problem(log::Level::error, "night.failed", night.error());
        look_again_ = now() + after_failure;
        // Recorded events go on without it.
        if (settings_.engine.from_events && scored_day_) *scored_day_ += std::chrono::days{1};
    }
    go_on();
}

void App::take_night(const NightOut& night)
{
    shop_->take_models(night);
    scored_day_ = night.day;
    for (const auto& row : night.versions)
        if (!row.accepted) log::warning("model.kept", {{"kind", row.kind}, {"why", row.reason}});
    log::info("night.done", {{"members", night.members},
                             {"moves", night.moves},
                             {"longest_slice_ms", longest_slice_.count()}});
}

}  // namespace raiten::app
