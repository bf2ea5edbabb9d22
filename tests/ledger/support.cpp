#include "tests/ledger/support.hpp"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <sstream>

namespace raiten::ledger {

using namespace std::chrono_literals;

Committer::Post TestLoop::post()
{
    return [this](std::function<void()> call) {
        const std::lock_guard lock{mutex_};
        posted_.push_back(std::move(call));
        wake_.notify_one();
    };
}

bool TestLoop::run_until(const std::function<bool()>& done)
{
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (!done()) {
        std::unique_lock lock{mutex_};
        if (!wake_.wait_until(lock, end, [&] { return !posted_.empty(); })) return false;
        const auto call = std::move(posted_.front());
        posted_.pop_front();
        lock.unlock();
        call();
    }
    return true;
}

TempFolder::TempFolder()
{
    std::string name = (std::filesystem::temp_directory_path() / "raiten-ledger-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error{"mkdtemp"};
    path_ = name;
}

TempFolder::~TempFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Ledger::Options options_for(const std::string& path)
{
    Ledger::Options options;
    options.path = path;
    options.store = "acme/shibuya/box-1";
    return options;
}

Opened::Opened(const std::string& path, Committer::Options commit)
{
    auto options = options_for(path);
    options.commit = commit;
    ledger = value(Ledger::open(options, loop.post()));
}

void Opened::commit(Batch batch)
{
    bool done = false;
    ledger->commit(std::move(batch), [&](const Result<void>& how) {
        CHECK(how.has_value());
        done = true;
    });
    REQUIRE(loop.run_until([&] { return done; }));
}

std::vector<MemberId> Opened::enrol(const std::vector<Enrolment>& list)
{
    bool done = false;
    auto ids = value(ledger->enrol(list, [&](const Result<void>& how) {
        CHECK(how.has_value());
        done = true;
    }));
    REQUIRE(loop.run_until([&] { return done; }));
    return ids;
}

Instant at(Millis later)
{
    return Instant{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}} + 1h + later;
}

Token token(std::uint64_t number, TokenKind kind)
{
    std::mt19937_64 spread{number};
    const auto high = spread();
    return {{high, number}, kind, false};
}

VisitRecord some_visit(std::mt19937_64& random, MemberId member, const std::string& name,
                       std::uint32_t ordinal)
{
    const auto upto = [&](std::uint64_t n) { return random() % n; };
    VisitRecord v;
    v.id = VisitId{random()};
    v.member = member;
    v.member_name = name;
    v.ordinal = ordinal;
    v.state = static_cast<VisitState>(upto(3));
    v.opened_at = at(Millis{upto(10'000'000)});
    v.left_at = v.opened_at + Millis{upto(3'600'000)};
    v.passive = upto(2) != 0;
    v.zone = upto(2) != 0 ? "register" : "";
    v.zone_since = v.opened_at + 5s;
    v.zones = {{"floor", Millis{upto(100'000)}}, {"試着室 \"1\"", Millis{upto(9)}}};
    v.readers = {"ent-1", "desk 'x'"};
    if (upto(2) != 0) v.close_reason = static_cast<CloseReason>(upto(5));
    v.streak = static_cast<std::uint32_t>(upto(4));
    v.revision = static_cast<std::uint32_t>(upto(3));
    for (auto n = upto(3); n > 0; --n) {
        VisitReceipt r;
        r.pos = "reg-2";
        r.number = "00" + std::to_string(upto(1000));
        r.day = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
        r.at = v.opened_at + 1min;
        r.total = Money::from_ten_thousandths(static_cast<std::int64_t>(upto(100'000'000)));
        r.undone = Money::from_units(static_cast<std::int64_t>(upto(2)));
        r.currency = "JPY";
        r.attribution = upto(2) != 0 ? Attribution::token : Attribution::inferred;
        r.confidence = static_cast<double>(upto(1000)) / 999.0;
        v.receipts.push_back(r);
    }
    return v;
}

CouponRecord some_coupon(std::mt19937_64& random, MemberId member, const std::string& name)
{
    CouponRecord c;
    c.id = CouponId{random()};
    c.campaign = "welcome-back";
    c.offer = random() % 2 != 0 ? "10OFF" : "";
    c.member = member;
    c.member_name = name;
    if (random() % 2 != 0) c.visit = VisitId{random()};
    c.moment = "non_purchase_return";
    c.occasion = "v" + std::to_string(random());
    c.decided_at = at(Millis{random() % 1'000'000});
    c.expires_at = c.decided_at + 24h;
    c.arm_probability = static_cast<double>(random() % 1000) / 7.0;
    if (random() % 2 != 0) c.uplift = -0.125;
    c.reasons = {"streak 2", "前回は購入なし"};
    c.state = static_cast<CouponState>(random() % 6);
    if (c.state >= CouponState::redeemed) c.closed_at = c.decided_at + 1h;
    c.closed_where = c.closed_at ? "kiosk" : "";
    if (c.state == CouponState::delivered) c.delivered_at = c.decided_at + 1min;
    return c;
}

Summary some_summary(std::mt19937_64& random, Summary::Bucket bucket, Instant from)
{
    Summary s;
    s.bucket = bucket;
    s.from = from;
    s.to = from + (bucket == Summary::Bucket::hour ? 1h : 24h);
    s.day = std::chrono::floor<std::chrono::days>(from);
    s.revision = 1;
    for (auto* n : {&s.observed_minutes,
                    &s.visits,
                    &s.members,
                    &s.new_members,
                    &s.passers_by,
                    &s.purchase_visits,
                    &s.purchase_visits_uncertain,
                    &s.non_purchase_visits,
                    &s.non_purchase_returns,
                    &s.returns_with_purchase,
                    &s.partly_blind,
                    &s.conversion_visits,
                    &s.conversion_purchases,
                    &s.dwell_visits,
                    &s.anonymous,
                    &s.rotating,
                    &s.transactions,
                    &s.itemised,
                    &s.receipts.matched,
                    &s.receipts.inferred,
                    &s.receipts.ambiguous,
                    &s.receipts.unmatched,
                    &s.receipts.foreign,
                    &s.coupons.triggered,
                    &s.coupons.withheld,
                    &s.coupons.delivered,
                    &s.coupons.redeemed,
                    &s.coupons.expired,
                    &s.coupons.revoked})
        *n = static_cast<std::uint32_t>(random() % 1000);
    s.newer = random() % 2 != 0;
    s.dwell = Millis{random() % 1'000'000};
    s.units = Money::from_units(static_cast<std::int64_t>(random() % 100));
    s.late_refunds = Money::from_units(static_cast<std::int64_t>(random() % 100));
    s.dwell_digest = "flags 1 count 1 compression 200 centroids 1 (1, 1)";
    s.members_sketch = std::string{"\x14\x00\xff", 3};
    s.anonymous_sketch = std::string(1283, '\0');
    s.zones["floor"] = {7, 3, Millis{random() % 1'000'000}};
    s.other_currencies["USD"] = {2, Money::from_units(31)};
    s.disclosed.told = random() % 2 != 0;
    s.disclosed.rows = {{"visits", random()}, {"zone/floor", random()}};
    s.disclosed.released = {random(), random(), random()};
    s.revenue = Money::from_ten_thousandths(static_cast<std::int64_t>(random() % 1'000'000));
    s.currency = "JPY";
    for (auto& n : s.visits_to_purchase) n = static_cast<std::uint32_t>(random() % 100);
    for (auto& m : s.spend_by_visits_to_purchase)
        m = Money::from_units(static_cast<std::int64_t>(random() % 100));
    return s;
}

namespace {

template <class T>
void put(std::ostream& out, const T& value)
{
    if constexpr (is_optional<T>) {
        value ? put(out, *value) : put(out, "-");
    } else if constexpr (is_id<T>) {
        out << value.value() << ' ';
    } else if constexpr (std::is_same_v<T, Money>) {
        out << value.text() << ' ';
    } else if constexpr (std::is_same_v<T, Instant> || std::is_same_v<T, std::chrono::sys_days>) {
        out << value.time_since_epoch().count() << ' ';
    } else if constexpr (std::is_same_v<T, Millis>) {
        out << value.count() << ' ';
    } else if constexpr (std::is_enum_v<T>) {
        out << static_cast<int>(value) << ' ';
    } else if constexpr (std::is_same_v<T, std::uint8_t>) {
        out << int{value} << ' ';
    } else {
        out << value << ' ';
    }
}

template <class... Values>
void all(std::ostream& out, const Values&... values)
{
    (put(out, values), ...);
}

}  // namespace

std::string line(const VisitRecord& v)
{
    std::ostringstream out;
    out.precision(17);
    all(out, v.id, v.member, v.member_name, v.ordinal, v.state, v.opened_at, v.left_at, v.passive,
        v.zone, v.zone_since, v.close_reason, v.streak, v.revision);
    for (const auto& [zone, span] : v.zones) all(out, zone, span);
    for (const auto& reader : v.readers) put(out, reader);
    for (const auto& r : v.receipts)
        all(out, r.pos, r.number, r.day, r.at, r.total, r.undone, r.currency, r.attribution,
            r.confidence, r.units);
    return out.str();
}

std::string line(const CouponRecord& c)
{
    std::ostringstream out;
    out.precision(17);
    all(out, c.id, c.campaign, c.offer, c.member, c.member_name, c.visit, c.moment, c.occasion,
        c.decided_at, c.expires_at, c.arm_probability, c.uplift, c.state, c.closed_at,
        c.closed_where, c.delivered_at);
    for (const auto& reason : c.reasons) put(out, reason);
    return out.str();
}

std::string line(const MemberRecord& m)
{
    std::ostringstream out;
    all(out, m.id, m.name, m.kinds, m.staff, m.consent, m.birth_month, m.visits, m.settled_visits,
        m.purchases, m.spend, m.currency, m.first_visit_at, m.last_purchase_at);
    if (m.before_recent)
        all(out, "before", m.before_recent->visit, m.before_recent->left_at,
            m.before_recent->outcome, m.before_recent->streak);
    for (const auto& visit : m.recent) out << "\n  visit " << line(visit);
    for (const auto& coupon : m.coupons) out << "\n  coupon " << line(coupon);
    return out.str();
}

std::string line(const Summary& s)
{
    std::ostringstream out;
    all(out, s.bucket, s.from, s.to, s.day, s.revision, s.visits, s.members, s.new_members,
        s.passers_by, s.purchase_visits, s.non_purchase_visits, s.non_purchase_returns,
        s.returns_with_purchase, s.revenue, s.currency);
    all(out, s.newer, s.observed_minutes, s.purchase_visits_uncertain, s.partly_blind,
        s.conversion_visits, s.conversion_purchases, s.dwell_visits, s.dwell, s.anonymous,
        s.rotating, s.transactions, s.itemised, s.units, s.late_refunds, s.dwell_digest,
        s.spend_digest, s.members_sketch, s.anonymous_sketch, s.rotating_sketch);
    all(out, s.receipts.matched, s.receipts.inferred, s.receipts.ambiguous, s.receipts.unmatched,
        s.receipts.foreign, s.coupons.triggered, s.coupons.withheld, s.coupons.delivered,
        s.coupons.redeemed, s.coupons.expired, s.coupons.revoked);
    for (const auto& [name, zone] : s.zones)
        all(out, name, zone.visits, zone.purchase_visits, zone.dwell);
    for (const auto& [name, one] : s.other_currencies)
        all(out, name, one.transactions, one.revenue);
    put(out, s.disclosed.told);
    for (const auto& [name, digest] : s.disclosed.rows) all(out, name, digest);
    for (const auto hash : s.disclosed.released) put(out, hash);
    for (const auto n : s.visits_to_purchase) put(out, n);
    for (const auto m : s.spend_by_visits_to_purchase) put(out, m);
    return out.str();
}

std::string line(const Remembered& r)
{
    std::ostringstream out;
    all(out, "engine time", r.engine_time);
    for (const auto& v : r.unsettled) out << "\nunsettled " << line(v);
    for (const auto& v : r.settled) out << "\nsettled " << line(v);
    for (const auto& s : r.summaries) out << "\nsummary " << line(s);
    for (const auto& k : r.receipts) {
        out << "\nreceipt ";
        all(out, k.pos, k.number, k.kind, k.day, k.content, k.at, k.total, k.refers_to);
    }
    for (const auto& k : r.checkins) {
        out << "\ncheckin ";
        all(out, k.reader, k.token.high, k.token.low, k.id, k.at);
    }
    for (const auto& [campaign, s] : r.standings) {
        out << "\nstanding ";
        const auto& account = s.account;
        all(out, campaign, account.budget.used, account.budget.reserved, account.stock.used,
            account.stock.reserved, s.control);
        for (const auto& use : s.recent)
            all(out, use.decided_at, use.state, use.closed_at, use.took_stock);
        for (const auto& arm : s.arms) all(out, arm.offer, arm.given, arm.answered);
        if (account.lease)
            all(out, account.lease->grant.version, account.lease->grant.budget,
                account.lease->grant.stock, account.lease->grant.until,
                account.lease->budget_returned, account.lease->stock_returned);
    }
    out << "\nlearned " << r.campaigns_learned;
    for (const auto& f : r.forecasts) {
        out << "\nforecast ";
        all(out, f.member, f.name, f.visit_at, f.after_visits, f.first_expected);
    }
    for (const auto& c : r.readers) {
        out << "\nreader ";
        all(out, c.name, c.passive, c.at, c.up);
    }
    for (const auto& c : r.unexpired) out << "\nunexpired " << line(c);
    for (const auto& c : r.coupons) out << "\ncoupon " << line(c);
    return out.str();
}

}  // namespace raiten::ledger
