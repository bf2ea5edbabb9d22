#include "tests/scoring/peers/hold_out.hpp"

#include "daemon/scoring/churn.hpp"
#include "tests/scoring/peers/table.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

namespace raiten::peers {
namespace {

using namespace scoring;

std::int32_t day_of(std::string_view date)
{
    int year = 0;
    unsigned month = 0, day = 0;
    std::from_chars(date.data(), date.data() + 4, year);
    std::from_chars(date.data() + 5, date.data() + 7, month);
    std::from_chars(date.data() + 8, date.data() + 10, day);
    const std::chrono::year_month_day at{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
    return static_cast<std::int32_t>(std::chrono::sys_days{at}.time_since_epoch().count());
}

/// The days on which each member bought; a member's name is the file's.
using Shop = std::map<std::string, std::map<std::int32_t, double>>;

Shop shop_of(const Table& receipts, const std::string& member, const std::string& date)
{
    Shop shop;
    for (std::size_t i = 0; i < receipts.rows(); ++i)
        shop[receipts.text(i, member)][day_of(receipts.text(i, date))] += 1;
    return shop;
}

/// Invoices that came to something; cancellations are not purchases.
Shop shop_of_invoices(const Table& lines)
{
    struct Invoice {
        std::string member;
        std::int32_t day{};
        double total{};
    };
    std::map<std::string, Invoice> invoices;
    for (std::size_t i = 0; i < lines.rows(); ++i) {
        const auto& number = lines.text(i, "InvoiceNo");
        if (number.front() == 'C') continue;
        auto& invoice = invoices[number];
        invoice.member = lines.text(i, "CustomerID");
        invoice.day = day_of(lines.text(i, "InvoiceDate"));
        invoice.total += lines.number(i, "Quantity") * lines.number(i, "UnitPrice");
    }
    Shop shop;
    for (const auto& [number, invoice] : invoices)
        if (invoice.total > 0) shop[invoice.member][invoice.day] += invoice.total;
    return shop;
}

/// Members as they were known on `today`, in the order of the peers' file, and who came after.
struct Known {
    std::vector<std::vector<PurchaseDay>> days;
    std::vector<std::uint8_t> came;
    std::int32_t first_day{};
    std::int32_t today{};
};

Known known_of(const Shop& shop, const Table& peers, const std::string& id, std::string_view today,
               std::int32_t horizon)
{
    Known known;
    known.today = day_of(today);
    known.first_day = known.today;
    for (std::size_t i = 0; i < peers.rows(); ++i) {
        std::vector<PurchaseDay> days;
        bool came = false;
        for (const auto& [day, spent] : shop.at(peers.text(i, id))) {
            if (day <= known.today) days.push_back({day, spent});
            came = came || (day > known.today && day <= known.today + horizon);
        }
        if (days.empty()) throw std::runtime_error{"a peer's member has no purchase"};
        known.first_day = std::min(known.first_day, days.front().day);
        known.days.push_back(std::move(days));
        known.came.push_back(came ? 1 : 0);
    }
    return known;
}

/// The chance of each to buy again, learned on what was known.
std::vector<double> chances(const Known& known, std::int32_t horizon)
{
    std::vector<BuyingHistory> histories;
    for (const auto& days : known.days)
        histories.push_back(habits_of(days).history(known.today, 1));
    const auto fit = fit_best(histories);
    if (!fit) throw std::runtime_error{fit.error().text()};
    ChurnLearner learner{fit->model,
                         {known.first_day, known.today, static_cast<double>(horizon), 1}};
    for (const auto& days : known.days) learner.add(days);
    const auto learned = learner.learned();
    std::vector<double> out;
    for (const auto& history : histories)
        out.push_back(chance_to_buy(learned.churn, fit->model, history));
    return out;
}

std::vector<double> silence(const Known& known)
{
    std::vector<double> out;
    for (const auto& days : known.days) out.push_back(days.back().day - known.today);
    return out;
}

Mark auc_mark(std::string name, const std::vector<double>& ours, std::string peer,
              const std::vector<double>& theirs, const std::vector<std::uint8_t>& came)
{
    const auto of = [&](const std::vector<double>& rank_by) {
        return [&](std::span<const std::uint32_t> cases) { return auc(rank_by, came, cases); };
    };
    return beside_peer(std::move(name), auc(ours, came), std::move(peer), auc(theirs, came), false,
                       bootstrap(came.size(), of(ours), of(theirs)));
}

std::vector<BuyingHistory> histories_of(const Table& peers, const std::string& last,
                                        const std::string& observed, const std::string& gaps = {})
{
    std::vector<BuyingHistory> out;
    for (std::size_t i = 0; i < peers.rows(); ++i)
        out.push_back({static_cast<std::uint32_t>(peers.number(i, "x")), peers.number(i, last),
                       peers.number(i, observed), gaps.empty() ? 0 : peers.number(i, gaps)});
    return out;
}

std::vector<double> expected(const Result<PurchaseFit>& fit,
                             const std::vector<BuyingHistory>& members, double span)
{
    if (!fit) throw std::runtime_error{fit.error().text()};
    std::vector<double> out;
    for (const auto& member : members) out.push_back(expected_purchases(fit->model, member, span));
    return out;
}

std::vector<double> errors(const std::vector<double>& foretold, const std::vector<double>& came)
{
    std::vector<double> out;
    for (std::size_t i = 0; i < came.size(); ++i) out.push_back(std::abs(foretold[i] - came[i]));
    return out;
}

double mean(std::span<const double> values)
{
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

Mark error_mark(std::string name, const std::vector<double>& ours, std::string peer,
                const std::vector<double>& theirs, const std::vector<double>& came)
{
    const auto our_errors = errors(ours, came);
    const auto peer_errors = errors(theirs, came);
    return beside_peer(std::move(name), mean(our_errors), std::move(peer), mean(peer_errors), true,
                       bootstrap_means(our_errors, peer_errors));
}

/// Σ |error| / Σ came.
Mark relative_mark(std::string name, const std::vector<double>& ours, std::string peer,
                   const std::vector<double>& theirs, const std::vector<double>& came)
{
    const auto our_errors = errors(ours, came);
    const auto peer_errors = errors(theirs, came);
    const auto of = [&](const std::vector<double>& all) {
        return [&](std::span<const std::uint32_t> cases) {
            double error = 0, sum = 0;
            for (const auto each : cases) {
                error += all[each];
                sum += came[each];
            }
            return error / sum;
        };
    };
    return beside_peer(std::move(name), mean(our_errors) / mean(came), std::move(peer),
                       mean(peer_errors) / mean(came), true,
                       bootstrap(came.size(), of(our_errors), of(peer_errors)));
}

void add_cdnow(std::vector<Mark>& marks)
{
    const auto folder = shared_history("cdnow");
    if (!folder) return;
    constexpr std::int32_t horizon = 273;
    constexpr double weeks = 39;
    const Table peers{*folder / "cdnow_ref_customers.csv"};
    const auto members = histories_of(peers, "t_x", "T");
    const auto came = peers.numbers("actual_holdout39");
    const auto pareto = peers.numbers("pnbd_exp39");
    marks.push_back(error_mark("CDNOW, 39 weeks, MAE", expected(fit_best(members), members, weeks),
                               "MBG/NBD of lifetimes", peers.numbers("mbgnbd_exp39"), came));
    marks.back().enough = std::max(marks.back().enough, 0.765);  // as published: the same model
    const auto ours = expected(fit_purchases(ModelKind::pareto_nbd, members), members, weeks);
    marks.push_back(error_mark("CDNOW, 39 weeks, MAE, our Pareto/NBD", ours,
                               "Pareto/NBD of lifetimes", pareto, came));

    const auto shop = shop_of(Table{*folder / "cdnow_sample.csv.gz"}, "sample_id", "date");
    const auto known = known_of(shop, peers, "id", "1997-09-30", horizon);
    const auto again = chances(known, horizon);
    const std::string name = "CDNOW, 39 weeks, AUC buys again";
    marks.push_back(auc_mark(name, again, "E[X] of Pareto/NBD", pareto, known.came));
    marks.push_back(
        auc_mark(name, again, "E[X] of MBG/NBD", peers.numbers("mbgnbd_exp39"), known.came));
    marks.push_back(auc_mark(name, again, "recency", silence(known), known.came));
}

void add_grocery(std::vector<Mark>& marks)
{
    const auto folder = shared_history("grocery");
    if (!folder) return;
    constexpr std::int32_t horizon = 364;
    constexpr double weeks = 52;
    const Table peers{*folder / "grocery_ref_customers.csv.gz"};
    const auto members = histories_of(peers, "t.x", "T.cal", "litt");
    marks.push_back(relative_mark(
        "grocery, 52 weeks, relative MAE", expected(fit_best(members), members, weeks),
        "MBG/CNBD-k of BTYDplus", peers.numbers("mbgcnbd_exp"), peers.numbers("x.star")));

    const auto shop = shop_of(Table{*folder / "groceryElog.csv.gz"}, "cust", "date");
    const auto known = known_of(shop, peers, "cust", "2006-12-31", horizon);
    const auto again = chances(known, horizon);
    const std::string name = "grocery, 52 weeks, AUC buys again";
    marks.push_back(auc_mark(name, again, "recency", silence(known), known.came));
    marks.push_back(
        auc_mark(name, again, "E[X] of MBG/NBD", peers.numbers("mbgnbd_exp"), known.came));
    marks.push_back(auc_mark(name, again, "P(alive) of MBG/CNBD-k", peers.numbers("mbgcnbd_palive"),
                             known.came));
}

void add_online_retail(std::vector<Mark>& marks)
{
    const auto folder = shared_history("online_retail");
    if (!folder) return;
    constexpr std::int32_t horizon = 100;
    const Table peers{*folder / "online_retail_shared_btyd_ref_customers.csv.gz"};
    const auto members = histories_of(peers, "t_x_days", "T_days");
    const auto model = peers.numbers("mbgnbd_exp");
    const auto came = peers.numbers("actual_holdout");
    std::vector<double> rates;
    for (const auto& member : members)
        rates.push_back(member.observed > 0 ? member.repeats * horizon / member.observed : 0);

    const auto shop = shop_of_invoices(Table{*folder / "online_retail_shared.csv.gz"});
    const auto known = known_of(shop, peers, "id", "2011-08-31", horizon);
    std::vector<BuyingHistory> histories;
    for (const auto& days : known.days)
        histories.push_back(habits_of(days).history(known.today, 1));
    const auto ours = expected(fit_best(histories), histories, horizon);
    marks.push_back(
        error_mark("online retail, 100 days, MAE", ours, "MBG/NBD of lifetimes", model, came));

    const auto again = chances(known, horizon);
    const std::string name = "online retail, 100 days, AUC buys again";
    marks.push_back(auc_mark(name, again, "E[X] of MBG/NBD", model, known.came));
    marks.push_back(auc_mark(name, again, "purchases by time", rates, known.came));
    marks.push_back(auc_mark(name, again, "recency", silence(known), known.came));
}

}  // namespace

std::vector<Mark> hold_out_marks()
{
    std::vector<Mark> marks;
    add_cdnow(marks);
    add_grocery(marks);
    add_online_retail(marks);
    return marks;
}

}  // namespace raiten::peers
