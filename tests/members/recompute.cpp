#include "tests/members/recompute.hpp"

#include "tests/ledger/support.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace raiten::test {
namespace {

std::map<std::string, std::string> blocks()
{
    std::ifstream in{RAITEN_SOURCE_DIR "/daemon/kpi/README.md"};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const std::string fence = "```sql\n-- ";
    std::map<std::string, std::string> out;
    for (auto at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
        at += fence.size();
        const auto name = text.substr(at, text.find('\n', at) - at);
        const auto begin = text.find('\n', at) + 1;
        out[name] = text.substr(begin, text.find("```", begin) - begin);
    }
    return out;
}

class Comparison {
 public:
    Comparison(const app::MemberFigures& figures, ledger::Database& database)
        : figures_{figures}, database_{database}
    {
    }

    std::string done() const { return out_.str(); }

    void retention()
    {
        auto rows = query("retention");
        for (std::size_t i = 0; i < Cohorts::retention_days.size(); ++i) {
            REQUIRE(rows.next());
            REQUIRE(rows.get<int>() == Cohorts::retention_days[i]);
            const auto whole = rows.get<std::uint64_t>();
            same("retention", figures_.cohorts.retention[i], {rows.get<std::uint64_t>(), whole});
        }
    }

    void repeat()
    {
        auto rows = query("repeat");
        REQUIRE(rows.next());
        const auto came = rows.get<std::uint64_t>();
        same("repeat visits", figures_.cohorts.repeat_visits, {rows.get<std::uint64_t>(), came});
        const auto bought = rows.get<std::uint64_t>();
        same("repeat purchases", figures_.cohorts.repeat_purchases,
             {rows.get<std::uint64_t>(), bought});
    }

    void taken(const std::string& name, const VisitsTaken& ours)
    {
        VisitsTaken theirs;
        auto rows = query(name);
        while (rows.next()) {
            auto& bin = theirs.by_visits.at(rows.get<std::size_t>() - 1);
            bin.purchases = rows.get<std::uint64_t>();
            bin.spend = rows.get<Money>();
            theirs.purchases += bin.purchases;
            theirs.visits += rows.get<std::uint64_t>();
        }
        if (ours != theirs) out_ << name << '\n';
    }

    void non_purchasers()
    {
        std::array<std::uint64_t, 5> theirs{};
        auto rows = query("visits of non-purchasers");
        while (rows.next()) {
            auto& bin = theirs.at(rows.get<std::size_t>() - 1);
            bin = rows.get<std::uint64_t>();
        }
        if (theirs != figures_.returning.non_purchasers) out_ << "visits of non-purchasers\n";
    }

    void standing()
    {
        decltype(figures_.rfm) rfm{};
        decltype(figures_.rfm_sums) sums{};
        decltype(figures_.moves) moves{};
        Share churn;
        auto rows = query("ranks and stages");
        while (rows.next()) {
            const auto what = rows.get<std::string>();
            if (what == "move") {
                const auto from = stage_named(rows.get<std::optional<std::string>>());
                const auto to = stage_named(rows.get<std::optional<std::string>>());
                const auto members = rows.get<std::uint64_t>();
                moves.at(from).at(to) += members;
                if (from == dormant || from == stage_count) continue;
                churn.whole += members;
                if (to == dormant) churn.part += members;
                continue;
            }
            const auto value = rows.get<std::size_t>();
            rows.get<std::optional<std::string>>();
            const auto members = rows.get<std::uint64_t>();
            if (what == "sum")
                sums.at(value - 3) = members;
            else
                rfm.at(std::string{"rfm"}.find(what)).at(value - 1) = members;
        }
        if (rfm != figures_.rfm) out_ << "ranks\n";
        if (sums != figures_.rfm_sums) out_ << "sums of ranks\n";
        if (moves != figures_.moves) out_ << "stages\n";
        same("churn", figures_.churn, churn);
    }

    void lifetime(const LifetimeCosts& costs)
    {
        auto rows = database_.query(sql("lifetime value"), figures_.period.from, figures_.period.to,
                                    costs.lifetime_years, costs.gross_margin,
                                    costs.acquisition_cost, costs.retention_cost_per_year);
        REQUIRE(rows.next());
        if (rows.get<std::uint64_t>() != figures_.lifetime.customers) out_ << "customers\n";
        if (rows.get<std::uint64_t>() != figures_.lifetime.purchases) out_ << "purchases\n";
        if (rows.get<Money>() != figures_.lifetime.revenue) out_ << "revenue\n";
        const auto& v = figures_.values;
        same("average spend", v.average_spend, rows.get<std::optional<double>>());
        same("purchases a year", v.purchases_per_year, rows.get<std::optional<double>>());
        same("value by revenue", v.revenue, rows.get<std::optional<double>>());
        same("value by margin", v.margin, rows.get<std::optional<double>>());
        same("value by cost", v.net, rows.get<std::optional<double>>());
    }

    void opinion()
    {
        auto rows = query("nps");
        Opinion all;
        for (const auto& ours : figures_.opinions) {
            REQUIRE(rows.next());
            if (rows.get<std::chrono::sys_days>() != ours.day) out_ << "day of nps\n";
            Opinion theirs;
            theirs.promoters = rows.get<std::uint64_t>();
            theirs.passives = rows.get<std::uint64_t>();
            theirs.detractors = rows.get<std::uint64_t>();
            if (theirs != ours.opinion) out_ << "nps\n";
            all.add(theirs);
        }
        if (rows.next()) out_ << "days of nps\n";
        if (all != figures_.opinion) out_ << "nps of all days\n";
    }

 private:
    static constexpr auto dormant = static_cast<std::size_t>(Stage::dormant);

    ledger::Query query(const std::string& name)
    {
        return database_.query(sql(name), figures_.period.from, figures_.period.to);
    }

    static std::size_t stage_named(const std::optional<std::string>& name)
    {
        if (!name) return stage_count;
        for (std::size_t i = 0; i < stage_count; ++i)
            if (text_of(static_cast<Stage>(i)) == *name) return i;
        throw std::runtime_error{"no stage " + *name};
    }

    void same(const char* what, const Share& ours, const Share& theirs)
    {
        if (ours == theirs) return;
        out_ << what << ": " << ours.part << " of " << ours.whole << ", SQL says " << theirs.part
             << " of " << theirs.whole << '\n';
    }

    void same(const char* what, const std::optional<double>& ours,
              const std::optional<double>& theirs)
    {
        if (ours.has_value() == theirs.has_value()
            && (!ours
                || std::bit_cast<std::uint64_t>(*ours) == std::bit_cast<std::uint64_t>(*theirs)))
            return;
        out_ << what << ": " << ours.value_or(-1) << ", SQL says " << theirs.value_or(-1) << '\n';
    }

    const app::MemberFigures& figures_;
    ledger::Database& database_;
    std::ostringstream out_;
};

}  // namespace

const std::string& sql(const std::string& name)
{
    static const auto all = blocks();
    return all.at(name);
}

std::string differences(const app::MemberFigures& figures, const LifetimeCosts& costs,
                        ledger::Database& database)
{
    Comparison comparison{figures, database};
    comparison.retention();
    comparison.repeat();
    comparison.taken("visits to purchase", figures.returning.to_purchase);
    comparison.taken("visits to first purchase", figures.returning.to_first_purchase);
    comparison.non_purchasers();
    comparison.standing();
    comparison.lifetime(costs);
    comparison.opinion();
    if (const auto read = database.outcome(); !read) return read.error().text();
    return comparison.done();
}

app::MemberFigures figures_of(const std::string& path, const Period& period,
                              const LifetimeCosts& costs)
{
    auto past = ledger::value(ledger::Histories::open(path));
    const std::atomic<bool> cancelled{false};
    return ledger::value(app::member_figures(past, period, costs, cancelled));
}

}  // namespace raiten::test
