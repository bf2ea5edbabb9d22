#include "daemon/app/settings.hpp"
#include "daemon/app/files.hpp"
#include "daemon/app/settings_table.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

using namespace raiten;
using namespace raiten::app;
using namespace std::chrono_literals;

namespace {

const std::string store_text =
    "[store]\ntenant = \"acme\"\nstore = \"s1\"\ndevice = \"d1\"\ntimezone = \"Asia/Tokyo\"\n";

const Places places{"/etc/raiten", "/var/lib/raiten", ""};

SettingsRead read(const std::string& text)
{
    const std::vector<SettingsFile> files{{"raiten.toml", text}};
    return parse_settings(files, places);
}

std::string complaints(const SettingsRead& read)
{
    std::string all;
    for (const auto& problem : read.problems) all += problem.text() + "\n";
    return all;
}

std::string blamed(const std::string& more)
{
    return complaints(read(store_text + more));
}

std::string committed(const std::string& file)
{
    return read_file(std::string{RAITEN_SOURCE_DIR} + "/" + file, 1 << 20).value();
}

}  // namespace

TEST_CASE("settings: four keys are enough", "[settings]")
{
    const auto good = read(store_text);
    INFO(complaints(good));
    REQUIRE(good.problems.empty());
    const auto& s = good.settings;
    CHECK(s.store.tenant == "acme");
    CHECK(s.store.currency == "JPY");
    CHECK(s.store.languages == std::vector<std::string>{"ja", "en"});
    CHECK(s.ledger.path == "/var/lib/raiten/raiten.db");
    CHECK(s.campaigns.dir == "/etc/raiten/campaigns");
    CHECK(s.http.listen == HostPort{"127.0.0.1", 8470});
    CHECK(s.mqtt.brokers.empty());
    CHECK(s.mqtt.hq_ack);
}

TEST_CASE("settings: the defaults of the visit rules are those of the model", "[settings]")
{
    const auto v = read(store_text).settings.visits;
    const VisitRules model;
    CHECK(v.enter_window == model.enter_window);
    CHECK(v.enter_sightings == model.enter_sightings);
    CHECK(v.enter_dwell == model.enter_dwell);
    CHECK(v.enter_rssi_dbm == model.enter_rssi_dbm);
    CHECK(v.stay_rssi_dbm == model.stay_rssi_dbm);
    CHECK(v.exit_timeout == model.exit_timeout);
    CHECK(v.checkin_stay == model.checkin_stay);
    CHECK(v.max_visit == model.max_visit);
    CHECK(v.settle_grace == model.settle_grace);
    CHECK(v.lateness == model.lateness);
    CHECK(v.late_receipt == model.late_receipt);
    CHECK(v.receipt_slack == model.receipt_slack);
    CHECK(v.checkin_debounce == model.checkin_debounce);
    CHECK(v.return_window == model.return_window);
    CHECK(v.max_ahead == model.max_ahead);
    CHECK(v.register_dwell == model.register_dwell);
    CHECK(v.zone_hysteresis_db == model.zone_hysteresis_db);
    CHECK(v.zone_memory == model.zone_memory);
    CHECK(v.attribute_anonymous == model.attribute_anonymous);
    CHECK(v.exit_timeout_min == model.exit_timeout_min);
    CHECK(v.staff_hours == model.staff_hours);
    CHECK(v.door_stay == model.door_stay);
}

TEST_CASE("settings: costs are decimals in quotes, and unset until somebody knows them",
          "[settings]")
{
    CHECK_FALSE(read(store_text).settings.kpi.gross_margin.has_value());
    const auto told = read(store_text
                           + "[kpi]\ngross_margin = \"0.35\"\nacquisition_cost = \"1200\"\n"
                             "lifetime_years = \"\"\n");
    CHECK(told.problems.empty());
    CHECK(told.settings.kpi.gross_margin == 0.35);
    CHECK(told.settings.kpi.acquisition_cost == 1200.0);
    CHECK_FALSE(told.settings.kpi.lifetime_years.has_value());
    CHECK(told.settings.shown.at("kpi.gross_margin") == "0.35");
    for (const char* wrong : {"\"1.01\"", "\"-0.1\"", "0.35", "1", "\"35%\"", "\"0.12345\""}) {
        INFO(wrong);
        CHECK(read(store_text + "[kpi]\ngross_margin = " + wrong + "\n").problems.size() == 1);
    }
}

TEST_CASE("settings: readers of every driver", "[settings]")
{
    const auto good = read(store_text + R"(
[[reader]]
name = "ent-1"
zone = "entrance"
driver = "ble-h4"
device = "tcp:127.0.0.1:9000"

[[reader]]
name = "reg-1"
zone = "register"
driver = "pos-escpos"
listen = "127.0.0.1:0"
printer = "tcp:192.168.1.20:9100"
[reader.patterns]
total = ['合計\s+([0-9,]+)', 'TOTAL\s+([0-9,]+)']

[[reader]]
name = "app"
driver = "api"
)");
    INFO(complaints(good));
    REQUIRE(good.problems.empty());
    const auto& readers = good.settings.readers;
    REQUIRE(readers.size() == 3);
    CHECK(readers[0].passive);
    CHECK(readers[0].hears == bluetooth_kinds);
    CHECK(wire::text_of(readers[0].device.value()) == "tcp:127.0.0.1:9000");
    const auto& pos = readers[1];
    CHECK(pos.till.pos == "reg-1");
    CHECK(pos.till.currency == "JPY");
    CHECK(pos.printer == wire::TcpAddress{"192.168.1.20", 9100});
    CHECK(pos.till.patterns.at("total").size() == 2);
    CHECK(pos.till.patterns.at("member").empty());
    CHECK_FALSE(readers[2].passive);
}

TEST_CASE("settings: every mistake is told with its place and what would be right", "[settings]")
{
    const auto all = blamed(
        "[visits]\nexit_timout = \"5min\"\nenter_dwell = 20\nenter_rssi = -80\nlateness = \"2y\"\n"
        "max_visit = \"90d\"\nenter_sightings = \"3\"\n[visit]\nx = 1\n[mqtt]\nhq_ack = \"yes\"\n"
        "brokers = [\"tcp://hq\"]\n[[reader]]\nname = \"r\"\ndriver = \"ble-usb\"\n");
    const std::vector<std::string> expected{
        "raiten.toml:7:1: visits.exit_timout: there is no such key (did you mean 'exit_timeout'?)",
        "raiten.toml:8:15: visits.enter_dwell: '20' has no unit (write \"20s\" or \"20min\", "
        "whichever is meant)",
        "raiten.toml:9:14: visits.enter_rssi: '-80' is not a level in dBm",
        "raiten.toml:10:12: visits.lateness: '2y' is not a duration",
        "raiten.toml:11:13: visits.max_visit: '90d' is out of range (write a duration from 1s to "
        "2d",
        "raiten.toml:12:19: visits.enter_sightings: is of the wrong type (write a number from 1 to "
        "1000)",
        "visit: there is no such section (did you mean 'visits'?)",
        "mqtt.hq_ack: is of the wrong type (write true or false)",
        "mqtt.brokers: 'tcp://hq' is not a broker",
        "reader.r.driver: 'ble-usb' is not one of them (write one of \"ble-hci\""};
    INFO(all);
    for (const auto& line : expected) {
        INFO("expected: " << line);
        CHECK(all.find(line) != std::string::npos);
    }
}

TEST_CASE("settings: what is required is asked for", "[settings]")
{
    const auto all = complaints(read("[store]\ntenant = \"acme\"\n"));
    CHECK(all.find("store.store: is required") != std::string::npos);
    CHECK(all.find("store.timezone: is required") != std::string::npos);
    CHECK(all.find("store.tenant") == std::string::npos);
}

TEST_CASE("settings: rules that must hold together", "[settings]")
{
    CHECK(blamed("[visits]\nexit_timeout = \"15min\"\n").find("visits.settle_grace: must exceed")
          != std::string::npos);
    CHECK(blamed("[visits]\nstay_rssi = \"-70dBm\"\n").find("visits.stay_rssi")
          != std::string::npos);
    CHECK(blamed("[http]\nlisten = \"0.0.0.0:8470\"\n").find("without TLS") != std::string::npos);
    CHECK(blamed("[http]\nlisten = \"0.0.0.0:8470\"\ntls_certificate = \"c.pem\"\ntls_key = "
                 "\"k.pem\"\n")
              .empty());
    CHECK(blamed("[mqtt]\npassword = \"hq\"\n").find("mqtt.username") != std::string::npos);
    CHECK(blamed("[ledger]\nretention_visits = \"60d\"\n").find("visits.return_window")
          != std::string::npos);
    const std::string gateway =
        "[[reader]]\nname = \"g\"\ndriver = \"ble-gateway\"\nformat = \"minew\"\n"
        "brokers = [\"mqtt://127.0.0.1\"]\ntopics = [\"gw/#\"]\n";
    CHECK(blamed(gateway).empty());
    CHECK(blamed("[visits]\nlateness = \"1s\"\n" + gateway).find("too short for gateways")
          != std::string::npos);
    const std::string tap = "driver = \"pos-escpos\"\ntap = \"serial:/dev/ttyS0@9600\"\n";
    CHECK(blamed("[[reader]]\nname = \"a\"\n" + tap).empty());
    CHECK(blamed("[[reader]]\nname = \"a\"\n" + tap + "[[reader]]\nname = \"a\"\n" + tap)
              .find("is there twice")
          != std::string::npos);
    CHECK(blamed("[[reader]]\nname = \"a\"\ndriver = \"pos-escpos\"\n")
              .find("needs either printer or tap")
          != std::string::npos);
    CHECK(blamed("[[reader]]\nname = \"a\"\ndriver = \"api\"\ndevice = \"tcp:h:1\"\n")
              .find("is not for readers with driver 'api'")
          != std::string::npos);
}

TEST_CASE("settings: a demonstration may count in seconds", "[settings]")
{
    CHECK(blamed("[visits]\nexit_timeout = \"3s\"\nsettle_grace = \"4s\"\nlateness = \"0s\"\n"
                 "enter_dwell = \"0s\"\nenter_sightings = 1\n[engine]\nclock = \"events\"\n")
              .empty());
}

TEST_CASE("settings: later files win key by key, readers add up", "[settings]")
{
    const std::string api = "[[reader]]\ndriver = \"api\"\nname = ";
    const std::vector<SettingsFile> files{
        {"raiten.toml", store_text + "currency = \"EUR\"\n" + api + "\"one\"\n"},
        {"raiten.d/10.toml", "[store]\ncurrency = \"USD\"\n" + api + "\"two\"\n"},
        {"raiten.d/20.toml", "[store]\nday_start = \"04:00\"\n"}};
    const auto read = parse_settings(files, places);
    INFO(complaints(read));
    REQUIRE(read.problems.empty());
    CHECK(read.settings.store.currency == "USD");
    CHECK(read.settings.store.day_start == 4h);
    CHECK(read.settings.readers.size() == 2);
}

TEST_CASE("settings: what is no TOML is told once, without guesses about the rest", "[settings]")
{
    const auto broken = read("[store]\ntenant = acme\n");
    REQUIRE(broken.problems.size() == 1);
    CHECK(broken.problems[0].where.find("raiten.toml:2:") == 0);
}

TEST_CASE("settings: a reload says what takes effect and what waits", "[settings]")
{
    const auto before = read(store_text).settings;
    const auto after = read(store_text + "languages = [\"en\"]\n[log]\nlevel = \"debug\"\n[visits]\n"
                                         "exit_timeout = \"9min\"\n[[reader]]\nname=\"a\"\n"
                                         "driver=\"api\"\n")
                           .settings;
    const auto change = difference(before, after);
    CHECK(change.live == std::vector<std::string>{"log.level", "store.languages"});
    CHECK(std::find(change.restart.begin(), change.restart.end(), "visits.exit_timeout")
          != change.restart.end());
    CHECK(std::find(change.restart.begin(), change.restart.end(), "reader.a.name")
          != change.restart.end());
    CHECK(difference(before, before).restart.empty());
}

TEST_CASE("settings: --check-config tells all and answers with 0, 78 or 64", "[settings]")
{
    auto folder = (std::filesystem::temp_directory_path() / "raiten-settings-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    const auto file = folder + "/raiten.toml";
    std::filesystem::create_directory(folder + "/raiten.d");
    std::ofstream{file} << store_text;
    CHECK(check_config(std::vector{file}).exit_code == 0);
    std::ofstream{folder + "/raiten.d/50.toml"} << "[visits]\nlatenes = \"1s\"\n";
    const auto check = check_config(std::vector{file});
    CHECK(check.exit_code == 78);
    CHECK(check.text.find("50.toml:2:1: visits.latenes") != std::string::npos);
    CHECK(check_config(std::vector{folder + "/absent.toml"}).exit_code == 78);
    CHECK(check_config({}).exit_code == 64);
    std::filesystem::remove_all(folder);
}

TEST_CASE("settings: every row can be read, and says something", "[settings]")
{
    std::set<std::string> paths;
    for (const auto& key : settings_table()) {
        INFO(key.path());
        CHECK(paths.insert(key.path()).second);
        CHECK(key.doc.size() > 10);
        CHECK_FALSE(expectation_of(key).empty());
        if (!key.fallback) continue;
        const auto value = key_value_of(key, std::string{*key.fallback});
        if (!value) FAIL(value.error().text());
        CHECK(key_value_of(key, text_of(key, value.value())).value() == value.value());
    }
}

TEST_CASE("settings: reference, sample and manual are those of the table", "[settings]")
{
    if (std::getenv("RAITEN_UPDATE") != nullptr) {
        const std::string config = std::string{RAITEN_SOURCE_DIR} + "/config/";
        std::ofstream{config + "REFERENCE.md"} << settings_reference();
        std::ofstream{config + "raiten.toml"} << settings_sample();
    }
    INFO("RAITEN_UPDATE=1 test_app_base '[settings]' writes them anew");
    CHECK(committed("config/REFERENCE.md") == settings_reference());
    CHECK(committed("config/raiten.toml") == settings_sample());
    const auto manual = settings_man_page();
    for (const auto& key : settings_table())
        CHECK(settings_reference().find("`" + std::string{key.name} + "`") != std::string::npos);
    CHECK(manual.find(".B exit_timeout") != std::string::npos);
    const auto sample = read(settings_sample());
    INFO(complaints(sample));
    CHECK(sample.problems.empty());
}

TEST_CASE("settings: damaged files are refused in words, whatever they hold", "[settings]")
{
    const unsigned seed = 5;
    INFO("seed " << seed);
    std::mt19937 dice{seed};
    const auto whole = settings_sample() + "[[reader]]\nname=\"a\"\ndriver=\"api\"\n";
    for (int i = 0; i < 100; ++i) {
        auto text = whole;
        for (unsigned k = 0; k < 1 + dice() % 20; ++k)
            text[dice() % text.size()] = static_cast<char>(dice() % 256);
        for (const auto& problem : read(text).problems) REQUIRE_FALSE(problem.what.empty());
    }
}

TEST_CASE("settings: every sample of READERS.md is good, and together they are one shop",
          "[settings]")
{
    const auto page = committed("config/READERS.md");
    std::string all = store_text;
    std::size_t samples = 0;
    const std::string_view fence = "```toml\n";
    for (auto at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
        at += fence.size();
        all += page.substr(at, page.find("```", at) - at);
        ++samples;
    }
    CHECK(samples == 13);
    const auto shop = read(all);
    INFO(complaints(shop));
    REQUIRE(shop.problems.empty());
    std::set<std::string> drivers;
    for (const auto& reader : shop.settings.readers) drivers.insert(reader.driver);
    for (const auto driver : driver_names()) {
        INFO(driver << " has no sample");
        CHECK(drivers.count(std::string{driver}) == 1);
    }
}
