#include "tests/faults/head_office.hpp"
#include "tests/faults/shop_script.hpp"
#include "tests/support/store_box.hpp"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <iostream>

/// The broker goes away under load in every way there is, and raitend with it; HQ gets every
/// trigger and summary, and after it has dropped doubles by (epoch, lane, sequence) it has each
/// once and in order.
using namespace raiten;
using namespace raiten::test;
using Json = nlohmann::json;

namespace {

/// A broker that keeps sessions and messages on the disk, as HQ's cluster does.
std::vector<std::string> keeps_all(const TempFolder& folder)
{
    return {"persistence true", "persistence_location " + folder.path().string() + "/",
            "autosave_on_changes true", "autosave_interval 1"};
}

/// A store under load between a broker and a head office.
class Line {
 public:
    Line(bool hq_ack, bool broker_keeps)
        : broker_{Mosquitto::Doors::open,
                  broker_keeps ? keeps_all(folder_) : std::vector<std::string>{}},
          hq_{io_, broker_, hq_ack},
          box_{StoreBox::Clock::events, section(hq_ack) + script_readers()},
          acts_{shop_script(7, 120)}
    {
        box_.write_campaign("back", script_campaign());
        broker_.start();
        hq_.open();
        box_.start();
        for (int i = 0; i < script_members; ++i) box_.enrol(script_member(i), script_token(i));
    }

    /// The shop's next hours.
    void load(std::size_t acts)
    {
        for (; acts > 0 && next_ < acts_.size(); ++next_, --acts) {
            const Act& act = acts_[next_];
            if (act.kind == Act::Kind::redeem) continue;
            const auto reply = act.kind == Act::Kind::events ? box_.post_lines(act.body)
                               : act.kind == Act::Kind::checkin
                                   ? box_.post("/api/v1/checkins", act.body)
                                   : box_.post("/api/v1/receipts", act.body);
            INFO(reply.body);
            REQUIRE((reply.status == 200 || reply.status == 201));
        }
    }
    void load_the_rest() { load(acts_.size()); }

    Json lanes() const { return Json::parse(box_.get("/api/v1/outbox").body)["lanes"]; }

    /// Until HQ has all that was decided so far.
    bool delivered()
    {
        const auto all = lanes();
        return until([&] {
            for (const auto& [name, lane] : all.items()) {
                const auto found = hq_.lanes().find(name);
                const auto has = found == hq_.lanes().end() ? 0 : found->second.contiguous;
                if (has + 1 != lane["next"]) return false;
            }
            return true;
        });
    }
    /// Until nothing waits any more.
    bool settled()
    {
        return until([&] {
            for (const auto& lane : lanes())
                if (lane["waiting"] != 0) return false;
            return true;
        });
    }
    bool until(const std::function<bool()>& condition)
    {
        return run_until(io_, condition, std::chrono::seconds{60});
    }

    void check_hq(const std::string& what)
    {
        int messages = 0;
        int doubles = 0;
        for (const auto& [name, lane] : hq_.lanes()) {
            INFO("lane " << name);
            CHECK(lane.ids.size() == lane.contiguous);
            CHECK(lane.out_of_order == 0);
            CHECK(lane.changed == 0);
            messages += static_cast<int>(lane.ids.size());
            doubles += lane.doubles;
        }
        CHECK(hq_.lanes().contains("coupon"));
        CHECK(hq_.lanes().contains("summary"));
        std::cout << "broker away, " << what << ": " << messages << " messages at HQ, 0 missing, "
                  << doubles << " doubles dropped by HQ\n";
    }

    Mosquitto& broker() { return broker_; }
    HeadOffice& hq() { return hq_; }
    StoreBox& box() { return box_; }

 private:
    std::string section(bool hq_ack) const
    {
        return "[mqtt]\nbrokers = [\"" + broker_.uri()
               + "\"]\nhq_ack = " + (hq_ack ? "true" : "false")
               + "\nkeep_alive = \"5s\"\nevents = [\"coupon\", \"summary\", \"visit\"]\n";
    }

    TempFolder folder_;
    boost::asio::io_context io_;
    Mosquitto broker_;
    HeadOffice hq_;
    StoreBox box_;
    std::vector<Act> acts_;
    std::size_t next_{};
};

/// Frozen, stopped, killed; then raitend is killed while the broker is away.
void go_through_outages(Line& line, bool hq_answers)
{
    constexpr std::size_t part = 30;
    line.load(part);
    line.broker().freeze();
    line.load(part);
    line.broker().thaw();
    REQUIRE(line.delivered());

    line.broker().stop();
    line.load(part);
    line.broker().start();
    line.load(part);

    // Where HQ does not answer, the guarantee ends at the broker: what that has acknowledged and not
    // passed on dies with it.
    if (!hq_answers) REQUIRE(line.delivered());
    line.broker().kill();
    line.load(part);
    line.box().kill();
    line.box().start();
    line.load(part);
    line.broker().start();
    REQUIRE(line.delivered());
    line.load_the_rest();
    REQUIRE(line.delivered());
}

}  // namespace

TEST_CASE("broker away, HQ acknowledges: each message once and in order", "[faults][slow]")
{
    Line line{true, true};
    go_through_outages(line, true);
    CHECK(line.settled());
    line.check_hq("hq_ack = true");
    CHECK(line.box().stop() == 0);
}

TEST_CASE("broker away, HQ cannot answer: each message once and in order", "[faults][slow]")
{
    Line line{false, true};
    go_through_outages(line, false);
    CHECK(line.settled());
    line.check_hq("hq_ack = false");
    CHECK(line.box().stop() == 0);
}

TEST_CASE("a broker that forgets everything it had acknowledged", "[faults][slow]")
{
    Line line{true, false};
    line.load(40);
    REQUIRE(line.delivered());
    line.hq().close();
    line.load(40);
    // The broker confirms all of it, with nobody there to take it, and dies.
    REQUIRE(line.until([&] {
        const auto page = line.box().get("/metrics").body;
        double sent = 0;
        double next = 0;
        for (const auto* lane : {"coupon", "summary", "visit"})
            sent += metric(page, std::string{"raiten_mqtt_sent_total{lane=\""} + lane + "\"}");
        for (const auto& lane : line.lanes()) next += lane["next"].get<double>() - 1;
        return sent >= next;
    }));
    line.broker().kill();
    line.box().kill();
    line.broker().start();
    line.hq().open();
    line.box().start();
    line.load_the_rest();
    REQUIRE(line.delivered());
    CHECK(line.settled());
    line.check_hq("forgets, hq_ack = true");
    CHECK(line.box().stop() == 0);
}
