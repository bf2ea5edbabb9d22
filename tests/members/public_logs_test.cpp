#include "tests/members/public_log.hpp"
#include "tests/members/recompute.hpp"

#include "daemon/base/iso8601.hpp"
#include "tests/drivers/ble/shared_data.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

// Definitions, and where the references differ from ours:
//
// - Their "visits until purchase" is the number of a buyer's visit at the first purchase in the
// log:
//   our visits_to_first_purchase. Ours over all purchases (streak + 1) has no reference; SQL has
//   it.
// - Their "non-purchase return" is any visit after one without a purchase, however long ago: ours
//   with a return_window as long as the log. The same log with the default 90 days is counted anew
//   here from the file.
// - Their "non-purchasers" never bought within the log; ours did not buy within the last 90 days.
//   So theirs are counted over the members' histories, beside SQL.
// - Their quarters are logs of their own: what was before is not known.
// - The log has no amounts. A purchase is booked with 100 × the visit's number of actions.

using namespace raiten;
using namespace raiten::test;
using Json = nlohmann::json;
using Row = std::map<std::string, std::string>;

namespace {

constexpr Millis day = std::chrono::hours{24};
const Period all_time{Instant{}, Instant{std::chrono::hours{24 * 365 * 100}}};

struct LoggedVisit {
    std::string user;
    Instant at;
    bool bought{};
    std::int64_t actions{};
};

std::vector<LoggedVisit> shop_log(const std::filesystem::path& folder)
{
    std::vector<LoggedVisit> out;
    for (const auto& row : read_csv(read_gz(folder / "retentioneering_visits.csv.gz"))) {
        auto at = row.at("t") + "Z";
        at[10] = 'T';
        out.push_back({row.at("user_id"), parse_instant(at).value(), row.at("buy") != "0",
                       std::stoll(row.at("n"))});
    }
    return out;
}

PublicLog store_of(const std::vector<LoggedVisit>& visits)
{
    PublicLog log;
    std::set<std::string> known;
    for (const auto& visit : visits) {
        if (known.insert(visit.user).second) log.member(visit.user);
        log.check_in(visit.user, visit.at);
        if (visit.bought)
            log.purchase(visit.user, visit.at + std::chrono::minutes{1}, 100 * visit.actions);
    }
    return log;
}

double ratio(std::uint64_t part, std::uint64_t whole)
{
    return static_cast<double>(part) / static_cast<double>(whole);
}

/// Members who never bought, by their visits: from the histories, and from SQL.
struct NeverBought {
    std::uint64_t members{}, two_or_three{}, more_than_one{};

    static NeverBought of(const std::string& path)
    {
        NeverBought out;
        auto past = ledger::value(ledger::Histories::open(path));
        const auto read = past.each_member([&](const ledger::MemberHistory& member) {
            if (std::any_of(member.visits.begin(), member.visits.end(),
                            [](const auto& visit) { return visit.purchase; }))
                return true;
            ++out.members;
            if (member.visits.size() > 1) ++out.more_than_one;
            if (member.visits.size() == 2 || member.visits.size() == 3) ++out.two_or_three;
            return true;
        });
        REQUIRE(read.has_value());
        return out;
    }
};

void meets(PlayedLog& played, const Json& reference)
{
    const auto figures = figures_of(played.path(), all_time, {});
    CHECK(differences(figures, {}, played.database()) == "");

    // The engine's own summaries, the members' figures and SQL: three ways to the same number.
    const auto& days = played.days();
    const auto visits = reference.at("visits").get<std::uint64_t>();
    const auto bought = reference.at("purchase_visits").get<std::uint64_t>();
    CHECK(days.visits == visits);
    CHECK(played.number("SELECT count(*) FROM visit WHERE state = 2 AND close_reason IS NOT 4")
          == visits);
    CHECK(figures.members == reference.at("users"));
    CHECK(days.new_members == reference.at("users"));
    CHECK(days.purchase_visits == bought);
    CHECK(figures.returning.to_purchase.purchases == bought);
    CHECK(played.number("SELECT count(*) FROM visit WHERE outcome = 1") == bought);
    CHECK(ratio(days.purchase_visits, days.visits) == reference.at("conversion").get<double>());
    const auto folded = figures.returning.to_purchase.folded(5);
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(days.visits_to_purchase[i] == folded.by_visits[i].purchases);

    const auto& first = figures.returning.to_first_purchase;
    CHECK(first.purchases == reference.at("purchasers"));
    for (const auto& [took, purchases] : reference.at("visits_until_purchase_hist").items()) {
        INFO(took << " visits");
        CHECK(first.by_visits[std::stoul(took) - 1].purchases == purchases.get<std::uint64_t>());
    }
    CHECK(first.mean_visits() == reference.at("visits_until_purchase_mean").get<double>());
    CHECK(ratio(first.by_visits[0].purchases, first.purchases)
          == reference.at("share_purchasers_bought_on_first").get<double>());
    CHECK(ratio(first.purchases - first.by_visits[0].purchases, first.purchases)
          == reference.at("share_purchasers_needed_gt1").get<double>());

    CHECK(ratio(days.non_purchase_returns, days.visits)
          == reference.at("share_visits_that_are_nonpurchase_returns").get<double>());
    CHECK(played.number("SELECT count(*) FROM visit WHERE streak > 0")
          == days.non_purchase_returns);

    const auto never = NeverBought::of(played.path());
    CHECK(never.members == reference.at("nonpurchasers"));
    CHECK(ratio(never.two_or_three, never.members)
          == reference.at("share_nonpurchasers_2_3_visits").get<double>());
    CHECK(ratio(never.more_than_one, never.members)
          == reference.at("share_nonpurchasers_gt1").get<double>());
    const std::string non_purchasers =
        "SELECT count(*) FROM (SELECT count(*) AS n FROM visit"
        " GROUP BY member HAVING sum(outcome) = 0) WHERE n ";
    CHECK(played.number(non_purchasers + "> 0") == never.members);
    CHECK(played.number(non_purchasers + "IN (2, 3)") == never.two_or_three);
    CHECK(played.number(non_purchasers + "> 1") == never.more_than_one);
}

std::vector<LoggedVisit> between(const std::vector<LoggedVisit>& visits, Instant from, Instant to)
{
    std::vector<LoggedVisit> out;
    for (const auto& visit : visits)
        if (visit.at >= from && visit.at < to) out.push_back(visit);
    return out;
}

Json reference_of(const std::filesystem::path& folder)
{
    const auto bytes = read_file(folder / "visits_kpi_ref.json");
    return Json::parse(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

TEST_CASE("members: a public shop log has the visits and purchases of its reference",
          "[members][shared]")
{
    const auto folder = shared_folder("data/history/visits_synthetic");
    if (!folder) return;
    const auto reference = reference_of(*folder);
    const auto visits = shop_log(*folder);
    const std::string any_gap = "return_window = \"1000d\"\n";
    auto first = visits.front().at;
    for (const auto& visit : visits) first = std::min(first, visit.at);

    SECTION("all of it")
    {
        PlayedLog played{store_of(visits), any_gap};
        meets(played, reference.at("retentioneering_all"));
    }
    SECTION("the first 91 days")
    {
        PlayedLog played{store_of(between(visits, first, first + 91 * day)), any_gap};
        meets(played, reference.at("retentioneering_quarter1"));
    }
    SECTION("the rest")
    {
        PlayedLog played{store_of(between(visits, first + 91 * day, all_time.to)), any_gap};
        meets(played, reference.at("retentioneering_quarter2"));
    }
    SECTION("with the return window that is the default")
    {
        PlayedLog played{store_of(visits), ""};
        std::uint64_t returns = 0;
        for (std::size_t i = 1; i < visits.size(); ++i)  // by user, then by time
            if (visits[i].user == visits[i - 1].user && !visits[i - 1].bought
                && visits[i].at - visits[i - 1].at <= 90 * day)
                ++returns;
        CHECK(played.days().non_purchase_returns == returns);
        CHECK(played.days().visits == visits.size());
        WARN("non-purchase returns within 90 days: " << returns << " of " << visits.size()
                                                     << " visits");
        const auto figures = figures_of(played.path(), all_time, {});
        CHECK(differences(figures, {}, played.database()) == "");
    }
}

TEST_CASE("members: sessions without identities have their conversion", "[members][shared]")
{
    const auto folder = shared_folder("data/history/online_shoppers");
    const auto references = shared_folder("data/history/visits_synthetic");
    if (!folder || !references) return;
    const auto reference = reference_of(*references).at("uci_online_shoppers");
    // No ids and no times: each session is a member's only visit, a minute after the other.
    PublicLog log;
    Instant at{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};
    std::size_t number = 0;
    for (const auto& row : read_csv(read_gz(*folder / "online_shoppers_intention.csv.gz"))) {
        const auto name = row.at("VisitorType") + "-" + std::to_string(++number);
        log.member(name);
        log.check_in(name, at);
        if (row.at("Revenue") == "True") log.purchase(name, at + std::chrono::seconds{30}, 1000);
        at += std::chrono::minutes{1};
    }
    PlayedLog played{log, ""};
    CHECK(played.days().visits == reference.at("sessions"));
    CHECK(ratio(played.days().purchase_visits, played.days().visits)
          == reference.at("conversion").get<double>());
    const auto of = [&](const std::string& kind, const std::string& what) {
        return played.number("SELECT " + what + " FROM visit JOIN member ON member.id = visit.member"
                             " WHERE state = 2 AND name LIKE '" + kind + "%'");
    };
    std::uint64_t purchases = 0;
    for (const auto& [kind, expected] : reference.at("by_visitor").items()) {
        INFO(kind);
        const auto visits = of(kind, "count(*)");
        CHECK(visits == expected.at("n"));
        CHECK(ratio(of(kind, "sum(outcome)"), visits) == expected.at("conversion").get<double>());
        purchases += of(kind, "sum(outcome)");
    }
    CHECK(ratio(of("Returning_Visitor", "sum(outcome)"), purchases)
          == reference.at("share_of_purchases_by_returning").get<double>());
    CHECK(played.days().non_purchase_returns == 0);
    const auto figures = figures_of(played.path(), all_time, {});
    CHECK(differences(figures, {}, played.database()) == "");
}

TEST_CASE("members: a public check-in log has the member-days of its reference",
          "[members][shared]")
{
    const auto folder = shared_folder("data/history/checkins_nyc");
    if (!folder) return;
    const auto bytes = read_file(*folder / "checkins_shared_nextvisit_ref.json");
    const auto reference =
        Json::parse(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    // A member is one person at one place; those of the reference were there on more days than
    // the history that it learns from.
    std::map<std::string, std::map<int, std::set<int>>> days;  // member -> day -> minutes
    for (const auto& row : read_csv(read_gz(*folder / "checkins_shared.csv.gz")))
        days["u" + row.at("user_id") + "-" + row.at("location_id")][std::stoi(row.at("start_day"))]
            .insert(std::stoi(row.at("start_min")));
    std::erase_if(days, [&](const auto& member) {
        return member.second.size() <= reference.at("min_history").template get<std::size_t>();
    });
    CHECK(days.size() == reference.at("members"));

    PublicLog log;
    std::uint64_t returns =
        0;  // nobody buys: whoever comes again within 90 days does so empty-handed
    const Instant start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};
    for (const auto& [member, dates] : days) {
        log.member(member);
        std::optional<Instant> before;
        for (const auto& [date, minutes] : dates)
            for (const int minute : minutes) {
                const auto at = start + date * day + std::chrono::minutes{minute};
                log.check_in(member, at);
                if (before && at - *before <= 90 * day) ++returns;
                before = at;
            }
    }
    // A visit of one minute: whoever checks in at 23:50 and at 00:10 came on two days.
    PlayedLog played{log,
                     "checkin_stay = \"30s\"\nsettle_grace = \"30s\"\nexit_timeout = \"20s\"\n"
                     "lateness = \"0s\"\n"};
    CHECK(played.days().members == reference.at("visits"));
    CHECK(played.days().visits == log.events());
    CHECK(played.number("SELECT count(*) FROM (SELECT DISTINCT member, opened_at / 86400000"
                        " FROM visit WHERE state = 2)")
          == reference.at("visits"));
    CHECK(played.days().non_purchase_returns == returns);
    const auto figures = figures_of(played.path(), all_time, {});
    CHECK(figures.members == reference.at("members"));
    CHECK(differences(figures, {}, played.database()) == "");
}
