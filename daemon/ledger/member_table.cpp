#include "daemon/ledger/member_table.hpp"

#include "daemon/ledger/codec.hpp"
#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/visit_table.hpp"

#include <algorithm>
#include <tuple>

namespace raiten::ledger {
namespace {

/// See visit_table: a visit may open this long after the engine time of its row.
constexpr Millis ahead_max = std::chrono::minutes{1};
/// A member's amendable visits lie within days; more would be a damaged file.
constexpr std::size_t recent_max = 1000;

MemberRecord::Link link_of(const VisitRecord& visit)
{
    return {visit.id, visit.left_at, visit.outcome(), visit.streak, visit.doubtful};
}

std::vector<std::uint64_t> days_since_1970(const std::vector<std::chrono::sys_days>& days)
{
    std::vector<std::uint64_t> out;
    for (const auto day : days)
        out.push_back(
            static_cast<std::uint64_t>(std::max<std::int64_t>(day.time_since_epoch().count(), 0)));
    return out;
}

void load_visits(Database& database, MemberRecord& member, Instant amendable_from)
{
    std::optional<VisitRecord> before;
    visits_back(database, member.id, [&](VisitRecord visit, Instant created) {
        // Nothing from here back can have opened later than what was found.
        if (before && created + ahead_max < before->opened_at) return false;
        if (visit.state != VisitState::settled) return true;
        if (visit.left_at >= amendable_from)
            member.recent.push_back(std::move(visit));
        else if (!before || visit.opened_at > before->opened_at)
            before = std::move(visit);
        return member.recent.size() < recent_max;
    });
    if (before) member.before_recent = link_of(*before);
    std::sort(member.recent.begin(), member.recent.end(),
              [](const VisitRecord& a, const VisitRecord& b) {
                  return std::tie(a.opened_at, a.ordinal) < std::tie(b.opened_at, b.ordinal);
              });
}

}  // namespace

std::optional<MemberRecord> member_basics(Database& database, MemberId id)
{
    auto row = database.query(
        "SELECT name, kinds, staff, consent, birth_month, visits, settled_visits, purchases, spend,"
        " currency, first_visit_at, last_purchase_at, equipment, long_days, channels"
        " FROM member WHERE id = ?",
        id);
    if (!row.next()) return std::nullopt;
    MemberRecord m;
    m.id = id;
    m.name = row.get<std::string>();
    m.kinds = row.get<TokenKinds>();
    m.staff = row.get<bool>();
    m.consent = row.get<bool>();
    m.birth_month = row.get<std::optional<std::uint8_t>>();
    m.visits = row.get<std::uint32_t>();
    m.settled_visits = row.get<std::uint32_t>();
    m.purchases = row.get<std::uint32_t>();
    m.spend = row.get<Money>();
    m.currency = row.get<std::string>();
    m.first_visit_at = row.get<std::optional<Instant>>();
    m.last_purchase_at = row.get<std::optional<Instant>>();
    m.equipment = row.get<Equipment>();
    const auto long_days = counts_of(row.get<std::string>());
    m.channels = row.get<Channels>();
    if (!long_days || m.equipment > Equipment::rejected)
        database.damaged("member " + m.name + " cannot be read");
    else
        for (const auto day : *long_days)
            m.long_days.emplace_back(std::chrono::days{static_cast<int>(day)});
    return m;
}

std::optional<MemberRecord> load_member(Database& database, MemberId id, Instant now,
                                        const Horizon& horizon)
{
    auto member = member_basics(database, id);
    if (!member) return member;
    load_visits(database, *member, now - horizon.amendable);
    member->coupons = hot_coupons(database, id, now, now - horizon.coupons, member_coupons_max);
    return member;
}

std::optional<MemberId> member_named(Database& database, const std::string& name)
{
    auto row = database.query("SELECT id FROM member WHERE name = ?", name);
    if (!row.next()) return std::nullopt;
    return row.get<MemberId>();
}

std::optional<MemberId> member_with(Database& database, const TokenKey& token)
{
    auto row = database.query("SELECT member FROM token WHERE key = ?", token);
    if (!row.next()) return std::nullopt;
    return row.get<MemberId>();
}

MemberId next_member(Database& database)
{
    auto row = database.query("SELECT coalesce(max(id), 0) + 1 FROM member");
    return row.next() ? row.get<MemberId>() : MemberId{1};
}

void put_history(Database& database, const MemberRecord& m)
{
    auto last = m.before_recent;
    if (!m.recent.empty()) last = link_of(m.recent.back());
    database.run(
        "INSERT INTO member(id, name, kinds, staff, consent, birth_month, visits, settled_visits,"
        " purchases, spend, currency, first_visit_at, last_purchase_at, equipment, long_days,"
        " last_left_at, last_streak) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO "
        "UPDATE SET"
        " visits = excluded.visits, settled_visits = excluded.settled_visits,"
        " purchases = excluded.purchases, spend = excluded.spend, currency = excluded.currency,"
        " first_visit_at = excluded.first_visit_at, last_purchase_at = excluded.last_purchase_at,"
        " equipment = excluded.equipment, long_days = excluded.long_days,"
        " last_left_at = coalesce(excluded.last_left_at, last_left_at),"
        " last_streak = coalesce(excluded.last_streak, last_streak)",
        m.id, m.name, m.kinds, m.staff, m.consent, m.birth_month, m.visits, m.settled_visits,
        m.purchases, m.spend, m.currency, m.first_visit_at, m.last_purchase_at, m.equipment,
        counts_text(days_since_1970(m.long_days)),
        last ? std::optional{last->left_at} : std::nullopt,
        last ? std::optional{last->streak} : std::nullopt);
}

void put_basics(Database& database, const MemberRecord& m)
{
    database.run(
        "INSERT INTO member(id, name, kinds, staff, consent, birth_month, channels)"
        " VALUES (?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET kinds = excluded.kinds,"
        " staff = excluded.staff, consent = excluded.consent, birth_month = excluded.birth_month,"
        " channels = excluded.channels",
        m.id, m.name, m.kinds, m.staff, m.consent, m.birth_month, m.channels);
}

void put_token(Database& database, const Token& token, MemberId member)
{
    database.run("INSERT OR REPLACE INTO token(key, member, kind) VALUES (?,?,?)", token.key,
                 member, token.kind);
}

}  // namespace raiten::ledger
