#include "daemon/kpi/disclosure.hpp"

#include "daemon/base/keyed_hash.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_set>

namespace raiten::disclosure {
namespace {

/// What one visit, receipt or coupon puts into a row: unlike anything that another one puts, or
/// the same one after it has changed.
struct Atom {
    MemberId member;
    std::uint64_t hash{};
};
using Atoms = std::vector<Atom>;
using Rows = std::map<std::string, Atoms>;
using Hashes = std::unordered_set<std::uint64_t>;

constexpr std::array<const char*, 5> steps{"step1", "step2", "step3", "step4", "step5"};

std::uint64_t number(Money amount)
{
    return static_cast<std::uint64_t>(amount.ten_thousandths());
}
std::uint64_t number(Millis span)
{
    return static_cast<std::uint64_t>(span.count());
}

Atom visit_atom(VisitId id, const VisitFact& v)
{
    KeyedHash hash{1};
    hash.add("visits").add(id.value()).add(v.streak);
    for (const bool each : {v.first, v.purchase, v.uncertain, v.partly_blind, v.dwell.has_value()})
        hash.add(std::uint64_t{each});
    return {v.member, hash.add(number(v.dwell.value_or(Millis{}))).value()};
}

Atom money_atom(VisitId id, const VisitFact& v)
{
    KeyedHash hash{1};
    hash.add("money").add(id.value()).add(v.step()).add(number(v.spend)).add(number(v.units));
    hash.add(v.transactions).add(v.itemised);
    for (const auto& [currency, other] : v.other_currencies)
        hash.add(currency).add(other.transactions).add(number(other.revenue));
    return {v.member, hash.value()};
}

/// The rows of which hours are told, and days.
Rows hour_rows(const PeriodFacts& facts)
{
    Rows rows;
    Atoms& visits = rows["visits"];
    for (const auto& [id, visit] : facts.visits) {
        visits.push_back(visit_atom(id, visit));
        for (const auto& [zone, span] : visit.zones) {
            const auto name = "zone/" + zone;
            const auto hash = KeyedHash{1}
                                  .add(name)
                                  .add(id.value())
                                  .add(number(span))
                                  .add(std::uint64_t{visit.purchase})
                                  .value();
            rows[name].push_back({visit.member, hash});
        }
    }
    return rows;
}

/// Those that days only have.
Rows day_rows(const PeriodFacts& facts)
{
    Rows rows;
    for (const auto* step : steps) rows[step];
    Atoms& money = rows["money"];
    for (const auto& [id, visit] : facts.visits) {
        if (!visit.purchase) continue;
        money.push_back(money_atom(id, visit));
        rows[steps[visit.step()]].push_back(money.back());
    }
    Atoms& receipts = rows["receipts"];
    for (const auto& [name, receipt] : facts.receipts) {
        const auto& [pos, number, day] = name;
        const auto hash = KeyedHash{1}
                              .add("receipts")
                              .add(pos)
                              .add(number)
                              .add(static_cast<std::uint64_t>(day.time_since_epoch().count()))
                              .add(static_cast<std::uint64_t>(receipt.attribution))
                              .value();
        receipts.push_back({receipt.member, hash});
    }
    Atoms& coupons = rows["coupons"];
    for (const auto& [what, member] : facts.coupons) {
        const auto hash = KeyedHash{1}
                              .add("coupons")
                              .add(what.first.value())
                              .add(static_cast<std::uint64_t>(what.second))
                              .value();
        coupons.push_back({member, hash});
    }
    return rows;
}

std::uint64_t digest_of(const Atoms& atoms)
{
    std::uint64_t sum = 0;
    for (const auto& atom : atoms) sum += atom.hash;
    return sum;
}

bool told_as_is(const Disclosed& disclosed, const std::string& row, const Atoms& atoms)
{
    const auto told = disclosed.rows.find(row);
    return told != disclosed.rows.end() && told->second == digest_of(atoms);
}

void note_fresh(std::set<MemberId>& members, const Atoms& atoms, const Hashes& released)
{
    for (const auto& atom : atoms)
        if (!released.contains(atom.hash)) members.insert(atom.member);
}

std::size_t fresh(const Atoms& atoms, const Hashes& released)
{
    std::set<MemberId> members;
    note_fresh(members, atoms, released);
    return members.size();
}

/// A row that is being made: what has been let out, and what is let out now.
class Telling {
 public:
    Telling(const Day& day, const Disclosed& before, std::uint32_t k) : before_{before}, k_{k}
    {
        released_.insert(day.whole.disclosed->released.begin(),
                         day.whole.disclosed->released.end());
        for (const auto& hour : day.hours)
            released_.insert(hour.disclosed->released.begin(), hour.disclosed->released.end());
        out_.released = before.released;
    }

    const Hashes& released() const { return released_; }
    std::uint32_t k() const { return k_; }
    bool unchanged(const std::string& row, const Atoms& atoms) const
    {
        return atoms.empty() || told_as_is(before_, row, atoms);
    }
    bool fresh_enough(const Atoms& atoms) const { return fresh(atoms, released_) >= k_; }
    bool good(const std::string& row, const Atoms& atoms) const
    {
        return unchanged(row, atoms) || fresh_enough(atoms);
    }

    void tell(const std::string& row, const Atoms& atoms)
    {
        out_.rows[row] = digest_of(atoms);
        for (const auto& atom : atoms)
            if (released_.insert(atom.hash).second) out_.released.push_back(atom.hash);
    }
    void tell_count(const std::string& row, std::uint32_t count) { out_.rows[row] = count; }
    void take_back(const std::string& row) { out_.rows.erase(row); }

    /// A correction replaces what was told before, so it has to show all that was shown.
    Disclosed done(bool first)
    {
        const bool all =
            std::all_of(before_.rows.begin(), before_.rows.end(),
                        [&](const auto& row) { return out_.rows.contains(row.first); });
        if (!all || (!first && out_.rows.empty())) {
            Disclosed held = before_;
            held.told = false;
            return held;
        }
        out_.told = true;
        std::sort(out_.released.begin(), out_.released.end());
        return std::move(out_);
    }

 private:
    const Disclosed& before_;
    std::uint32_t k_;
    Hashes released_;
    Disclosed out_;
};

bool enough_more(std::uint32_t count, std::uint64_t told, std::uint32_t k)
{
    return count == told || (count > told && count - told >= k);
}

/// The hours that have been held back are, without this one, k members.
bool reserve_stays(const Day& day, std::size_t hour, const std::vector<Rows>& rows,
                   const std::string& row, const Telling& telling)
{
    std::set<MemberId> members;
    for (std::size_t i = 0; i < day.hours.size(); ++i) {
        if (i == hour || !day.hours[i].issued) continue;
        if (const auto found = rows[i].find(row); found != rows[i].end())
            note_fresh(members, found->second, telling.released());
    }
    return members.size() >= telling.k();
}

/// All hours can be told and have been told as they are, or have never been: then the day follows.
bool all_tellable(const Day& day, const std::vector<Rows>& rows, const std::string& row,
                  const Telling& telling)
{
    for (std::size_t i = 0; i < day.hours.size(); ++i) {
        const auto found = rows[i].find(row);
        if (found == rows[i].end() || found->second.empty()) continue;
        const Disclosed& told = *day.hours[i].disclosed;
        if (told_as_is(told, row, found->second)) continue;
        if (told.shows(row) || !telling.fresh_enough(found->second)) return false;
    }
    return true;
}

std::vector<Rows> rows_of_hours(const Day& day)
{
    std::vector<Rows> rows;
    rows.reserve(day.hours.size());
    for (const auto& hour : day.hours) rows.push_back(hour_rows(*hour.facts));
    return rows;
}

/// Follows from hours that were told.
bool follows(const Day& day, const std::vector<Rows>& rows, const std::string& row)
{
    for (std::size_t i = 0; i < day.hours.size(); ++i) {
        const auto found = rows[i].find(row);
        if (found != rows[i].end() && !found->second.empty()
            && !told_as_is(*day.hours[i].disclosed, row, found->second))
            return false;
    }
    return true;
}

/// Spend by visits to purchase, and all of it: steps of fewer than k members, and as many others
/// as it takes to hide these among k, are told in the sum only.
void tell_money(const Rows& rows, const Disclosed& before, Telling& telling)
{
    const Atoms& money = rows.at("money");
    const bool again = before.shows("money");
    std::vector<std::string> open;
    for (const auto* step : steps)
        if (again ? before.shows(step)
                  : rows.at(step).empty() || telling.fresh_enough(rows.at(step)))
            open.emplace_back(step);

    const auto hidden = [&] {
        std::set<MemberId> members;
        for (const std::string step : steps)
            if (std::find(open.begin(), open.end(), step) == open.end())
                note_fresh(members, rows.at(step), telling.released());
        return members.size();
    };
    if (again) {
        const bool good = std::all_of(open.begin(), open.end(), [&](const auto& step) {
            return telling.good(step, rows.at(step));
        });
        // What is hidden in the sum is as it was, or new of enough members.
        std::uint64_t change = digest_of(money) - before.rows.at("money");
        for (const auto& step : open) change -= digest_of(rows.at(step)) - before.rows.at(step);
        if (!good || (change != 0 && hidden() < telling.k())) return;
    } else {
        const auto members_of = [&](const std::string& step) {
            return fresh(rows.at(step), telling.released());
        };
        while (hidden() > 0 && hidden() < telling.k()) {
            std::optional<std::string> least;
            for (const auto& step : open)
                if (members_of(step) > 0 && (!least || members_of(step) < members_of(*least)))
                    least = step;
            if (!least) return;
            std::erase(open, *least);
        }
    }
    for (const auto& step : open) telling.tell(step, rows.at(step));
    telling.tell("money", money);
}

Disclosed everything(const PeriodFacts& facts)
{
    Disclosed out;
    out.told = true;
    for (const auto* row : {"visits", "passers", "money", "receipts", "coupons"}) out.rows[row] = 0;
    for (const auto* step : steps) out.rows[step] = 0;
    for (const auto& [id, visit] : facts.visits)
        for (const auto& [zone, span] : visit.zones) out.rows["zone/" + zone] = 0;
    return out;
}

}  // namespace

Disclosed of_hour(const Day& day, std::size_t hour, bool closing, std::uint32_t k)
{
    const Part& part = day.hours[hour];
    if (k <= 1) return everything(*part.facts);
    Telling telling{day, *part.disclosed, k};
    // Once the day has been told, corrections are told with the day.
    if (!day.whole.disclosed->rows.empty()) return telling.done(!part.issued);

    const auto rows = rows_of_hours(day);
    const auto tellable = [&](const std::string& row, const Atoms& atoms) {
        if (telling.unchanged(row, atoms)) return true;
        if (!telling.fresh_enough(atoms)) return false;
        return reserve_stays(day, hour, rows, row, telling)
               || (closing && all_tellable(day, rows, row, telling));
    };
    // The zones say little without the store, and in a store of one zone the same.
    if (tellable("visits", rows[hour].at("visits"))) {
        std::vector<std::string> good;
        for (const auto& [row, atoms] : rows[hour])
            if (tellable(row, atoms)) good.push_back(row);
        for (const auto& row : good) telling.tell(row, rows[hour].at(row));
    }
    const auto told = part.disclosed->rows.find("passers");
    const auto passers = told == part.disclosed->rows.end() ? 0 : told->second;
    if (enough_more(part.facts->passers_by, passers, k))
        telling.tell_count("passers", part.facts->passers_by);
    return telling.done(!part.issued);
}

Disclosed of_day(const Day& day, std::uint32_t k)
{
    const Part& part = day.whole;
    if (k <= 1) return everything(*part.facts);
    Telling telling{day, *part.disclosed, k};
    const auto hours = rows_of_hours(day);
    for (const auto& [row, atoms] : hour_rows(*part.facts))
        if (telling.good(row, atoms) || follows(day, hours, row)) telling.tell(row, atoms);

    const auto rows = day_rows(*part.facts);
    tell_money(rows, *part.disclosed, telling);
    for (const std::string row : {"receipts", "coupons"})
        if (telling.good(row, rows.at(row))) telling.tell(row, rows.at(row));

    std::uint64_t passers_of_hours = 0;
    for (const auto& hour : day.hours)
        if (const auto told = hour.disclosed->rows.find("passers");
            told != hour.disclosed->rows.end())
            passers_of_hours += told->second;
    const auto told = part.disclosed->rows.find("passers");
    const auto passers = told == part.disclosed->rows.end() ? 0 : told->second;
    if (enough_more(part.facts->passers_by, passers, k)
        && enough_more(part.facts->passers_by, passers_of_hours, k))
        telling.tell_count("passers", part.facts->passers_by);
    return telling.done(!part.issued);
}

}  // namespace raiten::disclosure
