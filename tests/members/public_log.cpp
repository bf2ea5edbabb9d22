#include "tests/members/public_log.hpp"

#include "daemon/app/replay.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/ledger/history_tables.hpp"
#include "daemon/ledger/summary_table.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>

namespace raiten::test {
namespace {

std::string time(Instant at)
{
    return format_instant(at, std::chrono::minutes{0});
}

void write(const std::string& path, const std::string& text)
{
    std::ofstream{path, std::ios::binary} << text;
}

}  // namespace

void PublicLog::member(const std::string& name)
{
    members_ += name + ",app:" + name + ",yes\n";
}

void PublicLog::check_in(const std::string& member, Instant at)
{
    lines_.push_back({at, lines_.size(),
                      R"({"type":"checkin","at":")" + time(at)
                          + R"(","reader":"desk","token":"app:)" + member + R"(","id":"c)"
                          + std::to_string(lines_.size()) + "\"}"});
}

void PublicLog::purchase(const std::string& member, Instant at, std::int64_t units)
{
    lines_.push_back({at, lines_.size(),
                      R"({"type":"receipt","at":")" + time(at) + R"(","pos":"reg-1","number":")"
                          + std::to_string(lines_.size()) + R"(","kind":"sale","token":"app:)"
                          + member + R"(","total":")" + std::to_string(units)
                          + R"(","currency":"JPY"})"});
}

std::string PublicLog::members_csv() const
{
    return "member,tokens,consent\n" + members_;
}

std::string PublicLog::in_order() const
{
    auto sorted = lines_;
    std::sort(sorted.begin(), sorted.end(), [](const Line& a, const Line& b) {
        return std::tie(a.at, a.number) < std::tie(b.at, b.number);
    });
    std::string out;
    for (const auto& line : sorted) out += line.text + "\n";
    return out;
}

PlayedLog::PlayedLog(const PublicLog& log, const std::string& visits)
{
    const auto key = folder_.file("token.key");
    write(key, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n");
    ::chmod(key.c_str(), 0600);
    write(folder_.file("members.csv"), log.members_csv());
    write(folder_.file("raiten.toml"),
          "[store]\ntenant = \"acme\"\nstore = \"s1\"\ndevice = \"d1\"\ntimezone = \"UTC\"\n"
          "currency = \"JPY\"\n[identity]\ntoken_key = \""
              + key + "\"\n[ledger]\nretention_visits = \"3000d\"\n[visits]\n" + visits);

    app::ctl::ReplayOptions options;
    options.config = folder_.file("raiten.toml");
    options.members = folder_.file("members.csv");
    options.db = path();
    std::istringstream in{log.in_order()};
    std::ofstream effects{"/dev/null"};
    std::ostringstream complaints;
    const int code = app::replay(options, in, effects, complaints);
    INFO(complaints.str().substr(0, 2000));
    REQUIRE(code == 0);
    REQUIRE(complaints.str().empty());

    database_ = ledger::value(ledger::Database::open(path(), ledger::Database::Access::read_only,
                                                     std::chrono::seconds{1}));
    const auto all = ledger::summaries_between(*database_, Summary::Bucket::day, Instant{},
                                               Instant{std::chrono::hours{24 * 365 * 100}}, 10'000);
    for (const auto& day : all) {
        days_.visits += day.visits;
        days_.members += day.members;
        days_.new_members += day.new_members;
        days_.purchase_visits += day.purchase_visits;
        days_.non_purchase_visits += day.non_purchase_visits;
        days_.non_purchase_returns += day.non_purchase_returns;
        days_.returns_with_purchase += day.returns_with_purchase;
        days_.revenue += day.revenue;
        for (std::size_t i = 0; i < day.visits_to_purchase.size(); ++i)
            days_.visits_to_purchase[i] += day.visits_to_purchase[i];
    }
}

std::uint64_t PlayedLog::number(const std::string& sql)
{
    auto rows = database_->query(sql);
    REQUIRE(rows.next());
    return rows.get<std::uint64_t>();
}

}  // namespace raiten::test
