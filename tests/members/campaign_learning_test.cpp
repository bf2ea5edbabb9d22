#include "daemon/app/memory_members.hpp"
#include "daemon/app/model_store.hpp"
#include "daemon/app/night.hpp"
#include "daemon/base/archive.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/score_table.hpp"
#include "tests/members/shelf.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/same_segments.hpp"

#include <algorithm>
#include <map>
#include <set>

/// A store whose members are known to differ: a coupon moves those who come in the evening, and
/// nobody else. What its campaigns make of that, night after night.
using namespace raiten;
using namespace raiten::test;
using namespace std::chrono_literals;

namespace {

const Instant opening{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
constexpr int members = 300;
constexpr std::uint64_t tenant_seed = 11;
/// How many of 100 buy on a visit, and how many more an offer brings of those whom it moves.
constexpr std::uint64_t buy_anyway = 20;
constexpr std::uint64_t buy_with_it = 45;

Campaign campaign(const std::string& id, std::optional<Campaign::Target> target)
{
    Campaign out;
    out.id = id;
    out.moment = Moment::visit_opened;
    out.offers = {{"10OFF", {}, {}, Money::from_units(50), ""}};
    out.valid_for = 2h;
    out.control = 0.3;
    out.target = target;
    return out;
}

Campaign::Target top_half()
{
    Campaign::Target target;
    target.top_share = 0.5;
    return target;
}

/// Days of visits, each with a check-in and perhaps a purchase, through the engine; what comes of
/// them is kept in memory and in a ledger's file.
class Store {
 public:
    explicit Store(std::uint64_t seed) : dice_{seed}, engine_{setup(), memory_, segments_}
    {
        shelf_.begin();
        for (int n = 1; n <= members; ++n) {
            (void)ledger::value(
                memory_.enrol("m" + std::to_string(n), false, true, {}, {token(n)}));
            shelf_.member(static_cast<std::uint64_t>(n));
        }
        shelf_.end();
    }

    /// Who comes in the evening.
    static bool responds(MemberId member) { return member.value() % 2 == 0; }

    void live(int from, int to)
    {
        for (int day = from; day < to; ++day) {
            std::map<Instant, int> visits;
            for (int n = 1; n <= members; ++n)
                if ((n + day) % 2 == 0 || dice_.below(4) == 0)
                    visits.emplace(opening + day * 24h + (n % 2 == 0 ? 18h : 10h) + n * 10s, n);
            std::map<Instant, int> purchases;
            for (const auto& [at, n] : visits) {
                while (!purchases.empty() && purchases.begin()->first < at) pay(purchases);
                const bool given = came(at, n);
                const bool moved = given && responds(MemberId{static_cast<std::uint64_t>(n)});
                if (dice_.below(100) < buy_anyway + (moved ? buy_with_it : 0))
                    purchases.emplace(at + 20min + 1s, n);
            }
            while (!purchases.empty()) pay(purchases);
        }
        tell({night(to), night(to), Tick{}});
    }

    static Instant night(int day) { return opening + day * 24h + 3h; }

    static app::NightRules rules()
    {
        app::NightRules rules;
        rules.tenant_seed = tenant_seed;
        for (const auto& each : campaigns()) app::serve(rules, each, night(0));
        return rules;
    }

    Result<app::NightOut> reckon(int day, const scoring::Models* last)
    {
        return app::reckon_night(memory_, rules(), night(day), last, [&](app::NightSlice&& slice) {
            for (auto& row : slice.scores) memory_.put(std::move(row));
            return true;
        });
    }
    Result<app::NightOut> reckon_from_ledger(int day, const scoring::Models* last)
    {
        write();
        app::LedgerPast past{ledger::value(ledger::Histories::open(shelf_.path()))};
        auto& database = shelf_.database();
        auto out = app::reckon_night(past, rules(), night(day), last, [&](app::NightSlice&& slice) {
            database.begin();
            for (const auto& row : slice.scores) ledger::put_score(database, row);
            return database.commit().has_value();
        });
        if (!out) return out;
        database.begin();
        for (const auto& row : out->versions) ledger::put_model(database, row);
        REQUIRE(database.commit().has_value());
        return out;
    }

    Engine& engine() { return engine_; }
    Shelf& shelf() { return shelf_; }
    app::MemoryMembers& memory() { return memory_; }
    std::vector<CouponRecord> decided;

    static std::vector<Campaign> campaigns()
    {
        return {campaign("evening", top_half()), campaign("plain", {})};
    }

 private:
    static Engine::Setup setup()
    {
        Engine::Setup setup;
        setup.readers = {{"desk", "entrance", false, {}}};
        setup.campaigns = campaigns();
        setup.seed = 7;
        setup.tenant_seed = tenant_seed;
        setup.currency = "JPY";
        return setup;
    }
    static Token token(int n)
    {
        const auto number = static_cast<std::uint64_t>(n);
        return {{number * 7919, ~number}, TokenKind::card, false};
    }
    /// True where the member was given the coupon of "evening".
    bool came(Instant at, int n)
    {
        bool given = false;
        const auto done = tell({at, at, CheckIn{*engine_.reader("desk", false), token(n), ""}});
        for (const auto& effect : done.effects) {
            if (const auto* one = std::get_if<CouponTriggered>(&effect.what)) {
                decided.push_back(one->coupon);
                given = given || one->coupon.campaign == "evening";
            } else if (const auto* other = std::get_if<CouponWithheld>(&effect.what)) {
                decided.push_back(other->coupon);
            }
        }
        return given;
    }
    void pay(std::map<Instant, int>& purchases)
    {
        const auto [at, n] = *purchases.begin();
        purchases.erase(purchases.begin());
        Receipt receipt;
        receipt.pos = "reg-1";
        receipt.number = std::to_string(++receipts_);
        receipt.kind = ReceiptKind::sale;
        receipt.total = Money::from_units(1000);
        receipt.currency = "JPY";
        receipt.token = token(n);
        tell({at, at, receipt});
    }
    Consequence tell(const Event& event)
    {
        auto done = engine_.apply(event);
        for (const auto& record : done.members) {
            memory_.put(record);
            records_[record.id] = record;
        }
        for (const auto& visit : done.visits) {
            memory_.put(visit);
            visits_.push_back(visit);
        }
        for (const auto& coupon : done.coupons) {
            memory_.put(coupon);
            coupons_.push_back(coupon);
        }
        return done;
    }
    /// What has come since the last time, in the order in which it came.
    void write()
    {
        auto& database = shelf_.database();
        database.begin();
        for (const auto& visit : visits_) ledger::put_visit(database, visit, visit.opened_at);
        for (const auto& coupon : coupons_) ledger::put_coupon(database, coupon, coupon.decided_at);
        for (const auto& [id, record] : records_) ledger::put_history(database, record);
        REQUIRE(database.commit().has_value());
        visits_.clear();
        coupons_.clear();
        records_.clear();
    }

    stage::Dice dice_;
    app::MemoryMembers memory_;
    SameSegments segments_;
    Engine engine_;
    Shelf shelf_;
    int receipts_{};
    std::vector<VisitRecord> visits_;
    std::vector<CouponRecord> coupons_;
    std::map<MemberId, MemberRecord> records_;
};

std::string bytes_of(const scoring::Models& models)
{
    ArchiveWriter out;
    for (const auto& [campaign, learned] : models.uplift) out(campaign, *learned);
    return std::move(out).bytes();
}

std::string reasons_of(const CouponRecord& coupon)
{
    std::string out;
    for (const auto& reason : coupon.reasons) out += reason + "\n";
    return out;
}

std::set<std::string> kinds_of(const app::NightOut& out)
{
    std::set<std::string> kinds;
    for (const auto& row : out.versions) kinds.insert(row.kind);
    return kinds;
}

}  // namespace

TEST_CASE("targets: after the nights a campaign picks those whom its offer moves",
          "[nights][target]")
{
    const auto seed = GENERATE(1U, 2U);
    INFO("seed " << seed);
    Store store{seed};
    store.live(0, 16);
    for (const auto& coupon : store.decided) {
        if (coupon.campaign == "plain") {
            CHECK(coupon.features.empty());
            CHECK_FALSE(coupon.uplift.has_value());
        } else {
            CHECK(coupon.features.size() == scoring::offer_feature_count);
            CHECK_FALSE(coupon.uplift.has_value());
            CHECK(reasons_of(coupon).find("not learned yet, so everybody is in it")
                  != std::string::npos);
        }
    }

    const auto first = store.reckon(16, nullptr);
    REQUIRE(first.has_value());
    REQUIRE(first->models->uplift.size() == 1);
    const auto& learned = *first->models->uplift.at("evening");
    INFO(scoring::text_of(learned.model));
    REQUIRE(learned.model.targeting == scoring::Targeting::helps);
    REQUIRE_FALSE(learned.cuts.empty());
    const auto kept = store.reckon_from_ledger(16, nullptr);
    REQUIRE(kept.has_value());
    CHECK((bytes_of(*kept->models) == bytes_of(*first->models)));
    CHECK(kinds_of(*kept).contains("uplift:evening"));
    CHECK_FALSE(kinds_of(*kept).contains("uplift:plain"));

    // What a restart finds is what the night left.
    const auto find = [&](const std::string& kind) -> Result<std::optional<ledger::ModelRow>> {
        return ledger::model_of(store.shelf().database(), kind);
    };
    const auto found = ledger::value(
        app::models_in_force(find, Store::rules().training.cards, Store::rules().targets));
    REQUIRE(found.has_value());
    CHECK((bytes_of(*found) == bytes_of(*first->models)));
    const auto row = ledger::model_of(store.shelf().database(), "uplift:evening");
    REQUIRE(row.has_value());
    INFO(row->parameters);
    CHECK(row->parameters.find(R"("targeting":"helps")") != std::string::npos);
    CHECK(row->parameters.find(R"("top_share_from":{"5%":)") != std::string::npos);

    store.engine().replace_models(first->models);
    store.decided.clear();
    store.live(16, 22);
    std::size_t responders = 0, others = 0, explored = 0;
    double uplift = 0;
    for (const auto& coupon : store.decided) {
        if (coupon.campaign == "plain") {
            CHECK_FALSE(coupon.uplift.has_value());
            continue;
        }
        REQUIRE(coupon.uplift.has_value());
        INFO(reasons_of(coupon));
        CHECK(reasons_of(coupon).find("target: expected effect ") != std::string::npos);
        if (scoring::is_explored(tenant_seed, "evening", coupon.member_name)) {
            ++explored;
        } else if (Store::responds(coupon.member)) {
            ++responders;
            uplift += *coupon.uplift;
        } else {
            ++others;
        }
    }
    CAPTURE(responders, others, explored);
    CHECK(responders > 300);
    CHECK(others * 10 < responders);
    CHECK(explored > 10);
    const double mean = uplift / static_cast<double>(responders);
    CAPTURE(mean);
    CHECK(mean > 0.33);  // 0.45 was planted; a week beyond what it was learned from
    CHECK(mean < 0.60);
    const auto& funnel = store.engine().decisions().standings().at("evening").funnel;
    CHECK(funnel.passed_over.at(static_cast<std::size_t>(PassedOver::target)) > 300);

    // The next night learns from those who are left, and from those by lot; who is in the target
    // stays who they are.
    const auto second = store.reckon(22, first->models.get());
    const auto other = store.reckon_from_ledger(22, found ? &*found : nullptr);
    REQUIRE(second.has_value());
    REQUIRE(other.has_value());
    CHECK((bytes_of(*second->models) == bytes_of(*other->models)));
    const auto& later = *second->models->uplift.at("evening");
    CHECK(later.decisions > learned.decisions);
    REQUIRE(later.model.targeting == scoring::Targeting::helps);
    std::size_t still = 0, all = 0;
    for (const auto& coupon : store.decided) {
        if (coupon.campaign != "evening" || !Store::responds(coupon.member)) continue;
        ++all;
        if (scoring::targeted(later, top_half(), coupon.features, false).in_target) ++still;
    }
    CAPTURE(still, all);
    CHECK(still * 10 > all * 8);
}

TEST_CASE("targets: what a campaign learned outlives it for a while", "[nights][target]")
{
    Store store{3};
    store.live(0, 6);
    const auto night = store.reckon_from_ledger(6, nullptr);
    REQUIRE(night.has_value());
    REQUIRE(night->models->uplift.contains("evening"));
    auto rules = Store::rules();
    rules.targets.clear();
    const auto look = [&](int day) {
        auto out = app::reckon_night(store.memory(), rules, Store::night(day), night->models.get(),
                                     [](app::NightSlice&&) { return true; });
        REQUIRE(out.has_value());
        auto& database = store.shelf().database();
        database.begin();
        for (const auto& row : out->versions) ledger::put_model(database, row);
        REQUIRE(database.commit().has_value());
        return out->models->uplift.contains("evening")
               && ledger::model_of(database, "uplift:evening").has_value();
    };
    CHECK(look(96));
    CHECK_FALSE(look(97));
    CHECK_FALSE(ledger::model_of(store.shelf().database(), "uplift:evening").has_value());
}

TEST_CASE("targets: a night asks for what campaigns that are not over need", "[nights][target]")
{
    app::NightRules rules;
    app::serve(rules, campaign("plain", {}), opening);
    CHECK(rules.targets.empty());
    CHECK_FALSE(rules.forecasts);
    CHECK_FALSE(rules.birthdays);
    auto invited = campaign("invited", top_half());
    invited.moment = Moment::visit_predicted;
    invited.ends_at = opening;
    app::serve(rules, invited, opening);
    CHECK_FALSE(rules.forecasts);
    CHECK(rules.targets.empty());
    invited.starts_at = opening + 24h;  // tomorrow it needs what tonight foretells
    invited.ends_at = opening + 48h;
    app::serve(rules, invited, opening);
    CHECK(rules.forecasts);
    CHECK(rules.targets == std::set<std::string>{"invited"});
    invited.moment = Moment::birthday_month;
    app::serve(rules, invited, opening);
    CHECK(rules.birthdays);
}
