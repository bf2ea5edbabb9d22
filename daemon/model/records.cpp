#include "daemon/model/records.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace raiten {
namespace {

std::string tagged(char tag, std::uint64_t value)
{
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    const auto length = static_cast<std::size_t>(end - digits.data());
    std::string out(1, tag);
    out.append(digits.size() - length, '0');
    return out.append(digits.data(), length);
}

template <class T>
std::optional<T> untagged(char tag, const std::string& text)
{
    std::uint64_t value{};
    if (text.size() != 17 || text[0] != tag) return std::nullopt;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, end, value, 16);
    if (error != std::errc{} || stop != end || text != tagged(tag, value)) return std::nullopt;
    return T{value};
}

constexpr std::array<std::string_view, 3> visit_states{"open", "ended", "settled"};
constexpr std::array<std::string_view, 2> outcomes{"no_purchase", "purchase"};
constexpr std::array<std::string_view, 5> close_reasons{"timeout", "too_long", "consent_withdrawn",
                                                        "erased", "withdrawn"};
constexpr std::array<std::string_view, 3> attributions{"none", "inferred", "token"};
constexpr std::array<std::string_view, 6> coupon_states{"triggered", "withheld", "delivered",
                                                        "redeemed",  "expired",  "revoked"};
constexpr std::array<std::string_view, 4> equipments{"no", "suspected", "confirmed", "rejected"};

}  // namespace

VisitOutcome VisitRecord::outcome() const
{
    const bool bought = std::any_of(receipts.begin(), receipts.end(),
                                    [](const VisitReceipt& r) { return r.counts(); });
    return bought ? VisitOutcome::purchase : VisitOutcome::no_purchase;
}

Money VisitRecord::spend() const
{
    Money sum;
    for (const auto& receipt : receipts) sum += receipt.total - receipt.undone;
    return sum;
}

std::string VisitRecord::currency() const
{
    return receipts.empty() ? std::string{} : receipts.front().currency;
}

Attribution VisitRecord::attribution() const
{
    auto best = Attribution::none;
    for (const auto& receipt : receipts)
        if (receipt.counts()) best = std::max(best, receipt.attribution);
    return best;
}

double VisitRecord::confidence() const
{
    double best = receipts.empty() ? 1.0 : 0.0;
    for (const auto& receipt : receipts) best = std::max(best, receipt.confidence);
    if (left_at <= opened_at) return best;
    const double span = static_cast<double>((left_at - opened_at).count());
    const double heard = (span - static_cast<double>(blind.count())) / span;
    return std::round(best * heard * 1000.0) / 1000.0;
}

bool VisitRecord::uncertain() const
{
    constexpr double certain_from = 0.8;
    bool any = false;
    for (const auto& receipt : receipts) {
        if (!receipt.counts()) continue;
        if (receipt.confidence >= certain_from) return false;
        any = true;
    }
    return any;
}

std::optional<Millis> VisitRecord::dwell() const
{
    if (!passive) return std::nullopt;
    return left_at - opened_at;
}

std::string text_of(VisitId id)
{
    return tagged('v', id.value());
}
std::string text_of(CouponId id)
{
    return tagged('c', id.value());
}

std::optional<VisitId> visit_id_of(const std::string& text)
{
    return untagged<VisitId>('v', text);
}

std::optional<CouponId> coupon_id_of(const std::string& text)
{
    return untagged<CouponId>('c', text);
}

std::string_view text_of(VisitState s)
{
    return visit_states[static_cast<std::size_t>(s)];
}
std::string_view text_of(VisitOutcome o)
{
    return outcomes[static_cast<std::size_t>(o)];
}
std::string_view text_of(CloseReason r)
{
    return close_reasons[static_cast<std::size_t>(r)];
}
std::string_view text_of(Attribution a)
{
    return attributions[static_cast<std::size_t>(a)];
}
std::string_view text_of(CouponState s)
{
    return coupon_states[static_cast<std::size_t>(s)];
}
std::string_view text_of(Equipment e)
{
    return equipments[static_cast<std::size_t>(e)];
}

}  // namespace raiten
