#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/store_files.hpp"
#include "daemon/app/store_clock.hpp"
#include "daemon/app/units.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/base/keyed_hash.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>

namespace raiten::app::ctl {
namespace {

constexpr std::uint32_t stores_max = 10'000;
constexpr std::uint32_t days_max = 36'500;

struct Asked {
    std::uint32_t stores{1};
    std::uint32_t members{1'000};
    std::uint32_t days{7};
    std::uint64_t seed{1};
    std::string out;
    std::string crowd{"normal"};
    std::string advertising{"3s"};
    double reception{0.6};
    double outages{0.25};
    double member_share{0.3};
    std::string start{"2026-01-01"};
    std::string timezone{"Asia/Tokyo"};
    std::uint32_t streams{1};
    bool json{};
};

Result<simulator::Crowd> crowd_of(const std::string& text)
{
    if (text == "quiet") return simulator::Crowd::quiet;
    if (text == "normal") return simulator::Crowd::normal;
    if (text == "crowded") return simulator::Crowd::crowded;
    return Problem{"is no scenario", "--scenario", "quiet, normal or crowded"};
}

Result<void> within(std::uint64_t value, std::uint64_t most, const char* option)
{
    if (value >= 1 && value <= most) return {};
    return Problem{"is out of range", option, "1 to " + std::to_string(most)};
}

Result<simulator::Scenario> scenario_of(const Asked& asked)
{
    for (const auto& good : {within(asked.stores, stores_max, "--stores"),
                             within(asked.members, simulator::members_max, "--members"),
                             within(asked.days, days_max, "--days")})
        if (!good) return good.error();
    simulator::Scenario scenario;
    scenario.members = asked.members;
    const auto crowd = crowd_of(asked.crowd);
    if (!crowd) return crowd.error();
    scenario.crowd = *crowd;
    const auto advertising = parse_duration(asked.advertising);
    if (!advertising) return Problem{advertising.error().what, "--advertising", "such as 3s"};
    scenario.advertising = *advertising;
    scenario.reception = asked.reception;
    scenario.outages_per_day = asked.outages;
    scenario.member_share = asked.member_share;
    const auto start = parse_instant(asked.start + "T00:00:00Z");
    if (!start) return Problem{"is not a day", "--start", "such as 2026-01-01"};
    scenario.first_day = std::chrono::floor<std::chrono::days>(*start);
    auto clock = make_store_clock(asked.timezone, std::chrono::minutes{0});
    if (!clock) return Problem{clock.error().what, "--timezone", clock.error().advice};
    scenario.clock = std::move(*clock);
    if (const auto good = simulator::check(scenario); !good)
        return Problem{good.error().what, "--" + good.error().where, good.error().advice};
    return scenario;
}

/// A folder that is not there yet, or holds nothing.
Result<void> room_in(const std::string& folder)
{
    std::error_code error;
    const auto status = std::filesystem::status(folder, error);
    if (!std::filesystem::exists(status)) return {};
    const Problem problem{"is not an empty folder; nothing was written", folder,
                          "name one that is not there yet"};
    if (!std::filesystem::is_directory(status)) return problem;
    const bool empty = std::filesystem::is_empty(folder, error);
    if (error) return Problem{"cannot be read: " + error.message(), folder};
    if (!empty) return problem;
    return {};
}

void report(const Asked& asked, const StoreTally& sum, double seconds)
{
    if (asked.json) {
        print(R"({"stores":)" + std::to_string(asked.stores) + R"(,"days":)"
              + std::to_string(asked.days) + R"(,"seed":)" + std::to_string(asked.seed)
              + R"(,"events":)" + std::to_string(sum.events) + R"(,"sightings":)"
              + std::to_string(sum.sightings) + R"(,"visits":)" + std::to_string(sum.visits)
              + R"(,"purchases":)" + std::to_string(sum.purchases) + R"(,"bytes":)"
              + std::to_string(sum.bytes) + R"(,"seconds":)" + std::to_string(seconds) + "}");
        return;
    }
    print("made " + asked.out + "/store-1" + (asked.stores > 1 ? " and more" : "") + ": "
          + std::to_string(sum.events) + " events (" + std::to_string(sum.sightings)
          + " sightings), " + std::to_string(sum.visits) + " visits of members, "
          + std::to_string(sum.bytes / 1'000'000) + " MB");
    print("next:");
    print("  raitenctl replay --config " + asked.out + "/store-1/raiten.toml --members \\");
    print("      " + asked.out + "/store-1/members.csv " + asked.out + "/store-1/events.ndjson");
}

int simulate(const Asked& asked)
{
    const auto scenario = scenario_of(asked);
    if (!scenario) return complain(scenario.error(), exit_code::usage);
    if (const auto room = room_in(asked.out); !room)
        return complain(room.error(), exit_code::cannot_create);
    const auto begun = std::chrono::steady_clock::now();
    StoreTally sum;
    {
        const std::uint64_t days = std::uint64_t{asked.stores} * asked.days;
        Progress progress{"simulating", "days", days};
        std::uint64_t done = 0;
        for (std::uint32_t number = 1; number <= asked.stores; ++number) {
            const auto name = "store-" + std::to_string(number);
            const auto seed = KeyedHash{asked.seed}.add("store").add(number).value();
            simulator::Store store{*scenario, seed};
            const StoreFiles files{asked.out + "/" + name, name, asked.timezone, asked.days,
                                   asked.streams};
            const auto written =
                write_store(store, seed, files, [&](const StoreTally&) { progress.show(++done); });
            if (!written) return complain(written.error(), exit_code::output_failed);
            sum.events += written->events;
            sum.sightings += written->sightings;
            sum.visits += written->visits;
            sum.purchases += written->purchases;
            sum.bytes += written->bytes;
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    report(asked, sum, took.count());
    return exit_code::good;
}

}  // namespace

void add_simulate(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command = add_command(
        app, "simulate",
        "Make synthetic stores: members, beacons, readers, registers, and what really happened. "
        "The same seed makes the same files.",
        "raitenctl simulate --out /tmp/sim\n"
        "raitenctl simulate --stores 3 --members 500 --days 30 --seed 7 --out /tmp/sim\n"
        "raitenctl simulate --scenario crowded --advertising 10s --reception 0.3 --out /tmp/sim\n"
        "raitenctl replay --config /tmp/sim/store-1/raiten.toml \\\n"
        "    --members /tmp/sim/store-1/members.csv /tmp/sim/store-1/events.ndjson");
    command->footer(command->get_footer()
                    + "\n\nEach DIR/store-K has raiten.toml, token.key, members.csv, events.ndjson\n"
                      "(normalised events in order of arrival), truth.ndjson (what really\n"
                      "happened) and streams/ (the bytes that the devices sent, named after the\n"
                      "FORMAT of raitenctl decode). A day of 1,000 members in a normal store is\n"
                      "15 to 30 MB of events, and half as much again of streams.");
    const auto number = [&](const char* name, auto& value, const char* what) {
        command->add_option(name, value, what)->type_name("N")->capture_default_str();
    };
    number("--stores", asked->stores, "How many.");
    number("--members", asked->members, "Of each store, staff apart; 1 to 1,000,000.");
    number("--days", asked->days, "How long.");
    number("--seed", asked->seed, "Of everything that is drawn.");
    command->add_option("--out", asked->out, "Where to; not there yet, or empty.")
        ->required()
        ->type_name("DIR");
    command->add_option("--scenario", asked->crowd, "quiet, normal or crowded.")
        ->type_name("NAME")
        ->capture_default_str();
    command
        ->add_option("--advertising", asked->advertising,
                     "Time between two advertisements of a member's beacon; 100ms to 60s.")
        ->type_name("TIME")
        ->capture_default_str();
    number("--reception", asked->reception,
           "Share of the advertisements in reach that a reader gets; 0.01 to 1.");
    number("--outages", asked->outages, "Expected for each Bluetooth reader and day; 0 to 20.");
    number("--member-share", asked->member_share,
           "Share of the receipts that are members', cards shown or not; 0.01 to 1.");
    command->add_option("--start", asked->start, "The first day.")
        ->type_name("DATE")
        ->capture_default_str();
    command->add_option("--timezone", asked->timezone, "The stores', as IANA names it.")
        ->type_name("ZONE")
        ->capture_default_str();
    command
        ->add_option("--streams", asked->streams,
                     "Of how many days, from the first, the device bytes are kept in streams/.")
        ->type_name("DAYS")
        ->capture_default_str();
    add_json(*command, asked->json, "Print the counts and the seconds as JSON.");
    command->callback([asked, &code] { code = simulate(*asked); });
}

}  // namespace raiten::app::ctl
