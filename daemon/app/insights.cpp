#include "daemon/app/insights.hpp"

#include <algorithm>
#include <optional>

namespace raiten::app {
namespace {

using scoring::Diary;

constexpr Millis settling = std::chrono::hours{24};
constexpr TokenKinds shown_on_purpose = kind_bit(TokenKind::nfc) | kind_bit(TokenKind::felica)
                                        | kind_bit(TokenKind::card) | kind_bit(TokenKind::qr)
                                        | kind_bit(TokenKind::app);

/// Nothing where a receipt that was only inferred decides, or one of nobody may be theirs.
std::optional<bool> bought(const ledger::SettledVisit& visit)
{
    if (visit.purchase ? visit.uncertain : visit.doubtful) return std::nullopt;
    return visit.purchase;
}

/// A reader took part that neither hears by itself nor is the register of one of the receipts.
bool checked_in(const ledger::SettledVisit& visit, const std::set<std::string>& passive_readers)
{
    return std::any_of(visit.readers.begin(), visit.readers.end(), [&](const std::string& name) {
        return !passive_readers.contains(name)
               && std::none_of(visit.receipts.begin(), visit.receipts.end(),
                               [&](const VisitReceipt& receipt) { return receipt.pos == name; });
    });
}

std::optional<bool> by_app(TokenKinds kinds)
{
    const auto shown = kinds & shown_on_purpose;
    if ((shown & kind_bit(TokenKind::app)) == 0) return false;
    return shown == kind_bit(TokenKind::app) ? std::optional{true} : std::nullopt;
}

Result<std::optional<std::vector<std::string>>> categories_of(ledger::Histories& past,
                                                              const ledger::SettledVisit& visit)
{
    std::set<std::string> all;
    bool told = true;
    for (const auto& receipt : visit.receipts) {
        if (!receipt.counts()) continue;
        const auto lines = past.sold(receipt);
        if (!lines) return lines.error();
        told = told && !lines->empty();
        for (const auto& line : *lines) {
            told = told && !line.category.empty();
            if (!line.category.empty()) all.insert(line.category);
        }
    }
    std::optional<std::vector<std::string>> out;
    // One that is not told may be another; two are two.
    if (told || all.size() > 1) out.emplace(all.begin(), all.end());
    return out;
}

}  // namespace

InsightGround insight_ground(const Settings& settings)
{
    InsightGround out;
    for (const auto& reader : settings.readers)
        if (reader.passive) out.passive_readers.insert(reader.name);
    out.k_anonymity = static_cast<std::uint64_t>(settings.figures.k_anonymity);
    return out;
}

Result<Diary> diary_of(ledger::Histories& past, const ledger::MemberHistory& history,
                       std::chrono::days window, const std::set<std::string>& passive_readers,
                       const StoreClock& clock)
{
    Diary out;
    out.complete = history.complete;
    out.app = by_app(history.kinds);
    for (const auto& visit : history.visits) {
        const Instant wall = visit.opened_at + clock.offset_at(visit.opened_at);
        const auto midnight = std::chrono::floor<std::chrono::days>(wall);
        Diary::Visit note{visit.opened_at, std::chrono::weekday{midnight},
                          std::chrono::floor<std::chrono::minutes>(wall - midnight)};
        note.purchase = bought(visit);
        note.checked_in = checked_in(visit, passive_readers);
        note.dwell = visit.dwell;
        for (const auto& [zone, span] : visit.zones)
            if (span > Millis{0}) note.zones.push_back(zone);
        if (note.purchase == true && visit.opened_at <= history.visits.front().opened_at + window) {
            auto categories = categories_of(past, visit);
            if (!categories) return categories.error();
            note.categories = std::move(*categories);
        }
        out.visits.push_back(std::move(note));
    }
    for (const auto& coupon : history.redeemed) out.redeemed.push_back(coupon.redeemed_at);
    for (const auto& reply : history.replies) out.answered.push_back(reply.at);
    return out;
}

Result<Insights> insights(ledger::Histories& past, std::chrono::days window,
                          const InsightGround& ground, const StoreClock& clock,
                          const std::atomic<bool>& cancelled)
{
    const auto time = past.engine_time();
    if (!time) return time.error();
    const auto readers = past.passive_readers();
    if (!readers) return readers.error();
    auto passive = ground.passive_readers;
    for (const auto& [name, hears] : *readers)
        if (hears) passive.insert(name);

    Insights out;
    out.as_of = *time - settling;
    scoring::ExperienceRules rules;
    rules.window = window;
    rules.k_anonymity = ground.k_anonymity;
    out.window = window;
    out.retention = std::chrono::duration_cast<std::chrono::days>(rules.retention);
    out.k_anonymity = rules.k_anonymity;
    scoring::ExperienceCount count{rules, out.as_of};
    std::optional<Problem> trouble;
    const auto read = past.each_member(
        [&](const ledger::MemberHistory& history) {
            if (history.left_out) return !cancelled;
            const auto diary = diary_of(past, history, window, passive, clock);
            if (!diary) {
                trouble = diary.error();
                return false;
            }
            count.note(*diary);
            return !cancelled;
        },
        ledger::Detail::whole);
    if (!read) return read.error();
    if (trouble) return *trouble;
    if (cancelled) return Problem{"the service is stopping"};
    out.found = count.found();
    return out;
}

}  // namespace raiten::app
