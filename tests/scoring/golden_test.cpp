#include "daemon/scoring/lifetime_value.hpp"
#include "tests/scoring/shared_history.hpp"

#include <cmath>

using namespace raiten;
using namespace raiten::scoring;
using test::number;

namespace {

/// |error| ≤ 1e-9 · |reference| + 1e-300, and a number at all.
bool meets(double ours, double reference)
{
    return std::abs(ours - reference) <= 1e-9 * std::abs(reference) + 1e-300;
}

ModelKind kind_of(const std::string& name)
{
    if (name == "bgnbd") return ModelKind::bg_nbd;
    if (name == "mbgnbd") return ModelKind::mbg_nbd;
    REQUIRE(name == "pnbd");
    return ModelKind::pareto_nbd;
}

const PurchaseModel lifetimes_bg{
    ModelKind::bg_nbd,
    {0.24259290698179992, 4.413531558085449, 0.7928861521738565, 2.4257534451698346},
    1};
const PurchaseModel lifetimes_mbg{
    ModelKind::mbg_nbd,
    {0.5248377255676664, 6.1829884791339715, 0.8913562809311414, 1.6140000256721279},
    1};
const PurchaseModel lifetimes_pareto{
    ModelKind::pareto_nbd,
    {0.5532572256670506, 10.577127458025403, 0.6062127418451215, 11.668186446285768},
    1};

/// What CLVTools' predictions were computed with: four numbers found from its 4,714 values, which
/// they meet to 1e-13; it prints no parameters beside them.
const PurchaseModel clvtools_bg{
    ModelKind::bg_nbd,
    {0.24259454151090723, 4.4136018839445414, 0.79291991460493483, 2.4258880622997658},
    1};
const PurchaseModel clvtools_pareto{
    ModelKind::pareto_nbd,
    {0.55327001035527745, 10.57780068402338, 0.60601999775317772, 11.663914533565109},
    1};

/// The file prints weeks with two decimals, which are days all the same.
double in_days(double weeks)
{
    return std::round(weeks * 7) / 7;
}

}  // namespace

TEST_CASE("scoring: 2,100 hard histories, computed elsewhere to 60 digits", "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history/golden");
    if (!folder) return;
    std::size_t seen = 0;
    for (const auto& row : test::rows_of(*folder / "golden_btyd.csv")) {
        const PurchaseModel model{
            kind_of(row.at("model")),
            {number(row, "p1"), number(row, "p2"), number(row, "p3"), number(row, "p4")},
            1};
        const BuyingHistory member{static_cast<std::uint32_t>(number(row, "x")), number(row, "t_x"),
                                   number(row, "T"), 0};
        CAPTURE(row.at("model"), model.parameters, member.repeats, member.last, member.observed);
        CHECK(meets(log_likelihood(model, member), number(row, "ll")));
        CHECK(meets(p_alive(model, member), number(row, "p_alive")));
        CHECK(meets(expected_purchases(model, member, number(row, "t")), number(row, "cond_exp")));
        ++seen;
    }
    CHECK(seen == 2'100);
}

TEST_CASE("scoring: spend of 96 hard histories, computed elsewhere to 60 digits",
          "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history/golden");
    if (!folder) return;
    std::size_t seen = 0;
    for (const auto& row : test::rows_of(*folder / "golden_gammagamma.csv")) {
        const SpendModel model{number(row, "p"), number(row, "q"), number(row, "v")};
        const Spending member{static_cast<std::uint32_t>(number(row, "x")), number(row, "m_bar")};
        CAPTURE(model.p, model.q, model.v, member.purchases, member.mean);
        CHECK(meets(log_likelihood(model, member), number(row, "ll")));
        const auto expected = expected_spend(model, member);
        REQUIRE(expected.has_value());
        CHECK(meets(*expected, number(row, "exp_avg")));
        ++seen;
    }
    CHECK(seen == 96);
}

TEST_CASE("scoring: every CDNOW customer, as peers foretell them at the same parameters",
          "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history/cdnow");
    if (!folder) return;
    // The file's values are those of the peer's own fits, printed with 12 digits.
    const SpendModel spend{6.248802493102642, 3.7445884524830717, 15.447747995511348};
    const auto rows = test::rows_of(*folder / "cdnow_ref_customers.csv");
    const auto members = test::histories(rows, {"x", "t_x", "T"});
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto agrees = [&](double ours, const char* column) {
            const double peer = number(rows[i], column);
            CAPTURE(rows[i].at("id"), column, ours, peer);
            CHECK(std::abs(ours - peer) <= 1e-9 * std::abs(peer) + 1e-12);
        };
        agrees(p_alive(lifetimes_bg, members[i]), "bgnbd_palive");
        agrees(expected_purchases(lifetimes_bg, members[i], 39), "bgnbd_exp39");
        agrees(p_alive(lifetimes_mbg, members[i]), "mbgnbd_palive");
        agrees(expected_purchases(lifetimes_mbg, members[i], 39), "mbgnbd_exp39");
        agrees(p_alive(lifetimes_pareto, members[i]), "pnbd_palive");
        agrees(expected_purchases(lifetimes_pareto, members[i], 39), "pnbd_exp39");
        agrees(*expected_spend(spend, {members[i].repeats, number(rows[i], "monetary_value")}),
               "gg_exp_avg");
    }
    CHECK(members.size() == 2'357);
}

TEST_CASE("scoring: every CDNOW customer, as CLVTools foretells them", "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history/cdnow");
    if (!folder) return;
    const auto theirs = test::rows_of(*folder / "cdnow_clvtools_pred.csv");
    const auto rows = test::rows_of(*folder / "cdnow_ref_customers.csv");
    REQUIRE(theirs.size() == 2'357);
    REQUIRE(rows.size() == theirs.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const BuyingHistory member{static_cast<std::uint32_t>(number(rows[i], "x")),
                                   in_days(number(rows[i], "t_x")), in_days(number(rows[i], "T")),
                                   0};
        CAPTURE(rows[i].at("id"));
        REQUIRE(rows[i].at("id") == theirs[i].at("Id"));
        CHECK(meets(p_alive(clvtools_bg, member), number(theirs[i], "PAlive")));
        CHECK(meets(expected_purchases(clvtools_bg, member, 39), number(theirs[i], "CET")));
        CHECK(meets(p_alive(clvtools_pareto, member), number(theirs[i], "pnbd_PAlive")));
        CHECK(
            meets(expected_purchases(clvtools_pareto, member, 39), number(theirs[i], "pnbd_CET")));
    }
}

TEST_CASE("scoring: purchases of all time to come, discounted as in CLVTools", "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history/cdnow");
    if (!folder) return;
    const auto theirs = test::rows_of(*folder / "cdnow_clvtools_pred.csv");
    const auto rows = test::rows_of(*folder / "cdnow_ref_customers.csv");
    const double discount = std::log(1.1);  // by the week: the peer's default, for its unit of time
    for (std::size_t i = 0; i < rows.size(); i += 100) {
        const BuyingHistory member{static_cast<std::uint32_t>(number(rows[i], "x")),
                                   in_days(number(rows[i], "t_x")), in_days(number(rows[i], "T")),
                                   0};
        // Spans in which a fifth is lost at most; after 300 weeks nothing is left.
        double sum = 0;
        constexpr double span = 2;
        double before = 0;
        for (int n = 0; n < 150; ++n) {
            const double from = n * span;
            const double until = expected_purchases(clvtools_pareto, member, from + span);
            const double middle = expected_purchases(clvtools_pareto, member, from + span / 2);
            // Simpson's rule of discount · e^(−discount·t) · E(t), by parts
            sum += until * std::exp(-discount * (from + span)) - before * std::exp(-discount * from)
                   + discount * span / 6
                         * (before * std::exp(-discount * from)
                            + 4 * middle * std::exp(-discount * (from + span / 2))
                            + until * std::exp(-discount * (from + span)));
            before = until;
        }
        CAPTURE(rows[i].at("id"));
        CHECK(sum == Approx(number(theirs[i], "DERT")).epsilon(1e-4));

        // The first ten weeks are ours to the promised digits.
        const double all = expected_purchases(clvtools_pareto, member, 10);
        const double ours = discounted_purchases(clvtools_pareto, member, 10, discount, all);
        double fine = 0, last = 0;
        constexpr int steps = 700;
        for (int n = 1; n <= steps; ++n) {
            const double now = expected_purchases(clvtools_pareto, member, 10.0 * n / steps);
            fine += (now - last) * std::exp(-discount * 10 * (n - 0.5) / steps);
            last = now;
        }
        CHECK(ours == Approx(fine).epsilon(2e-6));
    }
}

TEST_CASE("scoring: a year's value of every CDNOW customer as in lifetimes", "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history/cdnow");
    if (!folder) return;
    const SpendModel spend{6.248802493102642, 3.7445884524830717, 15.447747995511348};
    constexpr double weeks_a_month = 4.345;
    constexpr double by_month = 0.01;
    const auto rows = test::rows_of(*folder / "cdnow_ref_customers.csv");
    const auto members = test::histories(rows, {"x", "t_x", "T"});
    for (std::size_t i = 0; i < members.size(); i += 7) {
        CAPTURE(rows[i].at("id"));
        const double each =
            *expected_spend(spend, {members[i].repeats, number(rows[i], "monetary_value")});
        double stepwise = 0, before = 0;
        for (int month = 1; month <= 12; ++month) {
            const double until =
                expected_purchases(lifetimes_bg, members[i], month * weeks_a_month);
            stepwise += (until - before) / std::pow(1 + by_month, month);
            before = until;
        }
        const double peer = number(rows[i], "clv12m_weeks_r0.01");
        CHECK(std::abs(stepwise * each - peer) <= 1e-9 * peer);
        // Ours discounts continuously: half a month less, on average.
        const double ours = discounted_purchases(lifetimes_bg, members[i], 12 * weeks_a_month,
                                                 std::log1p(by_month) / weeks_a_month, before);
        CHECK(ours / std::sqrt(1 + by_month) == Approx(stepwise).epsilon(1e-3));
    }
}

TEST_CASE("scoring: a newcomer's purchases week by week, and the chance of none",
          "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history/cdnow");
    if (!folder) return;
    const BuyingHistory newcomer{0, 0, 0, 0};
    for (const auto& row : test::rows_of(*folder / "cdnow_ref_EXt.csv")) {
        const double week = number(row, "week");
        CAPTURE(week);
        const auto agrees = [&](const PurchaseModel& model, const char* column) {
            const double peer = number(row, column);
            CHECK(std::abs(expected_purchases(model, newcomer, week) - peer) <= 1.1e-9 * peer);
        };
        agrees(lifetimes_bg, "bgnbd_E_X_t");
        agrees(lifetimes_mbg, "mbgnbd_E_X_t");
        agrees(lifetimes_pareto, "pnbd_E_X_t");
    }
    const auto counts = test::rows_of(*folder / "cdnow_ref_pmf39.csv");
    CHECK(1 - p_purchase(lifetimes_bg, newcomer, 39)
          == Approx(number(counts.front(), "bgnbd_P_X39")).epsilon(1e-9));
}

namespace {

/// The peer printed ten digits.
constexpr double printed = 1.1e-9;

bool meets_print(double ours, double peer, double relative = printed)
{
    return std::abs(ours - peer) <= relative * std::abs(peer) + 1e-300;
}

void check_members(const test::Rows& rows, double span, const PurchaseModel& model,
                   const std::string& name, double relative = printed)
{
    const auto members = test::histories(rows, {"x", "t_x_days", "T_days"});
    for (std::size_t i = 0; i < members.size(); ++i) {
        CAPTURE(name, rows[i].at("id"));
        CHECK(meets_print(p_alive(model, members[i]), number(rows[i], name + "_palive"), relative));
        CHECK(meets_print(expected_purchases(model, members[i], span),
                          number(rows[i], name + "_exp"), relative));
    }
}

}  // namespace

TEST_CASE("scoring: every member of a grocer and of an online shop, as lifetimes foretells them",
          "[scoring][shared]")
{
    const auto folder = test::shared_folder("data/history");
    if (!folder) return;
    using Kind = ModelKind;
    const auto grocer = test::rows_of(*folder / "grocery/grocery_btyd_ref_customers.csv.gz");
    check_members(
        grocer, 364,
        {Kind::bg_nbd,
         {0.34864589475095986, 18.071700809484124, 0.5038454658943677, 3.6443862322098695},
         1},
        "bgnbd");
    check_members(grocer, 364,
                  {Kind::mbg_nbd,
                   {1.2569207970057776, 42.27398269470419, 0.3682767904505695, 0.7157643535000359},
                   1},
                  "mbgnbd");
    check_members(grocer, 364,
                  {Kind::pareto_nbd,
                   {0.7864412927453525, 39.75235260577836, 0.3862804520735413, 40.028523942684146},
                   1},
                  "pnbd");
    const auto online =
        test::rows_of(*folder / "online_retail/online_retail_shared_btyd_ref_customers.csv.gz");
    // With b in the thousands the peer's sum loses a digit or two: where nobody leaves, expected
    // purchases of a member without repeats are r / (α + T) · t = 0.24623625027, it says …2481.
    check_members(
        online, 100,
        {Kind::bg_nbd,
         {0.7179054412378166, 66.55148376804502, 5.632925768611471e-07, 12915.354285666483},
         1},
        "bgnbd", 1e-8);
    check_members(
        online, 100,
        {Kind::mbg_nbd,
         {0.717905563376527, 66.55149614118542, 5.586428932757648e-08, 4047.2983762043286},
         1},
        "mbgnbd");
    check_members(online, 100,
                  {Kind::pareto_nbd,
                   {0.7178957494429592, 66.549701174577, 2.380315451161862e-09, 4851.943704343608},
                   1},
                  "pnbd");
    const SpendModel spend{2.5843328485385437, 3.736126168369407, 424.6488252633757};
    for (const auto& row : online)
        CHECK(meets_print(*expected_spend(spend, {static_cast<std::uint32_t>(number(row, "x")),
                                                  number(row, "monetary_mean_repeat")}),
                          number(row, "gg_exp_avg")));
}
