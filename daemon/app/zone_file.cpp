#include "daemon/app/zone_file.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

namespace raiten::app {
namespace {

using namespace std::chrono;

constexpr std::string_view zone_directory = "/usr/share/zoneinfo";
constexpr std::size_t transitions_max = 4096;
constexpr sys_days first_day{1970y / 1 / 1};
constexpr sys_days last_day{2100y / 1 / 1};

/// Big-endian numbers from the front of a file.
class Reader {
 public:
    explicit Reader(std::string_view bytes) : rest_{bytes} {}

    std::uint64_t number(std::size_t width)
    {
        std::uint64_t value = 0;
        for (const char c : take(width)) value = value << 8U | static_cast<unsigned char>(c);
        return value;
    }
    std::string_view take(std::size_t width)
    {
        if (width > rest_.size()) {
            short_ = true;
            rest_ = {};
            return {};
        }
        const auto front = rest_.substr(0, width);
        rest_.remove_prefix(width);
        return front;
    }
    std::string_view rest() const { return rest_; }
    bool ran_short() const { return short_; }

 private:
    std::string_view rest_;
    bool short_{};
};

struct Header {
    std::size_t version{}, isut{}, isstd{}, leaps{}, transitions{}, types{}, letters{};

    std::size_t body_bytes(std::size_t time_bytes) const
    {
        return transitions * (time_bytes + 1) + types * 6 + letters + leaps * (time_bytes + 4)
               + isstd + isut;
    }
};

std::optional<Header> read_header(Reader& in)
{
    if (in.take(4) != "TZif") return std::nullopt;
    Header header;
    header.version = in.number(1);
    in.take(15);
    for (auto* count : {&header.isut, &header.isstd, &header.leaps, &header.transitions,
                        &header.types, &header.letters})
        *count = in.number(4);
    if (in.ran_short() || header.transitions > transitions_max || header.types > 256
        || header.types == 0 || header.leaps > transitions_max || header.letters > 4096)
        return std::nullopt;
    return header;
}

/// One end of summer time in a POSIX TZ rule: "M3.2.0/2", "J60", "59/24".
struct RuleDay {
    enum class Form : std::uint8_t { month_week_day, julian, zero_based } form{};
    int month{}, week{}, day{};
    seconds time{hours{2}};

    /// Local standard or summer time at which it happens.
    local_seconds in(year y) const
    {
        const local_days new_year{y / January / 1};
        if (form == Form::zero_based) return new_year + days{day} + time;
        if (form == Form::julian)
            return new_year + days{day - 1 + (y.is_leap() && day >= 60 ? 1 : 0)} + time;
        const auto m = std::chrono::month{static_cast<unsigned>(month)};
        const weekday wanted{static_cast<unsigned>(day)};
        const local_days date = week == 5 ? local_days{y / m / wanted[last]}
                                          : local_days{y / m / wanted[static_cast<unsigned>(week)]};
        return date + time;
    }
};

/// "CET-1CEST,M3.5.0,M10.5.0/3": how the offsets go on after the last listed transition.
struct Rule {
    seconds standard{};
    struct Summer {
        seconds ahead{};
        RuleDay from, to;
    };
    std::optional<Summer> summer;
};

class RuleText {
 public:
    explicit RuleText(std::string_view text) : rest_{text} {}

    std::optional<Rule> parse()
    {
        Rule rule;
        name();
        rule.standard = -clock_time(true);
        if (!rest_.empty() && good_) {
            Rule::Summer summer;
            name();
            summer.ahead = rest_.starts_with(',') ? rule.standard + hours{1} : -clock_time(true);
            expect(',');
            summer.from = rule_day();
            expect(',');
            summer.to = rule_day();
            rule.summer = summer;
        }
        if (!good_ || !rest_.empty()) return std::nullopt;
        return rule;
    }

 private:
    bool take(char c)
    {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c)
    {
        if (!take(c)) good_ = false;
    }
    void name()
    {
        const bool angled = take('<');
        std::size_t n = 0;
        while (n < rest_.size() && (angled ? rest_[n] != '>' : letter(rest_[n]))) ++n;
        if (n < 3) good_ = false;
        rest_.remove_prefix(n);
        if (angled) expect('>');
    }
    static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    int number(int most)
    {
        int value{};
        const auto* end = rest_.data() + rest_.size();
        const auto [stop, error] = std::from_chars(rest_.data(), end, value);
        if (error != std::errc{} || value < 0 || value > most) {
            good_ = false;
            return 0;
        }
        rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
        return value;
    }
    seconds clock_time(bool may_be_signed)
    {
        const bool minus = may_be_signed && take('-');
        if (may_be_signed && !minus) take('+');
        seconds time = hours{number(167)};
        if (take(':')) time += minutes{number(59)};
        if (take(':')) time += seconds{number(59)};
        return minus ? -time : time;
    }
    RuleDay rule_day()
    {
        RuleDay day;
        if (take('M')) {
            day.form = RuleDay::Form::month_week_day;
            day.month = number(12);
            expect('.');
            day.week = number(5);
            expect('.');
            day.day = number(6);
            if (day.month < 1 || day.week < 1) good_ = false;
        } else {
            day.form = take('J') ? RuleDay::Form::julian : RuleDay::Form::zero_based;
            day.day = number(365);
        }
        if (take('/')) day.time = clock_time(true);
        return day;
    }

    std::string_view rest_;
    bool good_{true};
};

struct Change {
    sys_seconds at;
    seconds ahead;
};

/// The rule's changes of the years 1970 to 2099, in order.
std::vector<Change> changes_by(const Rule& rule)
{
    if (!rule.summer) return {};
    std::vector<Change> changes;
    for (auto y = 1970y; y < 2100y; ++y) {
        const auto from = rule.summer->from.in(y).time_since_epoch() - rule.standard;
        const auto to = rule.summer->to.in(y).time_since_epoch() - rule.summer->ahead;
        changes.push_back({sys_seconds{from}, rule.summer->ahead});
        changes.push_back({sys_seconds{to}, rule.standard});
    }
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return a.at < b.at; });
    return changes;
}

/// Offsets as they are asked for: whole minutes, none twice in a row, the first from ever on.
std::vector<StoreClock::Offset> compact(seconds before, const std::vector<Change>& changes)
{
    const auto whole = [](seconds ahead) { return floor<minutes>(ahead); };
    std::vector<StoreClock::Offset> offsets{{Instant::min(), whole(before)}};
    for (const auto& change : changes) {
        if (change.at >= last_day) break;
        if (change.at < first_day) offsets.assign(1, {Instant::min(), whole(change.ahead)});
        if (whole(change.ahead) != offsets.back().ahead)
            offsets.push_back({change.at, whole(change.ahead)});
    }
    return offsets;
}

std::vector<std::string> find_zone_names()
{
    namespace fs = std::filesystem;
    std::vector<std::string> names;
    std::error_code ignored;
    const fs::path root{zone_directory};
    fs::recursive_directory_iterator it{root, ignored};
    for (; it != fs::recursive_directory_iterator{}; it.increment(ignored)) {
        const auto name = it->path().lexically_relative(root).string();
        if (name == "posix" || name == "right") {
            it.disable_recursion_pending();
            continue;
        }
        const bool capital = name[0] >= 'A' && name[0] <= 'Z';
        if (capital && name.find('.') == std::string::npos && it->is_regular_file(ignored))
            names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

const std::vector<std::string>& zone_names()
{
    static const auto names = find_zone_names();
    return names;
}

Result<std::vector<StoreClock::Offset>> parse_zone_file(std::string_view bytes)
{
    const Problem damaged{"not a time zone file", {}, "reinstall the package tzdata"};
    Reader in{bytes};
    const auto old_header = read_header(in);
    if (!old_header || old_header->version < '2') return damaged;
    in.take(old_header->body_bytes(4));
    const auto header = read_header(in);
    if (!header) return damaged;
    Reader times{in.take(header->transitions * 8)};
    Reader indices{in.take(header->transitions)};
    const auto types = in.take(header->types * 6);
    in.take(header->letters + header->leaps * 12 + header->isstd + header->isut);
    auto footer = in.rest();
    if (in.ran_short() || footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n')
        return damaged;
    footer = footer.substr(1, footer.size() - 2);

    const auto ahead_of = [&](std::size_t type) {
        Reader entry{types.substr(type * 6, 6)};
        return seconds{static_cast<std::int32_t>(entry.number(4))};
    };
    std::vector<Change> changes;
    for (std::size_t i = 0; i < header->transitions; ++i) {
        const auto at = static_cast<std::int64_t>(times.number(8));
        const auto type = indices.number(1);
        if (type >= header->types) return damaged;
        if (!changes.empty() && changes.back().at.time_since_epoch().count() >= at) return damaged;
        changes.push_back({sys_seconds{seconds{at}}, ahead_of(type)});
    }
    if (!footer.empty()) {
        const auto rule = RuleText{footer}.parse();
        if (!rule) return damaged;
        const auto listed_until = changes.empty() ? sys_seconds::min() : changes.back().at;
        if (changes.empty() && !rule->summer)
            changes.push_back({sys_seconds{first_day}, rule->standard});
        for (const auto& change : changes_by(*rule))
            if (change.at > listed_until) changes.push_back(change);
    }
    const auto absurd = [](const Change& c) { return c.ahead <= -days{1} || c.ahead >= days{1}; };
    if (std::any_of(changes.begin(), changes.end(), absurd) || absurd({{}, ahead_of(0)}))
        return damaged;
    return compact(ahead_of(0), changes);
}

}  // namespace raiten::app
