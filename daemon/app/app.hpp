#pragma once

#include "daemon/app/api.hpp"
#include "daemon/app/api_tokens.hpp"
#include "daemon/app/campaign_files.hpp"
#include "daemon/app/night_desk.hpp"
#include "daemon/app/outbox.hpp"
#include "daemon/app/readers.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/app/shop.hpp"
#include "daemon/app/today.hpp"
#include "daemon/app/webhook_door.hpp"
#include "daemon/http/server.hpp"
#include "daemon/ledger/segments.hpp"
#include "sync/courier.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace raiten::app {

/// The whole house, as the list of its parts. One loop decides everything; the ledger's thread
/// commits, the printers' threads forward, Paho's threads only post.
class App {
 public:
    /// Opens what can fail; nothing runs yet.
    static Result<std::unique_ptr<App>> open(std::string config_file, Settings settings,
                                             const Places& places);
    ~App();

    /// Runs until SIGTERM or SIGINT. 0, or 75 where the service could not do its work.
    int run();

 private:
    App(std::string config_file, Settings settings, const Places& places, Pseudonyms pseudonyms,
        StoreClock clock);
    Result<void> open_ledger();
    Result<void> open_house();
    Result<void> listen();
    void open_courier();
    void pretend_nobody_listened();

    void take(const RawEvent& event, const std::function<void()>& durable);
    Instant received_at(const RawEvent& event);
    Instant now();
    void publish(const Shop::Told& told);

    void wait_for_time();
    void wait_for_minute();
    void wait_for_watchdog();
    void wait_for_signals();
    void reload();
    void prune();
    Result<void> open_nights();
    NightRules rules_of_night(Instant at) const;
    void look_for_night();
    void begin_night(std::chrono::sys_days night, Instant at);
    void admit(const RawEvent& event, const Shop::Done& done);
    std::optional<std::chrono::sys_days> night_before(const RawEvent& event);
    void go_on();
    void end_nights();
    void take_night(const NightOut& night);
    void take_slice(NightSlice slice, std::function<void(bool)> done);
    void finish_night(const Result<NightOut>& night);
    boost::asio::awaitable<void> stop();
    void finish();

    void load_campaigns_into(std::vector<Campaign>& campaigns);
    std::string status() const;
    std::string not_ready() const;
    std::string metrics() const;

    const std::string config_file_;
    Settings settings_;
    const Places places_;
    std::vector<WebhookDoor> webhook_doors_;
    boost::asio::io_context io_{1};
    std::mt19937_64 dice_{
        std::random_device{}()};  // for back-off only: what is decided has no dice
    Pseudonyms pseudonyms_;
    ledger::SegmentMatcher segments_;
    ApiTokens tokens_;
    std::map<std::string, Campaign> campaigns_;
    GoodCampaigns good_campaigns_;             ///< by file, as they last were good
    std::vector<std::string> campaigns_kept_;  ///< files that are bad now and run on as they were
    std::size_t campaigns_refused_{};          ///< problems of the last load
    Sender sender_;
    Instant started_at_;
    std::uint64_t refused_{};  ///< events that could not be taken
    Instant event_time_{};     ///< clock = "events": the largest `at` so far

    std::unique_ptr<ledger::Ledger> ledger_;
    std::optional<Shop> shop_;
    std::optional<Today> today_;
    std::unique_ptr<MemberDesk> member_desk_;
    std::unique_ptr<NightDesk> night_desk_;
    std::optional<std::chrono::sys_days> scored_day_;
    Instant night_at_{};
    struct Waiting {
        RawEvent event;
        Shop::Done done;
    };
    std::deque<Waiting> waiting_;         ///< for a night to end; as many as clients have sent
    bool in_night_{};                     ///< that the events' own time brought
    Instant look_again_{Instant::min()};  ///< after a night that failed
    Millis longest_slice_{};
    std::optional<Readers> readers_;
    std::shared_ptr<http::EventStream> stream_;
    std::optional<http::Server> server_;
    std::optional<Outbox> outbox_;
    std::optional<sync::Courier> courier_;

    boost::asio::steady_timer time_timer_{io_};
    boost::asio::steady_timer minute_timer_{io_};
    boost::asio::steady_timer watchdog_timer_{io_};
    boost::asio::signal_set signals_{io_};
    std::optional<Instant> time_due_;
    bool stopping_{};
    int exit_code_{};
};

}  // namespace raiten::app
