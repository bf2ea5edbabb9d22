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
    const PurchaseModel bg{
        ModelKind::bg_nbd,
        {0.24259290698179992, 4.413531558085449, 0.7928861521738565, 2.4257534451698346},
        1};
    const PurchaseModel mbg{
        ModelKind::mbg_nbd,
        {0.5248377255676664, 6.1829884791339715, 0.8913562809311414, 1.6140000256721279},
        1};
    const PurchaseModel pareto{
        ModelKind::pareto_nbd,
        {0.5532572256670506, 10.577127458025403, 0.6062127418451215, 11.668186446285768},
        1};
    const SpendModel spend{6.248802493102642, 3.7445884524830717, 15.447747995511348};
    const auto rows = test::rows_of(*folder / "cdnow_ref_customers.csv");
    const auto members = test::histories(rows, {"x", "t_x", "T"});
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto agrees = [&](double ours, const char* column) {
            const double peer = number(rows[i], column);
            CAPTURE(rows[i].at("id"), column, ours, peer);
            CHECK(std::abs(ours - peer) <= 1e-9 * std::abs(peer) + 1e-12);
        };
        agrees(p_alive(bg, members[i]), "bgnbd_palive");
        agrees(expected_purchases(bg, members[i], 39), "bgnbd_exp39");
        agrees(p_alive(mbg, members[i]), "mbgnbd_palive");
        agrees(expected_purchases(mbg, members[i], 39), "mbgnbd_exp39");
        agrees(p_alive(pareto, members[i]), "pnbd_palive");
        agrees(expected_purchases(pareto, members[i], 39), "pnbd_exp39");
        agrees(*expected_spend(spend, {members[i].repeats, number(rows[i], "monetary_value")}),
               "gg_exp_avg");
    }
    CHECK(members.size() == 2'357);
}
