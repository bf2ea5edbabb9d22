#include "daemon/ledger/nightly_segment.hpp"

#include "daemon/engine/engine.hpp"
#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/database.hpp"
#include "daemon/ledger/member_table.hpp"
#include "daemon/ledger/schema.hpp"
#include "daemon/ledger/score_table.hpp"
#include "daemon/ledger/segments.hpp"
#include "daemon/ledger/visit_table.hpp"
#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace raiten;
using namespace raiten::ledger;
using namespace std::chrono_literals;

namespace {

const Instant tonight = at(72h);

/// The engine's members, as the file has them.
class FileMembers final : public Members {
 public:
    explicit FileMembers(Database& database) : database_{database} {}
    std::optional<MemberId> member_of(const TokenKey&) override { return {}; }
    MemberRecord load(MemberId member) override
    {
        return load_member(database_, member, tonight, Horizon{}).value();
    }
    std::optional<scoring::Habits> habits(MemberId) override { return {}; }
    std::optional<MemberId> owner_of(CouponId) override { return {}; }

 private:
    Database& database_;
};

struct Shop {
    Shop()
        : database{
            value(Database::open(folder.file("ledger.sqlite"), Database::Access::read_write, 1s))}
    {
        REQUIRE(bring_up_to_date(*database).has_value());
    }

    std::vector<std::string> in(const std::string& where, MemberId after = MemberId{0},
                                std::size_t most = 10'000)
    {
        std::vector<std::string> out;
        const auto read = each_in_segment(
            *database, where, tonight, after,
            [&](const InSegment& each) {
                out.push_back(each.name);
                return out.size() < most;
            },
            cancelled);
        if (!read) FAIL(read.error().text());
        return out;
    }

    TempFolder folder;
    std::unique_ptr<Database> database;
    std::atomic<bool> cancelled{};
};

void write_score(Database& database, std::mt19937_64& random, MemberId member, ScoreCard& card)
{
    const auto upto = [&](std::uint64_t n) { return random() % n; };
    const auto rank = [&] { return static_cast<std::uint8_t>(1 + upto(5)); };
    ScoreRow row;
    row.member = member;
    row.at = tonight - 3h;
    row.card.stage = static_cast<Stage>(upto(6));
    row.card.rfm_r = rank();
    row.card.rfm_f = rank();
    row.card.rfm_m = rank();
    row.card.recency_days = static_cast<std::int32_t>(upto(100));
    row.card.frequency = static_cast<std::uint32_t>(upto(9));
    if (upto(2) != 0)
        row.card.monetary = Money::from_ten_thousandths(static_cast<int>(upto(90'000)));
    if (upto(2) != 0) {
        row.card.x = static_cast<std::uint32_t>(upto(4));
        row.card.t_x = static_cast<double>(upto(90));
        row.card.t_total = static_cast<double>(upto(300));
        row.card.p_alive = static_cast<double>(upto(100)) / 99;
        row.card.ltv = static_cast<double>(upto(9000));
    }
    if (upto(2) != 0) {
        row.card.next_visit_at = tonight + Millis{upto(900'000'000)};
        row.card.p_visit_7d = static_cast<double>(upto(100)) / 99;
        row.card.visit_hour_from = 10;
        row.card.visit_hour_to = 13.5;
    }
    put_score(database, row);
    auto scored = row.card;
    scored.member = card.member;
    scored.visits = card.visits;
    scored.purchases = card.purchases;
    scored.spend = card.spend;
    scored.streak = card.streak;
    scored.birth_month = card.birth_month;
    scored.days_since_visit = card.days_since_visit;
    scored.days_since_purchase = card.days_since_purchase;
    scored.days_since_first_visit = card.days_since_first_visit;
    if (scored.next_visit_at)
        scored.next_visit_days =
            std::chrono::duration<double, std::ratio<86'400>>(*scored.next_visit_at - tonight)
                .count();
    card = scored;
}

/// Members with a life: settled visits, some still open, some old; the newest in the file.
MemberRecord write_member(Database& database, std::mt19937_64& random, std::uint64_t number)
{
    MemberRecord m;
    m.id = MemberId{number};
    m.name = "m-" + std::to_string(number);
    m.staff = random() % 20 == 0;
    m.consent = random() % 20 != 0;
    m.equipment = static_cast<Equipment>(random() % 12 < 4 ? random() % 4 : 0);
    if (random() % 2 != 0) m.birth_month = static_cast<std::uint8_t>(1 + random() % 12);
    put_basics(database, m);
    std::vector<VisitRecord> visits;
    for (auto n = random() % 5; n > 0; --n) {
        auto visit = some_visit(random, m.id, m.name, m.visits++);
        visit.opened_at = at(Millis{m.visits * 10'000'000LL + static_cast<int>(random() % 999)});
        visit.left_at = visit.opened_at + Millis{random() % 3'600'000};
        if (n > 1 || random() % 3 != 0) visit.state = VisitState::settled;
        if (!m.first_visit_at) m.first_visit_at = visit.opened_at;
        if (visit.state == VisitState::settled) {
            ++m.settled_visits;
            if (visit.outcome() == VisitOutcome::purchase) {
                ++m.purchases;
                m.spend += visit.spend();
                m.last_purchase_at = visit.left_at;
            }
            m.recent.push_back(visit);
        }
        visits.push_back(std::move(visit));
    }
    put_history(database, m);
    for (const auto& visit : visits) put_visit(database, visit, visit.left_at);
    return m;
}

const std::vector<std::string> asked{
    "",
    "visits = 0",
    "visits >= 2 AND purchases = 0",
    "spend > 3.5",
    "spend = '0'",
    "spend / 2 > 1",
    "typeof(spend) = 'integer'",
    "streak > 0",
    "streak = 0 AND visits > 0",
    "days_since_visit > 2.5",
    "days_since_visit IS NULL",
    "days_since_purchase BETWEEN 1 AND 2.6",
    "days_since_first_visit > 2.8",
    "birth_month IN (1, 5, 11)",
    "zone = '' AND basket = ''",
    "hour IS NULL AND weekday IS NULL AND dwell_min IS NULL AND propensity IS NULL",
    "coalesce(basket_total, survey_score, stage_before) IS NULL",
    "stage IN ('new', 'core')",
    "stage IS NULL",
    "rfm_r + rfm_f + rfm_m >= 9",
    "recency_days < 30 AND frequency > 2",
    "monetary > 4.25",
    "x >= 1 AND t_x < 60 AND t_total > 100",
    "p_alive < 0.5 OR ltv > 4000",
    "next_visit_days < 4",
    "p_visit_7d > 0.25 AND visit_hour_from <= 11 AND visit_hour_to > 13",
    "member LIKE 'm-1%'",
    "length(member) = 4",
    "NOT (stage = 'dormant')",
};

}  // namespace

TEST_CASE("nightly segment: a member is in it if, and only if, the card says so", "[ledger]")
{
    const auto seed = 99u;
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    Shop shop;
    FileMembers members{*shop.database};
    SegmentMatcher segments;
    Engine engine{Engine::Setup{}, members, segments};
    std::map<std::string, ScoreCard> cards;
    shop.database->begin();
    for (std::uint64_t number = 1; number <= 300; ++number) {
        const auto member = write_member(*shop.database, random, number);
        auto card = engine.card(member.id, tonight);
        if (random() % 4 != 0) write_score(*shop.database, random, member.id, card);
        if (random() % 9 == 0) {  // who is withdrawn has no score any more
            drop_score(*shop.database, member.id);
            card = engine.card(member.id, tonight);
        }
        if (!member.left_out()) cards[member.name] = card;
    }
    REQUIRE(shop.database->commit().has_value());
    std::size_t found = 0;
    for (const auto& where : asked) {
        INFO(where);
        auto in = shop.in(where);
        std::vector<std::string> expected;
        for (const auto& [name, card] : cards)
            if (segments.matches(where, card)) expected.push_back(name);
        std::sort(in.begin(), in.end());
        CHECK(in == expected);
        CHECK_FALSE(in.empty());
        found += in.size();
    }
    CHECK(found < asked.size() * cards.size() * 2 / 3);
    CHECK(segments.failures() == 0);
}

TEST_CASE("nightly segment: it can be read in pieces, and broken off", "[ledger]")
{
    std::mt19937_64 random{5};
    Shop shop;
    for (std::uint64_t number = 1; number <= 50; ++number) {
        MemberRecord m;
        m.id = MemberId{number};
        m.name = "m" + std::to_string(number);
        put_basics(*shop.database, m);
    }
    CHECK(shop.in("visits = 0", MemberId{0}, 3) == std::vector<std::string>{"m1", "m2", "m3"});
    CHECK(shop.in("visits = 0", MemberId{48}) == std::vector<std::string>{"m49", "m50"});
    shop.cancelled = true;
    const auto broken = each_in_segment(
        *shop.database, "visits = 0", tonight, MemberId{0}, [](const InSegment&) { return true; },
        shop.cancelled);
    REQUIRE_FALSE(broken.has_value());
}

TEST_CASE("nightly segment: days since the last coupon, however it ended", "[ledger]")
{
    std::mt19937_64 random{6};
    Shop shop;
    for (std::uint64_t number = 1; number <= 3; ++number) {
        MemberRecord m;
        m.id = MemberId{number};
        m.name = "m" + std::to_string(number);
        put_basics(*shop.database, m);
        for (int n = 0; n < 2 && number < 3; ++n) {
            auto coupon = some_coupon(random, m.id, m.name);
            coupon.decided_at = tonight - 24h * (n + 1);
            coupon.state = number == 1 ? CouponState::expired : CouponState::withheld;
            put_coupon(*shop.database, coupon, tonight);
        }
    }
    CHECK(shop.in("days_since_coupon = 1") == std::vector<std::string>{"m1"});
    CHECK(shop.in("days_since_coupon IS NULL") == std::vector<std::string>{"m2", "m3"});
}

TEST_CASE("nightly segment: nothing but the view is read", "[ledger]")
{
    Shop shop;
    for (const std::string where :
         {"1) OR EXISTS (SELECT 1 FROM token) OR (1", "member_id > 0", "expected_at > 0",
          "m.staff = 1", "rowid > 0", "1 IN token", "random() > 0", "streek > 1",
          "1 UNION SELECT key FROM token"}) {
        INFO(where);
        const auto read = each_in_segment(
            *shop.database, where, tonight, MemberId{0}, [](const InSegment&) { return true; },
            shop.cancelled);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().where.starts_with("column "));
    }
    CHECK(shop.in("visits > 0").empty());  // and the connection still works
    MemberRecord m;
    m.id = MemberId{1};
    m.name = "m1";
    put_basics(*shop.database, m);
    CHECK(shop.database->outcome().has_value());
}
