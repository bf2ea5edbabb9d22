#include "daemon/base/keyed_hash.hpp"
#include "daemon/engine/engine_impl.hpp"

#include <algorithm>

/// Who is near or not settled yet: found by token, kept while there is something of them, and what
/// has changed of them told at the end of each event.
namespace raiten {

Engine::Impl::Hot* Engine::Impl::identify(const Token& token)
{
    const auto member = members_.member_of(token.key);
    if (!member) return nullptr;
    Hot& who = hot(*member);
    if (!who.out) return &who;
    const auto& record = who.record;
    ++counts_.left_out;
    out_->verdict = Verdict::left_out;
    out_->reason = !record.consent ? "the member has not agreed"
                   : record.staff  ? "staff are left out"
                                   : "left out as equipment until somebody has looked";
    return nullptr;
}

Engine::Impl::Hot& Engine::Impl::hot(MemberId member)
{
    const auto [found, is_new] = hot_.try_emplace(member);
    Hot& who = found->second;
    if (is_new) {
        who.record = members_.load(member);
        who.guest.id = member;
        who.guest.rank = KeyedHash{setup_.seed}.add(who.record.name).value();
        who.guest.audible = audible(who.record.kinds);
        who.out = who.record.left_out();
        who.live = &live_.person(who.guest);
        who.settled = &settled_.person(who.guest);
    }
    if (!who.touched) {
        who.touched = true;
        touched_.push_back(&who);
    }
    return who;
}

const Stay* Engine::Impl::settled_stay(Hot& who)
{
    Transitions transitions;
    settled_.catch_up(*who.settled, horizon(), transitions);
    on_settled(transitions);
    return settled_.stay_of(*who.settled);
}

VisitRecord* Engine::Impl::open_visit_of(Hot& who, VisitId id)
{
    for (auto& visit : who.open)
        if (visit.id == id) return &visit;
    return nullptr;
}

void Engine::Impl::changed(const VisitRecord& visit)
{
    for (auto& known : visits_changed_)
        if (known.id == visit.id) {
            known = visit;
            return;
        }
    visits_changed_.push_back(visit);
}

void Engine::Impl::changed(const CouponRecord& coupon)
{
    figures_.note(coupon, now_);
    for (auto& known : coupons_changed_)
        if (known.id == coupon.id) {
            known = coupon;
            return;
        }
    coupons_changed_.push_back(coupon);
}

void Engine::Impl::effect(Instant at, decltype(Effect::what) what)
{
    out_->effects.push_back({at, std::move(what)});
}

void Engine::Impl::collect()
{
    out_->visits = std::move(visits_changed_);
    out_->coupons = std::move(coupons_changed_);
    out_->leases = decisions_.changed_leases();
    visits_changed_.clear();
    coupons_changed_.clear();
    for (const auto member : members_changed_) out_->members.push_back(hot_.at(member).record);
    members_changed_.clear();
    for (Hot* who : touched_) {
        who->touched = false;
        if (!who->open.empty() || !Presence::idle(*who->live) || !Presence::idle(*who->settled))
            continue;
        const MemberId member = who->guest.id;
        live_.forget(member);
        settled_.forget(member);
        hot_.erase(member);
    }
    touched_.clear();
}

std::size_t Engine::Impl::unsettled() const
{
    return backlog_.size() + hot_.size();
}

std::vector<VisitRecord> Engine::Impl::present()
{
    std::vector<VisitRecord> all;
    for (auto& [id, who] : hot_) {
        for (VisitRecord visit : who.open) {
            const Stay* stay = live_.stay_of(*who.live);
            if (stay && who.current == visit.id) {
                write(visit, *stay);
                visit.frozen = live_.frozen(*who.live);
            }
            all.push_back(std::move(visit));
        }
    }
    std::sort(all.begin(), all.end(), [](const VisitRecord& a, const VisitRecord& b) {
        return std::tie(a.opened_at, a.id) < std::tie(b.opened_at, b.id);
    });
    return all;
}

}  // namespace raiten
