#include "daemon/app/app.hpp"
#include "daemon/app/metrics.hpp"
#include "daemon/app/version.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

/// What the service says of itself to the operator.
namespace raiten::app {

using Json = nlohmann::ordered_json;

std::string App::not_ready() const
{
    if (stopping_) return "stopping";
    const auto state = ledger_->state();
    if (!state.healthy) return "the ledger cannot write: " + state.reason;
    return "";
}

std::string App::status() const
{
    const auto time = [&](Instant at) { return format_instant(at, sender_.clock.offset_at(at)); };
    Json out;
    out["version"] = version;
    out["tenant"] = sender_.tenant;
    out["store"] = sender_.store;
    out["device"] = sender_.device;
    out["started_at"] = time(started_at_);
    out["engine_time"] = time(const_cast<Shop&>(*shop_).engine().now());
    out["clock"] = settings_.engine.from_events ? "events" : "system";
    Json& readers = out["readers"] = Json::array();
    for (const auto& health : readers_->health()) {
        Json each;
        each["name"] = health.name;
        each["zone"] = health.zone;
        each["driver"] = health.driver;
        each["state"] = health.state;
        each["reason"] = health.reason;
        each["format"] = health.format;
        each["readings"] = health.readings;
        each["flooded"] = health.flooded;
        each["times_down"] = health.times_down;
        each["garbled"] = Json::object();
        for (const auto& [why, count] : health.garbled) each["garbled"][why] = count;
        each["ignored"] = Json::object();
        for (const auto& [why, count] : health.ignored) each["ignored"][why] = count;
        each["lately"] = {{"readings", health.lately.readings},
                          {"garbled", health.lately.garbled},
                          {"flooded", health.lately.flooded}};
        each["last_at"] = health.last_at ? Json(time(*health.last_at)) : Json();
        readers.push_back(std::move(each));
    }
    Json& makes = out["tags"] = Json::array();
    for (const auto& model : const_cast<Shop&>(*shop_).engine().exit_times()) {
        if (model.id == 0) continue;
        makes.push_back({{"make", pseudonyms_.make_of(model.id)},
                         {"visits", model.visits},
                         {"exit_timeout_s", model.timeout.count() / 1000},
                         {"false_exits_per_visit", model.false_exits()}});
    }
    const auto ledger = ledger_->state();
    out["ledger"] = {{"path", ledger_->path()},
                     {"healthy", ledger.healthy},
                     {"reason", ledger.reason},
                     {"queued", ledger.queued},
                     {"commits", ledger.commits},
                     {"retries", ledger.retries},
                     {"bytes_written", ledger.bytes_written},
                     {"epoch", sender_.epoch}};
    out["campaigns"] = {{"running", campaigns_.size()},
                        {"problems", campaigns_refused_},
                        {"kept", campaigns_kept_}};
    constexpr std::size_t suspects_shown = 10;
    const auto suspects = ledger_->suspects(suspects_shown);
    Json& suspected = out["suspected"] = {{"count", 0}, {"members", Json::array()}};
    if (suspects) suspected = {{"count", suspects->count}, {"members", suspects->names}};
    out["sync"] = nullptr;
    if (courier_) {
        const auto state = courier_->state();
        Json& sync = out["sync"] = Json::object();
        sync["phase"] = sync::name(state.phase);
        sync["broker"] = state.broker;
        sync["mqtt_version"] = state.mqtt_version == 5   ? "5"
                               : state.mqtt_version == 4 ? "3.1.1"
                                                         : "";
        sync["reason"] = state.reason;
        for (const Lane lane : lanes) {
            const auto head = ledger_->lane_head(lane);
            if (!head) continue;
            sync["lanes"][std::string{text_of(lane)}] = {
                {"next", head.value().next},
                {"settled", head.value().settled},
                {"waiting", head.value().waiting},
                {"blocked", state.lane[static_cast<std::size_t>(lane)].blocked}};
        }
    }
    const auto& counts = const_cast<Shop&>(*shop_).engine().counts();
    Json& numbers = out["counts"] = Json::object();
    for (const auto& [name, value] : named(counts)) numbers[name] = value;
    numbers["refused"] = refused_;
    return out.dump();
}

std::string App::metrics() const
{
    MetricsPage page;
    page.counter("raiten_engine_events_total", "What reached the engine, and what became of it",
                 "kind", named(const_cast<Shop&>(*shop_).engine().counts()));
    page.counter("raiten_events_refused_total", "Events that made no sense or could not be kept",
                 refused_);
    std::map<std::string, std::uint64_t> readings;
    std::map<std::string, std::uint64_t> up;
    std::map<std::string, std::uint64_t> garbled;
    std::map<std::string, std::uint64_t> flooded;
    std::map<std::string, std::uint64_t> times_down;
    for (const auto& health : readers_->health()) {
        readings[health.name] = health.readings;
        flooded[health.name] = health.flooded;
        times_down[health.name] = health.times_down;
        up[health.name] = health.state == "up" ? 1 : 0;
        for (const auto& [why, count] : health.garbled) garbled[health.name] += count;
    }
    page.counter("raiten_reader_readings_total", "What a reader told", "reader", readings);
    page.counter("raiten_reader_garbled_total", "What made no sense", "reader", garbled);
    page.counter("raiten_reader_flooded_total", "Sightings dropped because there were too many",
                 "reader", flooded);
    page.counter("raiten_reader_down_total", "How often a reader went away", "reader", times_down);
    page.gauge("raiten_reader_up", "Whether somebody listens there", "reader", up);
    page.gauge("raiten_visits_unsettled", "Visits and events that are not settled yet",
               const_cast<Shop&>(*shop_).engine().unsettled());

    const auto& standings = const_cast<Shop&>(*shop_).engine().decisions().standings();
    const auto decisions = decisions_by_campaign(campaigns_, standings);
    page.counter("raiten_campaign_given_total", "Coupons triggered", "campaign", decisions.given);
    page.counter("raiten_campaign_withheld_total", "Coupons withheld for control", "campaign",
                 decisions.withheld);
    page.counter("raiten_campaign_passed_over_total", "Occasions without a decision", "campaign",
                 decisions.passed_over);

    const auto ledger = ledger_->state();
    page.gauge("raiten_ledger_healthy", "Whether the ledger can write", ledger.healthy ? 1 : 0);
    page.gauge("raiten_ledger_queued", "Batches that are not durable yet", ledger.queued);
    page.counter("raiten_ledger_commits_total", "Transactions", ledger.commits);
    page.counter("raiten_ledger_retries_total", "Transactions that were tried again",
                 ledger.retries);
    page.counter("raiten_ledger_written_bytes_total", "Bytes written, at most",
                 ledger.bytes_written);

    const auto http = server_->counters();
    std::map<std::string, std::uint64_t> answers;
    for (std::size_t i = 1; i < http.answers_by_class.size(); ++i)
        answers[std::to_string(i) + "xx"] = http.answers_by_class[i];
    page.counter("raiten_http_answers_total", "Answers by class of status", "status", answers);
    std::map<std::string, std::uint64_t> refused;
    for (std::size_t i = 0; i < http::refusals; ++i)
        if (http.refused[i] > 0)
            refused[std::string{http::name_of(static_cast<http::Refusal>(i))}] = http.refused[i];
    page.counter("raiten_http_refused_total", "Who was turned away", "reason", refused);
    page.gauge("raiten_http_streams", "Clients of the event stream", http.streams_open);

    if (courier_) {
        const auto state = courier_->state();
        page.gauge("raiten_mqtt_online", "Whether HQ can be reached",
                   state.phase == sync::Phase::online ? 1 : 0);
        std::map<std::string, std::uint64_t> waiting;
        for (const Lane lane : lanes)
            if (const auto head = ledger_->lane_head(lane))
                waiting[std::string{text_of(lane)}] = head.value().waiting;
        page.gauge("raiten_outbox_waiting", "Messages that HQ has not acknowledged", "lane",
                   waiting);
        const auto& sync = courier_->counters();
        std::map<std::string, std::uint64_t> sent;
        for (const Lane lane : lanes)
            sent[std::string{text_of(lane)}] = sync.sent[static_cast<std::size_t>(lane)];
        page.counter("raiten_mqtt_sent_total", "Messages sent, repeats included", "lane", sent);
        page.counter("raiten_mqtt_downlinks_refused_total", "Messages from HQ that were refused",
                     sync.downlinks_bad + sync.downlinks_lost + sync.acks_epoch + sync.acks_ahead);
    }
    return page.text();
}

}  // namespace raiten::app
