#include "tests/scoring/peers/synthetic_visits.hpp"

#include "daemon/scoring/stage.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>

namespace raiten::peers {
namespace {

using namespace scoring;

struct Page {
    Instant at;
    std::string name;
};
struct Session {
    std::string user, name;
    std::vector<Page> pages;
};
struct User {
    std::uint32_t visits{}, purchases{}, streak{};
    std::optional<Instant> first, last_purchase;
};

Instant instant_of(const std::string& text)
{
    int y{}, mo{}, d{}, h{}, mi{}, s{};
    if (std::sscanf(text.c_str(), "%d-%d-%d %d:%d:%d", &y, &mo, &d, &h, &mi, &s) != 6)
        throw std::runtime_error{"no time: " + text};
    using namespace std::chrono;
    return sys_days{year{y} / mo / d} + hours{h} + minutes{mi} + seconds{s};
}

std::vector<Session> sessions_of(const Table& events)
{
    std::map<std::string, Session> by_name;
    for (std::size_t row = 0; row < events.rows(); ++row) {
        auto& session = by_name[events.text(row, "session_id")];
        session.user = events.text(row, "user_id");
        session.name = events.text(row, "session_id");
        session.pages.push_back(
            {instant_of(events.text(row, "timestamp")), events.text(row, "event")});
    }
    std::vector<Session> out;
    for (auto& [name, session] : by_name) {
        std::stable_sort(session.pages.begin(), session.pages.end(),
                         [](const Page& a, const Page& b) { return a.at < b.at; });
        out.push_back(std::move(session));
    }
    std::sort(out.begin(), out.end(), [](const Session& a, const Session& b) {
        return std::tie(a.pages.front().at, a.name) < std::tie(b.pages.front().at, b.name);
    });
    return out;
}

VisitFeatures known_at_opening(const User& user, Instant opened)
{
    using namespace std::chrono;
    const auto day = floor<days>(opened);
    const auto days_since = [&](Instant then) {
        return duration<double, days::period>(opened - then).count();
    };
    VisitFeatures features;
    features.streak = user.streak;
    features.local_hour = duration<double, hours::period>(opened - day).count();
    features.weekday = static_cast<std::uint8_t>(std::chrono::weekday{day}.iso_encoding() - 1);
    if (user.last_purchase) features.days_since_purchase = days_since(*user.last_purchase);
    features.visits = user.visits;
    features.purchases = user.purchases;
    StageInputs stage;
    stage.purchases = user.purchases;
    stage.days_since_first = user.first ? days_since(*user.first) : 0;
    features.stage = stage_of(stage);
    return features;
}

SettledVisit visit_of(const Session& session, const User& user, VisitId id)
{
    VisitRecord record;
    record.id = id;
    record.state = VisitState::settled;
    record.passive = true;
    record.opened_at = session.pages.front().at;
    record.left_at = session.pages.back().at;
    std::vector<ZoneStay> stays;
    for (std::size_t i = 0; i < session.pages.size(); ++i) {
        const auto& page = session.pages[i];
        if (page.name == "purchase") {
            VisitReceipt receipt;
            receipt.at = page.at;
            receipt.total = Money::from_ten_thousandths(10'000);
            record.receipts.push_back(receipt);
        }
        if (i + 1 < session.pages.size())
            stays.push_back(
                {page.name == "payment_details" ? std::string{register_zone} : page.name, page.at,
                 session.pages[i + 1].at});
    }
    return {id, record.left_at + std::chrono::minutes{20},
            landmarks_of(record, known_at_opening(user, record.opened_at), stays),
            record.outcome() == VisitOutcome::purchase};
}

}  // namespace

std::vector<SettledVisit> synthetic_visits(const Table& events)
{
    std::map<std::string, User> users;
    std::vector<SettledVisit> out;
    for (const auto& session : sessions_of(events)) {
        auto& user = users[session.user];
        out.push_back(visit_of(session, user, VisitId{out.size() + 1}));
        const auto opened = session.pages.front().at;
        if (!user.first) user.first = opened;
        user.visits += 1;
        user.streak = out.back().bought ? 0 : user.streak + 1;
        if (out.back().bought) {
            user.purchases += 1;
            user.last_purchase = opened;
        }
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return std::tie(a.settled_at, a.id) < std::tie(b.settled_at, b.id);
    });
    return out;
}

}  // namespace raiten::peers
