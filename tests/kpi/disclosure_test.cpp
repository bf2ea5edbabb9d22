#include "daemon/base/keyed_hash.hpp"
#include "daemon/kpi/figures.hpp"

#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

/// An attacker who has everything that a store ever sent, and can add and subtract it.
using namespace raiten;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t k = 5;
constexpr std::size_t three_max = 14;  ///< rows of which every three are tried
const Instant midnight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

/// What one row that was sent is the sum of: contributions of members, each unlike all others.
struct Contribution {
    std::uint64_t visit{};
    std::uint64_t content{};
    std::uint64_t member{};
    auto operator<=>(const Contribution&) const = default;
};
using Sum = std::map<Contribution, double>;

struct Sent {
    std::string what;  ///< "10 visits rev 1"
    Sum sum;
};

std::uint64_t content_of(const VisitFact& v, const std::string& row)
{
    KeyedHash hash{99};
    if (row == "visits")
        return hash.add(v.streak)
            .add(std::uint64_t{v.purchase})
            .add(static_cast<std::uint64_t>(v.dwell.value_or(0ms).count()))
            .value();
    if (row.starts_with("zone/"))
        return hash.add(static_cast<std::uint64_t>(v.zones.at(row.substr(5)).count()))
            .add(std::uint64_t{v.purchase})
            .value();
    return hash.add(static_cast<std::uint64_t>(v.spend.ten_thousandths()))
        .add(v.step())
        .add(v.transactions)
        .value();
}

bool part_of(const VisitFact& v, const std::string& row)
{
    if (row == "visits") return true;
    if (row.starts_with("zone/")) return v.zones.contains(row.substr(5));
    if (row == "money") return v.purchase;
    return v.purchase && row == "step" + std::to_string(v.step() + 1);
}

/// Which rows can be subtracted from each other.
std::string family_of(const std::string& row)
{
    return row.starts_with("step") ? "money" : row;
}

Sum minus(Sum one, const Sum& other, double times)
{
    for (const auto& [what, n] : other)
        if ((one[what] -= n * times) == 0.0) one.erase(what);
    return one;
}

std::size_t members_in(const Sum& sum)
{
    std::set<std::uint64_t> members;
    for (const auto& [what, n] : sum) members.insert(what.member);
    return members.size();
}

/// A store's day as it happens to come: few members, many hours, late changes.
class Day {
 public:
    explicit Day(std::uint64_t seed) : dice_{seed}, figures_{clock_, {20min, 36h, {1, 2}, "JPY", k}}
    {
    }

    void live()
    {
        const auto hours = 3 + dice_.below(4);
        const auto most = 2 + dice_.below(14);
        for (std::uint64_t hour = 0; hour < hours; ++hour) {
            for (auto count = dice_.below(most); count > 0; --count) {
                auto& visit = visits_.emplace_back(some_visit(midnight + 10h + hour * 1h));
                figures_.note(visit, visit.left_at + 20min);
                now_ = std::max(now_, visit.left_at + 20min);
            }
            issue_until(midnight + 11h + hour * 1h + 15min);
            if (dice_.below(3) == 0) change_some();
        }
        issue_until(midnight + 25h);
        for (int late = 0; late < 4; ++late) {
            change_some();
            issue_until(now_ + 2h);
        }
        issue_until(midnight + 80h);
    }

    std::map<std::string, std::vector<Sent>> sent;  ///< by family
    std::size_t suppressed{}, told{}, held{};
    std::vector<Summary> issued;

 private:
    VisitRecord some_visit(Instant hour)
    {
        VisitRecord v;
        v.id = VisitId{visits_.size() + 1};
        v.member = MemberId{1 + dice_.below(25)};
        v.member_name = "m-" + std::to_string(v.member.value());
        v.ordinal = static_cast<std::uint32_t>(dice_.below(3));
        v.opened_at = hour + Millis{dice_.below(3'500'000)};
        v.left_at = v.opened_at + Millis{1000 * (1 + dice_.below(900))};
        v.passive = true;
        v.state = VisitState::settled;
        v.streak = static_cast<std::uint32_t>(dice_.below(3));
        if (dice_.below(2) == 0) v.zones["floor"] = Millis{1 + dice_.below(90'000)};
        if (dice_.below(4) == 0) v.zones["register"] = Millis{1 + dice_.below(90'000)};
        if (dice_.below(2) == 0) v.receipts.push_back(some_receipt(v));
        return v;
    }

    VisitReceipt some_receipt(const VisitRecord& v)
    {
        VisitReceipt r;
        r.pos = "till";
        r.number = std::to_string(++receipts_);
        r.at = v.opened_at;
        r.total = Money::from_ten_thousandths(static_cast<std::int64_t>(1 + dice_.below(1 << 30)));
        r.currency = "JPY";
        return r;
    }

    /// Late receipts, voids, and some that take themselves back.
    void change_some()
    {
        if (visits_.empty()) return;
        for (auto count = dice_.below(9); count > 0; --count) {
            auto& v = visits_[dice_.below(visits_.size())];
            const auto how = dice_.below(4);
            if (how == 0) {
                v.receipts.push_back(some_receipt(v));
            } else if (how == 1 && !v.receipts.empty()) {
                auto& r = v.receipts.back();
                r.undone = r.undone == Money{} ? r.total : Money{};
            } else if (how == 2) {
                v.streak = v.streak == 0 ? 1 : 0;
            } else {
                v.close_reason = CloseReason::withdrawn;
            }
            figures_.note(v, now_);
        }
    }

    void issue_until(Instant until)
    {
        for (auto due = figures_.next_due(); due && *due <= until; due = figures_.next_due()) {
            now_ = std::max(now_, *due);
            take(figures_.issue());
        }
        now_ = std::max(now_, until);
    }

    void take(const Summary& summary)
    {
        issued.push_back(summary);
        if (!summary.disclosed.told) {
            ++held;
            return;
        }
        if (!summary.disclosed.shows("visits")) ++suppressed;
        for (const auto& [row, digest] : summary.disclosed.rows) {
            if (row == "passers" || row == "receipts" || row == "coupons") continue;
            Sum sum;
            for (const auto& v : visits_) {
                if (v.close_reason == CloseReason::withdrawn || v.opened_at < summary.from
                    || v.opened_at >= summary.to)
                    continue;
                const auto fact = fact_of(v, {1, 2}, "JPY");
                if (part_of(fact, row))
                    sum[{v.id.value(), content_of(fact, row), v.member.value()}] += 1.0;
            }
            ++told;
            sent[family_of(row)].push_back(
                {format(summary.from) + " " + row + " rev " + std::to_string(summary.revision),
                 std::move(sum)});
        }
    }

    static std::string format(Instant at) { return std::to_string((at - midnight) / 1h) + "h"; }

    stage::Dice dice_;
    StoreClock clock_;
    Figures figures_;
    std::vector<VisitRecord> visits_;
    std::uint64_t receipts_{};
    Instant now_{midnight};
};

/// The row space of all that was sent, reduced: every way to cancel the most. A vector of it that
/// rests on fewer than k members is a figure of theirs.
std::optional<std::string> given_away(const std::vector<Sent>& sent)
{
    // By elimination: what is left when everything that can be is cancelled, from either end.
    for (const bool forward : {true, false}) {
        std::vector<Sum> basis;
        for (const auto& row : sent) {
            Sum rest = row.sum;
            for (const auto& each : basis) {
                const auto& pivot = forward ? each.begin()->first : std::prev(each.end())->first;
                const auto lead = each.at(pivot);
                if (const auto found = rest.find(pivot); found != rest.end())
                    rest = minus(std::move(rest), each, found->second / lead);
            }
            if (rest.empty()) continue;
            if (members_in(rest) < k) return row.what;
            basis.push_back(std::move(rest));
        }
    }
    // By hand: sums and differences of up to four.
    for (std::size_t a = 0; a < sent.size(); ++a)
        for (std::size_t b = a + 1; b < sent.size(); ++b)
            for (const double sign : {1.0, -1.0}) {
                const auto two = minus(sent[a].sum, sent[b].sum, sign);
                if (!two.empty() && members_in(two) < k) return sent[a].what + ", " + sent[b].what;
                for (std::size_t c = b + 1; c < sent.size() && sent.size() <= three_max; ++c)
                    for (const double other : {1.0, -1.0}) {
                        const auto three = minus(two, sent[c].sum, other);
                        if (!three.empty() && members_in(three) < k)
                            return sent[a].what + ", " + sent[b].what + ", " + sent[c].what;
                    }
            }
    return std::nullopt;
}

/// Every choice of one revision of each hour, or none, taken from every day and difference of days.
std::optional<std::string> given_away_by_days(const std::vector<Sent>& sent)
{
    std::map<std::string, std::vector<const Sum*>> hours;
    std::vector<Sum> days;
    for (const auto& each : sent) {
        const auto name = each.what.substr(0, each.what.find(' '));
        if (name == "0h") {
            for (std::size_t i = 0, n = days.size(); i < n; ++i)
                if (auto two = minus(days[i], each.sum, 1.0); !two.empty()) days.push_back(two);
            days.push_back(each.sum);
        } else {
            hours[name].push_back(&each.sum);
        }
    }
    for (const auto& day : days) {
        std::vector<Sum> rests{day};
        for (const auto& [name, revisions] : hours) {
            std::vector<Sum> next = rests;
            for (const auto& rest : rests)
                for (const auto* one : revisions) next.push_back(minus(rest, *one, 1.0));
            rests = std::move(next);
            if (rests.size() > 300) rests.resize(300);
        }
        for (const auto& rest : rests)
            if (!rest.empty() && members_in(rest) < k) return "a day less hours";
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("disclosure: nothing that is sent gives away fewer than k members, however combined",
          "[kpi]")
{
    std::size_t told = 0, suppressed = 0, held = 0, days = 0, day_rows = 0;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        INFO("seed " << seed);
        Day day{seed};
        day.live();
        for (const auto& [family, sent] : day.sent) {
            INFO("of " << family);
            const auto how = given_away(sent);
            INFO(how.value_or("") << " give it away");
            REQUIRE_FALSE(how);
            REQUIRE_FALSE(given_away_by_days(sent));
        }
        told += day.told;
        suppressed += day.suppressed;
        held += day.held;
        for (const auto& summary : day.issued)
            if (summary.bucket == Summary::Bucket::day && summary.revision == 1
                && summary.members >= k) {
                ++days;
                if (summary.disclosed.shows("visits")) ++day_rows;
            }
    }
    // It is no use to tell nothing.
    INFO(told << " rows told, " << suppressed << " hours and days suppressed, " << held
              << " corrections held back");
    CHECK(day_rows == days);
    CHECK(days > 1000);
    CHECK(suppressed > 1000);
    CHECK(held > 1000);
}

TEST_CASE("disclosure: hours and the rest of their day add up to the day", "[kpi]")
{
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        INFO("seed " << seed);
        Day day{seed};
        day.live();
        // What was told last of every period, and what is true at the end.
        std::map<std::pair<Instant, Summary::Bucket>, Summary> truth;
        for (const auto& summary : day.issued) truth[{summary.from, summary.bucket}] = summary;
        const auto whole = truth.find({midnight, Summary::Bucket::day});
        if (whole == truth.end()) continue;
        std::optional<Summary> sum;
        for (const auto& [key, summary] : truth)
            if (key.second == Summary::Bucket::hour) sum = sum ? merge(*sum, summary) : summary;
        REQUIRE(sum);
        CHECK(sum->visits == whole->second.visits);
        CHECK(sum->revenue == whole->second.revenue);
        CHECK(sum->dwell == whole->second.dwell);
        CHECK(sum->members_sketch == whole->second.members_sketch);
        CHECK(sum->zones == whole->second.zones);
        CHECK(sum->visits_to_purchase == whole->second.visits_to_purchase);
        CHECK(std::abs(static_cast<int>(sum->members) - static_cast<int>(whole->second.members))
              <= 1);
    }
}
