#include "daemon/base/keyed_hash.hpp"
#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/schema.hpp"
#include "daemon/ledger/visit_table.hpp"
#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

const Instant monday{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5} + 1h};

/// A ledger in which decisions were made of which it is known what they bring.
class Shop {
 public:
    explicit Shop(const std::string& path)
    {
        auto opened = ledger::Database::open(path, ledger::Database::Access::read_write, 1s);
        REQUIRE(opened.has_value());
        database_ = std::move(opened).value();
        REQUIRE(ledger::bring_up_to_date(*database_).has_value());
        database_->begin();
    }
    ~Shop() { CHECK(database_->commit().has_value()); }

    MemberId member(bool staff = false)
    {
        MemberRecord who;
        who.id = MemberId{++members_};
        who.name = "m" + std::to_string(members_);
        who.staff = staff;
        ledger::put_basics(*database_, who);
        return who.id;
    }
    void decision(const std::string& campaign, MemberId member, const std::string& offer,
                  double control, double arm_probability, Instant at)
    {
        CouponRecord coupon;
        coupon.id = CouponId{++coupons_};
        coupon.campaign = campaign;
        coupon.offer = offer;
        coupon.member = member;
        coupon.moment = "non_purchase_return";
        coupon.occasion = std::to_string(coupons_);
        coupon.decided_at = at;
        coupon.expires_at = at + 24h;
        coupon.control = control;
        coupon.arm_probability = arm_probability;
        coupon.state = offer.empty() ? CouponState::withheld : CouponState::expired;
        ledger::put_coupon(*database_, coupon, at);
    }
    /// A visit of an hour; without an amount nothing was bought.
    void visit(MemberId member, Instant at, std::int64_t amount, double confidence = 1,
               VisitState state = VisitState::settled)
    {
        VisitRecord visit;
        visit.id = VisitId{++visits_};
        visit.member = member;
        visit.state = state;
        visit.opened_at = at;
        visit.left_at = at + 1h;
        if (amount > 0) {
            VisitReceipt receipt;
            receipt.pos = "reg-1";
            receipt.number = std::to_string(visits_);
            receipt.at = at + 30min;
            receipt.total = Money::from_units(amount);
            receipt.currency = "JPY";
            receipt.confidence = confidence;
            receipt.attribution = confidence < 1 ? Attribution::inferred : Attribution::token;
            visit.receipts.push_back(receipt);
        }
        ledger::put_visit(*database_, visit, at);
    }
    void it_is(Instant now)
    {
        ledger::put_meta(*database_, "engine_time",
                         std::int64_t{now.time_since_epoch() / std::chrono::milliseconds{1}});
    }

 private:
    std::unique_ptr<ledger::Database> database_;
    std::uint64_t members_{}, coupons_{}, visits_{};
};

std::string campaign(const std::string& id, double control, const std::vector<std::string>& offers)
{
    Json out{{"id", id},
             {"moment", "non_purchase_return"},
             {"valid_for", "1d"},
             {"control", control},
             {"offers", Json::array()}};
    for (const auto& offer : offers)
        out["offers"].push_back(
            {{"code", offer}, {"text", {{"en", offer}}}, {"value", "100"}, {"cost", "100"}});
    return out.dump();
}

/// What 1,500 members did: of five one in the control group; whose chance to buy is .1, with the
/// offer A .2, with B .4. Two decisions about each, a week apart.
struct Lived {
    double ips{}, ips_spend{}, done{};  ///< of a campaign with B alone and a tenth withheld
    std::size_t decisions{};
};
Lived live(Shop& shop)
{
    Lived out;
    for (std::uint64_t n = 0; n < 1'500; ++n) {
        const auto who = shop.member();
        const auto draw = [&](std::string_view what, std::uint64_t week) {
            return KeyedHash{6}.add(what).add(n).add(week).unit();
        };
        const bool withheld = draw("control", 0) < 0.2;
        for (std::uint64_t week = 0; week < 2; ++week) {
            const auto at = monday + 24h * (7 * week) + 1min * n;
            const bool second = draw("arm", week) < 0.5;
            const double chance = withheld ? 0.1 : second ? 0.4 : 0.2;
            const std::int64_t amount =
                draw("buys", week) < chance ? 500 + 10 * static_cast<std::int64_t>(n % 50) : 0;
            shop.decision("came-back", who, withheld ? "" : second ? "B" : "A", 0.2, 0.5, at);
            shop.visit(who, at, amount);
            const double weight = withheld ? 0.1 / 0.2 : second ? 0.9 / 0.4 : 0;
            out.ips += amount > 0 ? weight : 0;
            out.ips_spend += weight * static_cast<double>(amount);
            out.done += amount > 0 ? 1 : 0;
            ++out.decisions;
        }
    }
    const auto all = static_cast<double>(out.decisions);
    out.ips /= all;
    out.ips_spend /= all;
    out.done /= all;
    return out;
}

}  // namespace

TEST_CASE("backtest: bolder arms are told from the decisions that were made", "[tool]")
{
    const Scratch scratch;
    const auto db = scratch.path("ledger.sqlite");
    Lived lived;
    {
        Shop shop{db};
        lived = live(shop);
        const auto week = monday + 24h * 21;
        // What cannot be used: of staff, of a sale that may be somebody else's, of a visit that is
        // not settled, and of a coupon that is still valid.
        const auto staff = shop.member(true);
        shop.decision("came-back", staff, "B", 0.2, 0.5, week);
        const auto perhaps = shop.member();
        shop.decision("came-back", perhaps, "B", 0.2, 0.5, week);
        shop.visit(perhaps, week + 1h, 900, 0.7);
        const auto still_here = shop.member();
        shop.decision("came-back", still_here, "A", 0.2, 0.5, week);
        shop.visit(still_here, week, 0, 1, VisitState::open);
        shop.decision("came-back", shop.member(), "A", 0.2, 0.5, week + 24h * 2 - 1ms);
        // Bought before, and after: neither is of the decision.
        shop.decision("another", still_here, "A", 0.2, 0.5, week - 24h * 3);
        shop.it_is(week + 24h * 3 + 12h);
    }
    const auto file = scratch.file("bolder.json", campaign("came-back", 0.1, {"B"}));
    const auto ran = raitenctl({"backtest", "--campaign", file, "--db", db, "--json"});
    CAPTURE(ran.err);
    REQUIRE(ran.code == 0);
    const auto told = Json::parse(ran.out);
    CHECK(told["decisions"] == 3'000);
    CHECK(told["members"] == 1'500);
    CHECK(told["left_out"]["not_agreed"] == 1);
    CHECK(told["left_out"]["uncertain"] == 1);
    CHECK(told["left_out"]["not_over"] == 2);
    CHECK(told["left_out"]["no_probability"] == 0);
    const auto& bought = told["bought"];
    CHECK(bought["logged"]["value"].get<double>() == Approx(lived.done).epsilon(1e-9));
    CHECK(bought["ips"]["value"].get<double>() == Approx(lived.ips).epsilon(1e-9));
    CHECK(told["spend"]["ips"]["value"].get<double>() == Approx(lived.ips_spend).epsilon(1e-9));
    const double truth = 0.1 * 0.1 + 0.9 * 0.4;
    for (const auto* estimate : {"ips", "snips", "doubly_robust"}) {
        CAPTURE(estimate);
        CHECK(bought[estimate]["lower"].get<double>() < truth);
        CHECK(bought[estimate]["upper"].get<double>() > truth);
    }
    CHECK(bought["gain"]["lower"].get<double>() > 0);
    CHECK(bought["gain"]["upper"].get<double>() < 2 * (truth - 0.26));
    CHECK(told["doubtful_weights"] == false);
    CHECK(told["actions"][0]["offer"].is_null());
    CHECK(told["actions"][1]
          == Json{{"offer", "B"},
                  {"decisions", told["actions"][1]["decisions"]},
                  {"bought", told["actions"][1]["bought"]},
                  {"policy", 0.9}});
    CHECK(told["actions"][2]["policy"] == 0);

    const auto table = raitenctl({"backtest", "--campaign", file, "--db", db});
    CHECK(table.code == 0);
    auto text = table.out;
    std::replace(text.begin(), text.end(), '\n', ' ');
    CAPTURE(text);
    for (const auto* word :
         {"(withheld)", "as it was done", "the file, DR", "SNIPS", "IPS", "more by the file",
          "Effective sample", "95 % intervals", "not played again",
          "Not used: 2 not over yet, 1 with", "2026-01-05 to 2026-01-13"})
        CHECK(text.find(word) != std::string::npos);
    for (const auto& line : table.lines()) CHECK(line.size() <= 80);
}

TEST_CASE("backtest: what the decisions do not tell is not told", "[tool]")
{
    const Scratch scratch;
    const auto db = scratch.path("ledger.sqlite");
    {
        Shop shop{db};
        live(shop);
        for (int n = 0; n < 90; ++n) {
            const auto who = shop.member();
            shop.decision("small", who, n % 2 == 0 ? "A" : "", 0.5, 1, monday + 1min * n);
            shop.visit(who, monday + 1min * n, n % 3 == 0 ? 500 : 0);
        }
        // Before the share of control was kept, decisions say nothing of their probability.
        for (int n = 0; n < 200; ++n)
            shop.decision("old", shop.member(), n % 4 == 0 ? "" : "A", 0, 1, monday + 1min * n);
        shop.it_is(monday + 24h * 100);
    }
    const auto refused = [&](const std::string& text) {
        const auto file = scratch.file("asked.json", text);
        const auto ran = raitenctl({"backtest", "--campaign", file, "--db", db});
        CHECK(ran.code == 65);
        const auto as_json = raitenctl({"backtest", "--campaign", file, "--db", db, "--json"});
        CHECK(as_json.code == 65);
        if (!as_json.out.empty()) {
            const auto told = Json::parse(as_json.out);
            CHECK(told["bought"].is_null());
            CHECK(told.contains("refused"));
        }
        return ran.err;
    };
    CHECK(refused(campaign("small", 0.5, {"A"})).find("effective sample is 90")
          != std::string::npos);
    CHECK(refused(campaign("came-back", 0.1, {"B", "C"})).find("45 % of its decisions")
          != std::string::npos);
    CHECK(refused(campaign("old", 0.1, {"A"})).find("no decision") != std::string::npos);
    CHECK(refused(campaign("unheard-of", 0.1, {"A"})).find("nothing was decided")
          != std::string::npos);
    CHECK(refused(R"({"id":"came-back"})").find("asked.json: ") != std::string::npos);

    const auto file = scratch.file("good.json", campaign("came-back", 0.1, {"B"}));
    CHECK(raitenctl({"backtest", "--campaign", file, "--db", scratch.path("none")}).code == 66);
    CHECK(raitenctl({"backtest", "--campaign", scratch.path("none"), "--db", db}).code == 66);
    CHECK(raitenctl({"backtest", "--campaign", file, "--db", file}).code == 65);
    CHECK(raitenctl({"backtest", "--campaign", file}).code == 64);
}

TEST_CASE("backtest: probabilities that were not those of the decisions are noticed", "[tool]")
{
    const Scratch scratch;
    const auto db = scratch.path("ledger.sqlite");
    {
        Shop shop{db};
        for (int n = 0; n < 2'000; ++n) {
            const auto who = shop.member();
            // Said to be withheld half of the time, withheld one time in ten.
            shop.decision("biased", who, n % 10 == 0 ? "" : "A", 0.5, 1, monday + 1min * n);
            shop.visit(who, monday + 1min * n, n % 7 == 0 ? 500 : 0);
        }
        shop.it_is(monday + 24h * 100);
    }
    const auto file = scratch.file("biased.json", campaign("biased", 0.1, {"A"}));
    const auto ran = raitenctl({"backtest", "--campaign", file, "--db", db});
    CHECK(ran.code == 0);
    CHECK(ran.out.find("Do not trust") != std::string::npos);
}

TEST_CASE("backtest: whom the first decision left out stays so when the share grows", "[tool]")
{
    const Scratch scratch;
    const auto db = scratch.path("ledger.sqlite");
    {
        Shop shop{db};
        for (int n = 0; n < 500; ++n) {
            const auto who = shop.member();
            for (const double control : {0.1, 0.5}) {
                const auto at = monday + 1min * n + (control > 0.3 ? 24h * 7 : 0h);
                shop.decision("grown", who, n % 10 == 0 ? "" : "A", control, 1, at);
                shop.visit(who, at, n % 7 == 0 ? 500 : 0);
            }
        }
        shop.it_is(monday + 24h * 100);
    }
    const auto file = scratch.file("grown.json", campaign("grown", 0.1, {"A"}));
    const auto ran = raitenctl({"backtest", "--campaign", file, "--db", db, "--json"});
    REQUIRE(ran.code == 0);
    const auto told = Json::parse(ran.out);
    CHECK(told["mean_weight"].get<double>() == Approx(1));
    CHECK(told["effective_sample_size"].get<double>() == Approx(1'000));
    CHECK(told["bought"]["gain"]["value"].get<double>() == Approx(0).margin(0.01));
}
