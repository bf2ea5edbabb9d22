#include "tests/engine/random_day.hpp"

#include <algorithm>
#include <random>

namespace raiten::test {
namespace {

std::string random_script(std::uint32_t seed, int day)
{
    std::mt19937 dice{seed};
    const std::string prefix = day == 0 ? "" : std::to_string(day) + "+";
    const auto pick = [&](int low, int high) {
        return static_cast<int>(low
                                + static_cast<int>(dice() % static_cast<unsigned>(high - low + 1)));
    };
    const auto clock = [&](int second) {
        char text[16];
        std::snprintf(text, sizeof text, "%02d:%02d:%02d", second / 3600, second / 60 % 60,
                      second % 60);
        return prefix + text;
    };
    std::string script;
    int sale = day * 1000;
    for (const std::string who : {"ann", "bob", "cid"}) {
        for (int second = 9 * 3600; second < 13 * 3600; second += pick(30, 2400)) {
            const char* readers[] = {"door", "floor", "till"};
            const int until = second + pick(5, 900);
            for (int at = second; at < until; at += pick(1, 40))
                script += clock(at) + " see " + who + " " + readers[pick(0, 2)] + " -"
                          + std::to_string(pick(50, 95)) + "\n";
            if (pick(0, 4) == 0) script += clock(pick(second, until)) + " tap " + who + " desk\n";
            if (pick(0, 3) == 0)
                script += clock(pick(second, until)) + " sale " + std::to_string(++sale) + " 500 "
                          + who + "\n";
            if (pick(0, 4) == 0)
                script += clock(pick(second, until)) + " sale " + std::to_string(++sale) + " 300\n";
            if (sale > day * 1000 && pick(0, 5) == 0)
                script += clock(until + pick(0, 60)) + " void "
                          + std::to_string(pick(day * 1000 + 1, sale)) + "\n";
            if (pick(0, 6) == 0) {
                script += clock(second + 10) + " down door\n" + clock(second + pick(60, 1500))
                          + " up door\n";
            }
            second = until;
        }
    }
    return script;
}

void by_arrival(std::vector<Event>& events)
{
    std::stable_sort(events.begin(), events.end(),
                     [](const Event& a, const Event& b) { return a.received_at < b.received_at; });
}

}  // namespace

std::vector<Event> random_day(StoreDay& day, std::uint32_t seed)
{
    auto events = day.events(random_script(seed, 0));
    by_arrival(events);
    return events;
}

std::vector<Event> random_days(StoreDay& day, std::uint32_t seed, int days)
{
    std::mt19937 dice{seed};
    std::vector<Event> all;
    for (int n = 0; n < days; ++n) {
        const auto prefix = std::to_string(n) + "+1";
        const auto minute = [&] { return std::to_string(10 + dice() % 50); };
        std::string script = random_script(seed * 100 + static_cast<std::uint32_t>(n), n);
        const auto strength = [&] { return std::to_string(50 + dice() % 40); };
        for (int quarter = 0; quarter < 4; ++quarter) {
            const auto hour = prefix + std::to_string(quarter) + ":";
            script += hour + "00-" + hour + "30 see dee till -" + strength() + " 7\n";
            script += hour + minute() + " tap ann desk #" + std::to_string(dice() % 3) + "\n";
            script += hour + minute() + " void " + std::to_string(n * 1000 + 900 + quarter) + "\n";
            script +=
                hour + minute() + " sale " + std::to_string(n * 1000 + 901 + quarter) + " 70 bob\n";
        }
        script += prefix + "0:10 see sue floor -60\n";
        script += prefix + "2:" + minute() + " refund " + std::to_string(n * 1000 + 1) + " 100\n";
        script +=
            prefix + "2:" + minute() + " sale " + std::to_string(n * 1000 + 900) + " 70 eve\n";
        if (n == days - 1) script += prefix + "1:" + minute() + " withdraw cid\n";
        auto events = day.events(script);
        all.insert(all.end(), events.begin(), events.end());
    }
    // Cards that rest on the reader.
    for (std::size_t i = 0, size = all.size(); i < size; ++i) {
        if (!std::holds_alternative<CheckIn>(all[i].what)) continue;
        for (int again = 1; again < 8; ++again) {
            all.push_back(all[i]);
            all.back().at += std::chrono::seconds{again * 4};
            all.back().received_at = all.back().at;
        }
    }
    for (auto& event : all) {
        auto* receipt = std::get_if<Receipt>(&event.what);
        if (receipt && dice() % 2 == 0)
            receipt->lines = {{"sku", "tea", *Money::parse("2"), receipt->total, ""}};
        event.received_at += std::chrono::milliseconds{dice() % 300'000};
        auto* seen = std::get_if<Sighting>(&event.what);
        if (!seen) continue;
        seen->token.model = static_cast<std::uint32_t>(seen->token.key.low % 3);
        if (seen->token.key == day.token("dee", TokenKind::ibeacon).key && dice() % 3 == 0) {
            seen->token.rotating = true;
            seen->token.key.low += dice() % 20;
        }
    }
    by_arrival(all);
    return all;
}

}  // namespace raiten::test
