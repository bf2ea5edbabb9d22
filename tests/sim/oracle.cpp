#include "tests/sim/oracle.hpp"

#include "daemon/model/records.hpp"

#include <algorithm>

namespace raiten::sim {
namespace {

void must(bool kept, const std::string& otherwise)
{
    if (!kept) throw Broken{otherwise};
}

int count_of(const std::map<std::string, int>& counts, const std::string& name)
{
    const auto at = counts.find(name);
    return at == counts.end() ? 0 : at->second;
}

}  // namespace

void Oracle::published(std::uint64_t cursor, const std::string& json)
{
    const auto [at, fresh] = published_.emplace(cursor, json);
    must(fresh,
         "effect " + std::to_string(cursor) + " was shown twice: " + at->second + " and " + json);
}

void Oracle::redeemed(const std::string& coupon, const std::string& where)
{
    const auto [at, fresh] = redeemed_.emplace(coupon, where);
    must(fresh, coupon + " was redeemed at " + at->second + " and at " + where);
}

void Oracle::check(const Books& books, const HeadOffice& office) const
{
    check_inputs(books);
    check_stream(books);
    check_coupons(books);
    check_outbox(books, office);
}

void Oracle::check_inputs(const Books& books) const
{
    for (const auto& name : answered_)
        must(count_of(books.kept, name) == 1 && count_of(books.journalled, name) == 1,
             "acknowledged, but not kept: " + name);
    must(books.kept == books.journalled, "the journal and the tables differ");
    for (const auto& [name, times] : books.kept)
        must(times == 1 && told_.contains(name),
             "kept " + std::to_string(times) + " times: " + name);
}

void Oracle::check_stream(const Books& books) const
{
    std::uint64_t expected = 0;
    std::set<std::string> ids;
    for (const auto& [cursor, row] : books.stream) {
        ++expected;
        must(cursor == expected, "no effect " + std::to_string(expected));
        must(ids.insert(row.id).second, "twice in the stream: " + row.id);
    }
    for (const auto& [cursor, json] : published_) {
        const auto at = books.stream.find(cursor);
        must(at != books.stream.end() && at->second.json == json,
             "shown, but not kept: effect " + std::to_string(cursor) + " " + json);
    }
}

void Oracle::check_coupons(const Books& books) const
{
    constexpr auto redeemed = static_cast<int>(CouponState::redeemed);
    std::map<std::string, int> triggered, used;
    for (const auto& [cursor, row] : books.stream) {
        const auto subject = row.id.substr(row.id.find('/') + 1);
        if (row.type == "raiten.coupon.triggered.v1" || row.type == "raiten.coupon.withheld.v1")
            ++triggered[subject];
        if (row.type == "raiten.coupon.redeemed.v1") ++used[subject];
    }
    for (const auto& [id, coupon] : books.coupons) {
        must(count_of(triggered, id) == 1, "a coupon without its trigger: " + id);
        const int expected = coupon.state == redeemed ? 1 : 0;
        must(count_of(used, id) == expected && count_of(books.redeemed, id) == expected,
             "redemptions of " + id + " in the stream: " + std::to_string(count_of(used, id))
                 + ", in the journal: " + std::to_string(count_of(books.redeemed, id)));
    }
    must(triggered.size() == books.coupons.size(), "triggers without a coupon");
    for (const auto& [id, where] : redeemed_) {
        const auto at = books.coupons.find(id);
        must(at != books.coupons.end() && at->second.state == redeemed && at->second.where == where,
             "the redemption of " + id + " at " + where + " was lost");
    }
}

void Oracle::check_outbox(const Books& books, const HeadOffice& office) const
{
    for (const Lane lane : lanes) {
        const auto& mine = books.outbox[static_cast<std::size_t>(lane)];
        const auto name = std::string{text_of(lane)};
        auto next = mine.settled + 1;
        for (const auto& [from, sequence] : mine.rows) {
            must(from <= next && sequence >= next,
                 "a hole in the outbox: " + name + " " + std::to_string(next));
            next = sequence + 1;
        }
        must(next == mine.next, "a hole at the end of the outbox: " + name + " "
                                    + std::to_string(next) + " of " + std::to_string(mine.next));
        if (hq_ack_)
            must(mine.settled <= office.contiguous(lane),
                 "deleted before HQ had it: " + name + " " + std::to_string(mine.settled));
    }
    for (const auto& [place, message] : office.stored())
        must(place.second < books.outbox[static_cast<std::size_t>(place.first)].next,
             "HQ has what is not durable: " + message.payload);
}

// ---- when all is quiet -------------------------------------------------------------------------

bool Oracle::goes_to_hq(const std::string& type) const
{
    return std::any_of(hq_events_.begin(), hq_events_.end(), [&](const std::string& wanted) {
        return type.starts_with("raiten." + wanted + ".");
    });
}

std::string Oracle::missing(const Books& books, const HeadOffice& office) const
{
    for (const auto& name : told_)
        if (!answered_.contains(name)) return "not answered: " + name;
    if (!books.unsettled.empty())
        return std::to_string(books.unsettled.size()) + " visits are not settled";
    for (const Lane lane : lanes) {
        const auto& mine = books.outbox[static_cast<std::size_t>(lane)];
        if (!mine.rows.empty())
            return std::to_string(mine.rows.size()) + " rows wait in the outbox, lane "
                   + std::string{text_of(lane)};
        if (hq_ack_ && office.contiguous(lane) + 1 != mine.next)
            return "HQ has not got all of lane " + std::string{text_of(lane)};
    }
    if (office.online() != true) return "HQ does not see the store online";
    return {};
}

void Oracle::check_head_office(const Books& books, const HeadOffice& office) const
{
    std::map<std::string, std::string> due;  // id -> type
    for (const auto& [cursor, row] : books.stream)
        if (goes_to_hq(row.type)) due.emplace(row.id, row.type);
    // Without HQ's word the promise ends at the broker.
    std::uint64_t gone = 0;
    std::uint64_t got = 0;
    for (const auto& [place, message] : hq_ack_ ? office.stored() : office.taken()) {
        if (message.type == "raiten.gap.v1") {
            gone += message.sequence - message.from + 1;
            continue;
        }
        ++got;
        const auto at = due.find(message.id);
        must(at != due.end() && at->second == message.type, "HQ has what never was: " + message.id);
    }
    must(got <= due.size() && got + gone >= due.size(),
         "HQ has " + std::to_string(got) + " messages and " + std::to_string(gone) + " in gaps, of "
             + std::to_string(due.size()));
    std::set<std::string> ids;
    for (const auto& [place, message] : office.stored())
        must(ids.insert(message.id).second, "HQ has it twice: " + message.id);
}

}  // namespace raiten::sim
