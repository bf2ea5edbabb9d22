#include "tests/sim/coupon_shop.hpp"

#include "daemon/base/archive.hpp"
#include "daemon/ledger/database.hpp"
#include "daemon/ledger/directory.hpp"
#include "tests/sim/books.hpp"
#include "tests/sim/script.hpp"

#include <map>
#include <set>
#include <utility>

namespace raiten::sim {
namespace {

constexpr int attempts_max = 12;
constexpr Millis patience{3'000};

Instant birthday()
{
    using namespace std::chrono;
    return sys_days{year{2090} / 1 / 10} + hours{1};
}

std::unique_ptr<ledger::Database> opened(const std::string& path)
{
    auto file = ledger::Database::open(path, ledger::Database::Access::read_only, Millis{0});
    if (!file) throw Broken{"the ledger cannot be read: " + file.error().text()};
    return std::move(*file);
}

/// triggered, perhaps delivered, then at most one of redeemed, expired and revoked; or withheld.
bool is_life(const std::vector<std::string>& told)
{
    if (told.empty()) return false;
    if (told.front() == "withheld") return told.size() == 1;
    if (told.front() != "triggered") return false;
    auto next = told.begin() + 1;
    if (next != told.end() && *next == "delivered") ++next;
    if (next != told.end() && (*next == "redeemed" || *next == "expired" || *next == "revoked"))
        ++next;
    return next == told.end();
}

}  // namespace

CouponShop::CouponShop(std::uint64_t seed, std::vector<Campaign> campaigns, int members)
    : disk_{seed * 3 + 1, trace_, [this] { return clock_.now(); }},
      mounted_{disk_},
      office_{seed * 3 + 2, clock_, trace_},
      world_{clock_, disk_, trace_, [this] { return now(); }, folder_.file("ledger.db"), {}},
      dice_{seed * 3}
{
    world_.campaigns = std::move(campaigns);
    world_.trouble = [](const Problem& problem) {
        throw Broken{"the ledger gave up: " + problem.text()};
    };
    start();
    std::vector<ledger::Enrolment> all;
    for (int who = 0; who < members; ++who) {
        ledger::Enrolment one{member_name_of(who), false, true, {}, {}};
        one.tokens.push_back(daemon_->shop().pseudonyms().token(card_of(who)).value());
        all.push_back(std::move(one));
    }
    const auto made = daemon_->shop().enrol(all, {});
    if (!made) throw Broken{"enrolment: " + made.error().text()};
    pass(Millis{20'000});
}

CouponShop::~CouponShop() = default;

Instant CouponShop::now() const
{
    return birthday() + clock_.now();
}

// ---- lives -------------------------------------------------------------------------------------

void CouponShop::light_fuse(std::uint64_t nth, End how, std::uint64_t again)
{
    lit_ = true;
    power_ = how == End::power_cut;
    again_ = again;
    disk_.light_fuse(nth);
}

void CouponShop::end(bool power_cut)
{
    daemon_.reset();
    if (power_cut) disk_.cut_power();
    if (std::exchange(starting_, true)) return;
    clock_.after(Millis{1}, [this] {
        starting_ = false;
        start();
    });
}

void CouponShop::start()
{
    disk_.own();
    if (again_ > 0) {
        lit_ = true;
        disk_.light_fuse(std::exchange(again_, 0));
    }
    ++lives_;
    const auto gone = [&](const std::string& why) {
        if (!disk_.blown()) throw Broken{"does not start: " + why};
        lit_ = false;
        end(power_);
    };
    try {
        auto started = Daemon::start(world_, dice_.word());
        if (!started) return gone(started.error().text());
        daemon_ = std::move(started.value());
        if (daemon_->whole()) ++whole_;
    } catch (const ledger::ReadFailed& failed) {
        return gone(failed.what());
    }
    if (disk_.blown()) gone("");
}

void CouponShop::turn()
{
    try {
        if (daemon_) daemon_->turn();
    } catch (const ledger::ReadFailed& failed) {
        if (!disk_.blown()) throw Broken{failed.what()};
    }
    if (!lit_ || !disk_.blown()) return;
    lit_ = false;
    end(power_);
}

void CouponShop::restart(End how)
{
    settle();
    if (how == End::whole) {
        daemon_->shop().checkpoint();
        const auto left = daemon_->shop().leave_state();
        if (!left) throw Broken{left.error().text()};
        settle();
    }
    end(how == End::power_cut);
    while (!daemon_) pass(Millis{1});
}

void CouponShop::pass(Millis span)
{
    clock_.run_until(clock_.now() + span, [this] { turn(); });
}

void CouponShop::settle()
{
    for (Millis waited{0}; !daemon_ || daemon_->shop().under_way() > 0; waited += Millis{1}) {
        if (waited > patience) throw Broken{"what is under way never becomes durable"};
        pass(Millis{1});
    }
}

// ---- what it is told ---------------------------------------------------------------------------

app::Answer CouponShop::tell(const Ask& ask)
{
    const Instant at = now();  // the same, however often it is told
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        while (!daemon_) pass(Millis{1});
        const auto heard = std::make_shared<std::optional<app::Answer>>();
        const int life = lives_;
        try {
            ask(daemon_->shop(), at, [heard](const Result<app::Answer>& answer) {
                if (answer) *heard = *answer;
            });
        } catch (const ledger::ReadFailed& failed) {
            if (!disk_.blown()) throw Broken{failed.what()};
        }
        for (Millis waited{0}; waited < patience && life == lives_ && daemon_ && !*heard;
             waited += Millis{1})
            pass(Millis{1});
        if (*heard) return **heard;
    }
    throw Broken{"never answered"};
}

app::Answer CouponShop::admit(Instant at, const decltype(app::RawEvent::what)& what)
{
    return tell([&](app::Shop& shop, Instant received, const app::Shop::Done& done) {
        shop.admit({at, {}, what}, received, done);
    });
}

app::Answer CouponShop::check_in(int member, const std::string& id)
{
    return check_in(member, id, now());
}

app::Answer CouponShop::check_in(int member, const std::string& id, Instant at)
{
    return admit(at, app::RawCheckIn{"desk", card_of(member), id});
}

app::Answer CouponShop::receipt(int member, const std::string& number, ReceiptKind kind)
{
    return receipt(member, number, kind, now());
}

app::Answer CouponShop::receipt(int member, const std::string& number, ReceiptKind kind, Instant at)
{
    app::RawReceipt receipt;
    receipt.pos = "reg-1";
    receipt.number = number;
    receipt.kind = kind;
    receipt.token = card_of(member);
    receipt.total = Money::from_ten_thousandths(5'000'000);
    receipt.currency = "JPY";
    return admit(at, std::move(receipt));
}

app::Answer CouponShop::redeem(CouponId coupon, const std::string& where)
{
    return tell([&](app::Shop& shop, Instant at, const app::Shop::Done& done) {
        shop.redeem(coupon, where, at, done);
    });
}

app::Answer CouponShop::deliver(CouponId coupon)
{
    return tell([&](app::Shop& shop, Instant at, const app::Shop::Done& done) {
        shop.deliver(coupon, "kiosk", at, done);
    });
}

app::Answer CouponShop::withdraw(int member)
{
    return tell([&](app::Shop& shop, Instant at, const app::Shop::Done& done) {
        const auto key = shop.pseudonyms().token(card_of(member)).value().key;
        const auto record = shop.members().load(*shop.members().member_of(key));
        shop.set_consent(record, false, record.channels, at, done);
    });
}

// ---- what it holds -----------------------------------------------------------------------------

std::vector<CouponRecord> CouponShop::coupons()
{
    settle();
    std::vector<CouponRecord> all;
    for (std::optional<std::uint64_t> before;;) {
        const auto page = daemon_->ledger().coupons(std::nullopt, before, 1000);
        if (!page) throw Broken{page.error().text()};
        all.insert(all.begin(), page->coupons.rbegin(), page->coupons.rend());
        before = page->older;
        if (!before) return all;
    }
}

std::string CouponShop::standings()
{
    struct Sums {
        std::int64_t used{}, reserved{};
        std::uint64_t stock_used{}, stock_reserved{};
        bool operator==(const Sums&) const = default;
    };
    settle();
    std::map<std::string, Sums> kept;
    auto file = opened(world_.path);
    auto rows = file->query(
        "SELECT campaign, sum((state = 3) * cost), sum((state IN (0, 2)) * cost),"
        " sum((state = 3) * took_stock), sum((state IN (0, 2)) * took_stock)"
        " FROM coupon WHERE state != 1 GROUP BY campaign");
    while (rows.next()) {
        Sums& sums = kept[rows.get<std::string>()];
        sums.used = rows.get<std::int64_t>();
        sums.reserved = rows.get<std::int64_t>();
        sums.stock_used = rows.get<std::uint64_t>();
        sums.stock_reserved = rows.get<std::uint64_t>();
    }
    std::string text;
    const auto& decisions = daemon_->shop().engine().decisions();
    for (const auto& campaign : decisions.campaigns()) {
        const auto found = decisions.standings().find(campaign.id);
        const auto standing =
            found == decisions.standings().end() ? Decisions::Standing{} : found->second;
        const auto& budget = standing.account.budget();
        const auto& stock = standing.account.stock();
        const Sums sums{budget.used.ten_thousandths(), budget.reserved.ten_thousandths(),
                        stock.used, stock.reserved};
        const auto line = campaign.id + ": used " + budget.used.text() + ", reserved "
                          + budget.reserved.text() + ", stock " + std::to_string(stock.used) + " + "
                          + std::to_string(stock.reserved);
        if (sums != kept[campaign.id]) throw Broken{"the coupons say otherwise than " + line};
        if (campaign.budget && budget.used + budget.reserved > *campaign.budget)
            throw Broken{"more than its budget: " + line};
        if (campaign.stock && !campaign.stock->daily
            && stock.used + stock.reserved > campaign.stock->count)
            throw Broken{"more than its stock: " + line};
        ArchiveWriter bytes;
        bytes(standing.account);
        text += line + ", " + std::to_string(KeyedHash{0}.add(bytes.bytes()).value());
        for (const auto& offer : campaign.offers) {
            const auto arm = standing.arms.count(offer.code);
            text += ", " + offer.code + " " + std::to_string(arm.answered) + " of "
                    + std::to_string(arm.given);
        }
        text += '\n';
    }
    return text;
}

std::string CouponShop::books()
{
    settle();
    const auto books = read_books(world_.path);
    std::map<std::string, std::vector<std::string>> lives;
    std::set<std::string> ids;
    std::uint64_t cursor = 0;
    for (const auto& [at, row] : books.stream) {
        if (at != ++cursor) throw Broken{"no effect " + std::to_string(cursor)};
        if (!ids.insert(row.id).second) throw Broken{"twice in the stream: " + row.id};
        const std::string about = "raiten.coupon.";
        if (!row.type.starts_with(about)) continue;
        const auto word = row.type.substr(about.size());
        lives[row.id.substr(row.id.find('/') + 1)].push_back(word.substr(0, word.find('.')));
    }
    std::string text;
    std::set<std::string> occasions;
    for (const auto& coupon : coupons()) {
        const auto key = coupon.member_name + " " + coupon.campaign + " " + coupon.occasion;
        if (!occasions.insert(key).second) throw Broken{"decided twice: " + key};
        auto& life = lives[text_of(coupon.id)];
        std::string told;
        for (const auto& word : life) told += " " + word;
        if (!is_life(life)) throw Broken{"no life of a coupon: " + key + ":" + told};
        if (life.back() != text_of(coupon.state))
            throw Broken{"the stream says" + told + ", the coupon "
                         + std::string{text_of(coupon.state)} + ": " + key};
        text += key + told + " " + coupon.closed_where;
        for (const auto at : {std::optional{coupon.decided_at}, std::optional{coupon.expires_at},
                              coupon.delivered_at, coupon.answered_at, coupon.closed_at})
            text += " " + std::to_string(at ? at->time_since_epoch().count() : 0);
        text += '\n';
        lives.erase(text_of(coupon.id));
    }
    if (!lives.empty()) throw Broken{"in the stream only: " + lives.begin()->first};
    for (const auto& lane : books.outbox) {
        auto next = lane.settled + 1;
        for (const auto& [from, sequence] : lane.rows) {
            if (from > next || sequence < next) throw Broken{"a hole in the outbox"};
            next = sequence + 1;
        }
        if (next != lane.next) throw Broken{"a hole at the end of the outbox"};
        text += "next in lane " + std::to_string(lane.next) + "\n";
    }
    return text + "effects " + std::to_string(cursor) + "\n";
}

}  // namespace raiten::sim
