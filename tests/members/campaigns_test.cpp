#include "daemon/app/campaign_figures.hpp"
#include "daemon/app/member_desk.hpp"
#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/meta.hpp"
#include "tests/members/shelf.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <random>

/// A campaign with planted members: its figures beside what SQL makes of the same rows.
using namespace raiten;
using namespace std::chrono_literals;
using test::Shelf;

namespace {

constexpr Millis day = 24h;
const Instant start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
const Instant now = start + 60 * day;
constexpr double share = 0.4;

/// 600 members, of whom two in five get nothing; with the offer more of them buy.
class Town {
 public:
    explicit Town(std::uint64_t seed = 11) : dice_{seed}
    {
        shelf.begin();
        for (std::uint64_t member = 1; member <= members; ++member) live(member);
        ledger::put_meta(shelf.database(), "engine_time", now.time_since_epoch().count());
        shelf.end();
    }

    /// Adds to it what is in no figure.
    void trouble()
    {
        shelf.database().begin();
        shelf.database().run("UPDATE member SET staff = 1 WHERE id IN (3, 4)");
        for (std::uint64_t member = 10; member < 20; ++member)  // not over
            decide(member, 90, now - 1 * day, CouponState::delivered);
        for (std::uint64_t member = 20; member < 30; ++member)
            decide(member, 90, start + 40 * day, CouponState::revoked);
        for (std::uint64_t member = 30; member < 40; ++member) {
            auto visit = decide(member, 90, start + 40 * day, CouponState::expired);
            visit.blind = visit.left_at - visit.opened_at;
            shelf.put(visit);
        }
        for (std::uint64_t member = 40; member < 50; ++member) {
            auto visit = decide(member, 90, start + 40 * day, CouponState::expired);
            visit.receipts.push_back(receipt(visit));
            visit.receipts.back().attribution = Attribution::inferred;
            visit.receipts.back().confidence = 0.5;
            shelf.put(visit);
        }
        shelf.end();
    }

    app::CampaignsFigures figures(const std::string& campaign = "back")
    {
        auto past = ledger::value(ledger::Histories::open(shelf.path()));
        const std::atomic<bool> cancelled{false};
        return ledger::value(app::campaigns_figures(past, {campaign}, {}, {}, cancelled));
    }
    nlohmann::json json(const app::CampaignsFigures& figures)
    {
        return nlohmann::json::parse(app::campaigns_figures_json(figures, "JPY", {}))
            .at("campaigns")
            .at("back");
    }

    Shelf shelf;
    static constexpr std::uint64_t members = 600;

 private:
    bool chance(double p) { return static_cast<double>(dice_() >> 11U) * 0x1p-53 < p; }
    VisitReceipt receipt(const VisitRecord& visit)
    {
        VisitReceipt out;
        out.pos = "reg-1";
        out.number = std::to_string(++receipts_);
        out.at = visit.opened_at + 5min;
        out.total = Money::from_units(500 + static_cast<int>(dice_() % 2000));
        out.currency = "JPY";
        return out;
    }
    /// A decision, and the visit an hour later; who bought is for the caller.
    VisitRecord decide(std::uint64_t member, std::uint64_t number, Instant at, CouponState state)
    {
        CouponRecord coupon;
        coupon.id = CouponId{member << 32U | number};
        coupon.campaign = "back";
        coupon.member = MemberId{member};
        coupon.moment = "non_purchase_return";
        coupon.occasion = std::to_string(number);
        coupon.decided_at = at;
        coupon.expires_at = at + day;
        coupon.offer = state == CouponState::withheld ? "" : "TEN";
        coupon.control = share;
        coupon.cost = Money::from_units(100);
        coupon.state = state;
        ledger::put_coupon(shelf.database(), coupon, at);
        VisitRecord visit = shelf.visit(member, static_cast<std::uint32_t>(number), {at + 1h});
        visit.left_at = visit.opened_at + 30min;
        visit.passive = true;
        shelf.put(visit);
        return visit;
    }
    void live(std::uint64_t member)
    {
        shelf.member(member);
        const bool withheld = chance(share);
        const auto decisions = 1 + dice_() % 3;
        for (std::uint64_t n = 0; n < decisions; ++n) {
            const bool buys = chance(withheld ? 0.25 : 0.40);
            auto visit = decide(member, n, start + static_cast<int>(n) * 4 * day,
                                withheld ? CouponState::withheld
                                : buys   ? CouponState::redeemed
                                         : CouponState::expired);
            if (!buys) continue;
            visit.receipts.push_back(receipt(visit));
            shelf.put(visit);
        }
    }

    std::mt19937_64 dice_;
    std::uint64_t receipts_{};
};

/// The same by SQL over the columns that anybody can read.
struct BySql {
    explicit BySql(Shelf& shelf)
    {
        auto rows = shelf.database().query(
            "WITH over AS (SELECT c.*, EXISTS(SELECT 1 FROM visit v WHERE v.member = c.member AND"
            " v.opened_at > c.decided_at AND v.opened_at <= c.expires_at AND v.outcome = 1)"
            " AS bought, coalesce((SELECT sum(v.spend) FROM visit v WHERE v.member = c.member AND"
            " v.opened_at > c.decided_at AND v.opened_at <= c.expires_at), 0) AS spent"
            " FROM coupon c JOIN member m ON m.id = c.member WHERE m.staff = 0 AND c.state <> 5"
            " AND c.expires_at < ?1 AND NOT EXISTS(SELECT 1 FROM visit v WHERE v.member = c.member"
            " AND v.opened_at BETWEEN c.decided_at AND c.expires_at AND"
            " (v.blind_ms > 0 OR v.uncertain)))"
            " SELECT member, max(state = 1), count(*), sum(bought), sum(spent),"
            " sum(cost * (state = 3)) FROM over GROUP BY member ORDER BY member",
            now - 10 * day);
        while (rows.next()) {
            rows.get<MemberId>();
            decision::ExperimentMember member;
            member.withheld = rows.get<bool>();
            member.decisions = rows.get<std::uint32_t>();
            member.bought = rows.get<std::uint32_t>();
            member.spent = rows.get<Money>().units();
            member.cost = rows.get<Money>().units();
            member.control_share = share;
            members.push_back(member);
            auto& group = member.withheld ? withheld : given;
            ++group.members;
            group.decisions += member.decisions;
            group.bought += member.bought;
            group.spent += member.spent;
        }
    }
    struct Group {
        std::uint64_t members{}, decisions{}, bought{};
        double spent{};
        double rate() const { return static_cast<double>(bought) / static_cast<double>(decisions); }
    };
    Group given, withheld;
    std::vector<decision::ExperimentMember> members;
};

void same(const decision::GroupFigures& told, const BySql::Group& group)
{
    CHECK(told.members == group.members);
    CHECK(told.decisions == group.decisions);
    CHECK(told.bought == group.bought);
    CHECK(told.rate == Approx(group.rate()).epsilon(1e-12));
    CHECK(told.spend == Approx(group.spent / static_cast<double>(group.decisions)).epsilon(1e-12));
}

}  // namespace

TEST_CASE("campaigns: the figures are those that SQL finds", "[members][campaigns]")
{
    Town town;
    if (GENERATE(false, true)) town.trouble();
    const auto all = town.figures();
    CHECK(all.as_of == now);
    const auto& told = all.campaigns.at(0);
    const BySql sql{town.shelf};
    REQUIRE(sql.members.size() > 590);
    same(told.effect.given, sql.given);
    same(told.effect.withheld, sql.withheld);
    CHECK(told.decisions == sql.given.decisions + sql.withheld.decisions);

    const auto effect = ledger::value(decision::effect_of(sql.members));
    const auto look = ledger::value(decision::always_valid(sql.members));
    REQUIRE(told.effect.figures.has_value());
    CHECK(told.effect.verdict == decision::Verdict::more);
    CHECK(told.effect.sample_ratio == effect.sample_ratio);
    CHECK(told.effect.figures->rate == effect.figures->rate);
    CHECK(told.effect.figures->spend == effect.figures->spend);
    CHECK(told.effect.figures->purchases == effect.figures->purchases);
    CHECK(told.effect.figures->purchase_cost->value == effect.figures->purchase_cost->value);
    CHECK(told.effect.figures->rate.value
          == Approx(sql.given.rate() - sql.withheld.rate()).epsilon(1e-9));
    REQUIRE(told.look.figures.has_value());
    CHECK(told.look.figures->rate == look.figures->rate);
}

TEST_CASE("campaigns: what is in no figure is counted, by reason", "[members][campaigns]")
{
    Town town;
    const auto before = town.figures().campaigns.at(0);
    CHECK(before.counts.pending == 0);
    CHECK(before.unknown() == 0);
    town.trouble();
    const auto after = town.figures().campaigns.at(0);
    CHECK(after.counts.pending == 10);
    CHECK(after.counts.by_state.at(static_cast<std::size_t>(CouponState::revoked)) == 10);
    CHECK(after.partly_blind == 10);
    CHECK(after.guessed == 10);
    const auto of_staff = before.decisions - after.decisions;
    CHECK(of_staff > 0);
    CHECK(after.unknown() == of_staff);
    const auto json = town.json(town.figures());
    CHECK(json.at("effect").at("pending") == 10);
    CHECK(json.at("effect").at("left_out").at("partly_blind") == 10);
    CHECK(json.at("effect").at("left_out").at("unknown") == of_staff);
    CHECK(json.at("states").at("revoked") == 10);
    CHECK(json.at("states").at("delivered") == 10);
}

TEST_CASE("campaigns: who came into the other group later stays in the first",
          "[members][campaigns]")
{
    Town town;
    const auto before = town.figures().campaigns.at(0);
    town.shelf.database().begin();
    // The second decision of everybody who has one is turned round.
    town.shelf.database().run("UPDATE coupon SET state = 1 - (state = 1) WHERE occasion = '1'");
    town.shelf.end();
    const auto after = town.figures().campaigns.at(0);
    CHECK(after.changed_group > 100);
    CHECK(after.decisions + after.changed_group == before.decisions);
    CHECK(after.effect.given.members == before.effect.given.members);
    CHECK(after.effect.withheld.members == before.effect.withheld.members);
}

TEST_CASE("campaigns: where decisions were lost, no outcome is told, and why",
          "[members][campaigns]")
{
    Town town;
    town.shelf.database().begin();
    town.shelf.database().run("DELETE FROM coupon WHERE state = 1 AND member % 2 = 0");
    town.shelf.end();
    const auto effect = town.json(town.figures()).at("effect");
    CHECK(effect.at("verdict") == "mismatch");
    CHECK(effect.at("words").get<std::string>().find("chance") != std::string::npos);
    CHECK(effect.at("sample_ratio").at("p") < 0.001);
    CHECK(effect.at("figures").is_null());
    CHECK(effect.at("look").is_null());
    // Nobody shall subtract by hand what is not to be subtracted.
    for (const char* group : {"given", "withheld"})
        for (const char* key : {"bought", "buyers", "rate", "spend"})
            CHECK(effect.at(group).at(key).is_null());
}

TEST_CASE("campaigns: a campaign without a decision has no figures", "[members][campaigns]")
{
    Town town;
    const auto none = town.figures("never").campaigns.at(0);
    CHECK(none.effect.verdict == decision::Verdict::too_few);
    CHECK_FALSE(none.effect.figures.has_value());
    CHECK(none.counts.decisions() == 0);
}

TEST_CASE("campaigns: the desk keeps their figures for five minutes", "[members][campaigns]")
{
    Town town;
    boost::asio::io_context loop;
    const auto open = boost::asio::make_work_guard(loop);
    app::MemberDesk desk{loop.get_executor(), town.shelf.path(), {}, "JPY", StoreClock{}};
    const auto pending = [&](Instant at) {
        std::optional<int> count;
        desk.ask_campaigns({"back"}, at, [&](const Result<std::string>& json) {
            REQUIRE(json.has_value());
            count =
                nlohmann::json::parse(*json).at("campaigns").at("back").at("effect").at("pending");
        });
        CHECK_FALSE(count.has_value());
        while (!count) REQUIRE(loop.run_one_for(10s) == 1);
        return *count;
    };
    CHECK(pending(now) == 0);
    town.trouble();
    CHECK(pending(now + 4min) == 0);
    CHECK(pending(now + 5min) == 10);
}
