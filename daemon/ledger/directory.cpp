#include "daemon/ledger/directory.hpp"

#include "daemon/ledger/coupon_table.hpp"
#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/score_table.hpp"

#include <algorithm>
#include <unordered_set>

namespace raiten::ledger {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t tokens_per_enrolment_max = 64;

bool good_name(const std::string& name)
{
    const auto good = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
               || c == '.' || c == '_' || c == ':' || c == '-';
    };
    return !name.empty() && name.size() <= name_bytes_max
           && std::all_of(name.begin(), name.end(), good);
}

void copy_basics(const MemberRecord& from, MemberRecord& to)
{
    to.name = from.name;
    to.kinds = from.kinds;
    to.staff = from.staff;
    to.consent = from.consent;
    to.birth_month = from.birth_month;
    to.channels = from.channels;
}

}  // namespace

Directory::Directory(Database& database, Horizon horizon, std::size_t tokens_cached)
    : database_{database},
      horizon_{horizon},
      tokens_cached_{std::max<std::size_t>(tokens_cached, 1)},
      now_{sure(engine_time_of(database))},
      next_member_{sure(next_member(database))}
{
}

template <class T>
T Directory::sure(T answer)
{
    if (const auto read = database_.outcome(); !read) throw ReadFailed{read.error().text()};
    return answer;
}

std::optional<MemberId> Directory::member_of(const TokenKey& token)
{
    if (const auto* fresh = tokens_.find(token)) return *fresh;
    if (const auto known = young_.find(token); known != young_.end()) return known->second;
    if (const auto known = old_.find(token); known != old_.end()) {
        const auto member = known->second;
        remember(token, member);
        return member;
    }
    const auto member = sure(member_with(database_, token));
    remember(token, member);
    return member;
}

void Directory::remember(const TokenKey& token, std::optional<MemberId> member)
{
    if (young_.size() >= tokens_cached_) {
        old_ = std::move(young_);
        young_ = {};
    }
    young_.insert_or_assign(token, member);
}

MemberRecord Directory::load(MemberId member)
{
    if (const auto* fresh = members_.find(member)) return *fresh;
    auto found = sure(load_member(database_, member, now_, horizon_));
    if (found) return std::move(*found);
    MemberRecord nobody;
    nobody.id = member;
    return nobody;
}

std::optional<scoring::Habits> Directory::habits(MemberId member)
{
    if (const auto* fresh = habits_.find(member)) return *fresh;
    const auto stored = sure(score_of(database_, member));
    return stored ? stored->habits : std::nullopt;
}

std::optional<MemberId> Directory::owner_of(CouponId coupon)
{
    if (const auto* fresh = coupons_.find(coupon)) return *fresh;
    return sure(owner_of_coupon(database_, coupon));
}

std::optional<MemberId> Directory::named(const std::string& name)
{
    if (const auto* fresh = names_.find(name)) return *fresh;
    return sure(member_named(database_, name));
}

void Directory::note(Batch& batch, std::uint64_t number)
{
    if (batch.engine_time) engine_time(*batch.engine_time);
    for (auto& member : batch.members) {
        if (const auto* fresh = members_.find(member.id))
            copy_basics(*fresh, member);
        else if (const auto known = sure(member_basics(database_, member.id)))
            copy_basics(*known, member);
        members_.put(member.id, member, number);
        next_member_ = std::max(next_member_, MemberId{member.id.value() + 1});
    }
    for (const auto& row : batch.scores) habits_.put(row.member, row.habits, number);
    for (const auto& coupon : batch.coupons) coupons_.put(coupon.id, coupon.member, number);
}

void Directory::durable(std::uint64_t through)
{
    members_.durable(through);
    names_.durable(through);
    tokens_.durable(through);
    coupons_.durable(through);
    habits_.durable(through);
}

Result<MemberRecord> Directory::basics_for(const Enrolment& enrolment, MemberId fresh)
{
    if (!good_name(enrolment.name))
        return Problem{"not a member name: '" + enrolment.name.substr(0, name_bytes_max) + "'",
                       {},
                       "1 to 64 of letters, digits and . _ : -"};
    if (enrolment.tokens.size() > tokens_per_enrolment_max)
        return Problem{"too many tokens for one member", enrolment.name, "at most 64"};
    if (enrolment.birth_month && (*enrolment.birth_month < 1 || *enrolment.birth_month > 12))
        return Problem{"not a month of birth", enrolment.name, "1 to 12, or leave it out"};

    MemberRecord member;
    if (const auto known = named(enrolment.name)) {
        member = load(*known);
    } else {
        member.id = fresh;
        member.name = enrolment.name;
    }
    member.staff = enrolment.staff;
    member.consent = enrolment.consent;
    member.birth_month = enrolment.birth_month;
    if (enrolment.channels) member.channels = *enrolment.channels;
    for (const auto& token : enrolment.tokens)
        member.kinds = static_cast<TokenKinds>(member.kinds | kind_bit(token.kind));
    return member;
}

Result<Directory::Admission> Directory::admit(const std::vector<Enrolment>& enrolments)
{
    Admission out;
    out.members.reserve(enrolments.size());
    std::unordered_set<std::string> names;
    std::unordered_map<TokenKey, std::size_t> owners;  // place in out.members
    MemberId fresh = next_member_;
    for (const auto& enrolment : enrolments) {
        if (!names.insert(enrolment.name).second)
            return Problem{"named twice in one list", enrolment.name, "keep one of the two"};
        auto basics = basics_for(enrolment, fresh);
        if (!basics) return basics.error();
        MemberRecord member = std::move(*basics);
        if (member.id == fresh) fresh = MemberId{fresh.value() + 1};

        for (const auto& token : enrolment.tokens) {
            if (token.rotating)
                return Problem{"a token that changes by itself cannot be enrolled", enrolment.name,
                               "use the identity that stands behind it (eddystone-eid, app, card)"};
            const auto taken = [&](const std::string& by) {
                return Problem{"the token belongs to another member: " + by, enrolment.name,
                               "take it from that member first"};
            };
            const auto [here, added] = owners.try_emplace(token.key, out.members.size());
            if (!added) {
                if (here->second == out.members.size()) continue;  // told twice
                return taken(out.members[here->second].name);
            }
            if (const auto* waiting = tokens_.find(token.key)) {
                if (*waiting != member.id) return taken(load(*waiting).name);
            } else if (const auto owner = sure(member_with(database_, token.key));
                       owner && *owner != member.id) {
                return taken(load(*owner).name);
            }
            out.tokens.emplace_back(token, member.id);
        }
        out.members.push_back(std::move(member));
    }
    return out;
}

void Directory::note(const Admission& admission, std::uint64_t number)
{
    for (const auto& member : admission.members) {
        members_.put(member.id, member, number);
        names_.put(member.name, member.id, number);
        next_member_ = std::max(next_member_, MemberId{member.id.value() + 1});
    }
    for (const auto& [token, member] : admission.tokens) {
        tokens_.put(token.key, member, number);
        young_.erase(token.key);
        old_.erase(token.key);
    }
}

}  // namespace raiten::ledger
