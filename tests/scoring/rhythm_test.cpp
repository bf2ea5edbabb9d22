#include "daemon/scoring/rhythm.hpp"

#include "daemon/base/archive.hpp"
#include "daemon/scoring/next_visit.hpp"
#include "daemon/scoring/rhythm_fit.hpp"
#include "tests/scoring/rhythm_store.hpp"

#include <catch2/catch.hpp>

#include <numeric>

using namespace raiten;
using namespace raiten::scoring;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

WallTime wall(WallDay day, int hour = 0, int minute = 0)
{
    return WallTime{days{day}} + hours{hour} + minutes{minute};
}

Rhythm rhythm_of(const std::vector<WallTime>& visits)
{
    Rhythm rhythm;
    for (const auto at : visits) rhythm.note(at);
    return rhythm;
}

/// `count` visits `gap` days apart, at noon, the last one on `last`.
Rhythm regular(std::uint32_t count, WallDay gap, WallDay last)
{
    Rhythm rhythm;
    for (std::uint32_t i = 0; i < count; ++i)
        rhythm.note(wall(last - gap * static_cast<WallDay>(count - 1 - i), 12));
    return rhythm;
}

const RhythmFit& fitted()
{
    static const test::RhythmStore store;
    static const auto fit = fit_rhythm(store.sample(), store.today());
    REQUIRE(fit.has_value());
    return *fit;
}

template <class T>
std::string bytes_of(const T& value)
{
    ArchiveWriter writer;
    writer(value);
    return writer.bytes();
}

template <class T>
std::optional<T> read(std::string_view bytes)
{
    T value;
    ArchiveReader reader{bytes};
    reader(value);
    if (!reader.done()) return {};
    return value;
}

void check_sane(const RhythmModel& model, const Rhythm& member, WallTime now)
{
    const auto next = next_visit(model, member, now);
    CAPTURE(next.gap_days, next.gap_least, next.gap_most, next.p_within_7d, next.p_coming,
            next.typical_gap, next.own_weight, next.silent_days);
    CHECK(std::isfinite(next.gap_days));
    CHECK(next.gap_days >= 1);
    CHECK(next.gap_least >= 1);
    CHECK(next.gap_least <= next.gap_most);
    CHECK((next.p_within_7d >= 0 && next.p_within_7d <= 1));
    CHECK((next.p_coming >= next.p_within_7d - 1e-12 && next.p_coming <= 1));
    CHECK((std::isfinite(next.typical_gap) && next.typical_gap > 0));
    CHECK((next.own_weight >= 0 && next.own_weight <= 1));
    CHECK(next.least <= next.most);
    CHECK(next.at <= next.most);
    CHECK(next.window.to - next.window.from == hours{3});
    double sum = 0;
    for (const double p : visit_hours(model, member, now)) {
        REQUIRE((p >= 0 && p <= 1));
        sum += p;
    }
    CHECK(sum == Approx(next.p_within_7d).margin(1e-12));
}

}  // namespace

TEST_CASE("rhythm: a day with visits counts once, by its first, whatever their order", "[scoring]")
{
    const auto once = rhythm_of({wall(20'000, 9, 20), wall(20'003, 10), wall(20'010, 8, 5)});
    const auto often =
        rhythm_of({wall(20'000, 18), wall(20'000, 9, 20), wall(20'000, 9, 20), wall(20'003, 10),
                   wall(20'003, 11), wall(20'010, 23, 59), wall(20'010, 8, 5)});
    CHECK(often == once);
    CHECK(once.visit_days() == 3);
    CHECK(once.gaps()[0] == 7);
    CHECK(once.gaps()[1] == 3);
    CHECK(once.slots()[0] == 8 * 4);

    auto replayed = once;
    CHECK(replayed.note(wall(20'010, 8, 5)));
    CHECK_FALSE(replayed.note(wall(20'009, 8)));  // of a day that is told already
    CHECK(replayed == once);
}

TEST_CASE("rhythm: it is small, and only sound bytes are read as one", "[scoring]")
{
    for (const std::uint32_t visits : {0U, 1U, 2U, 32U, 33U, 400U}) {
        const auto rhythm = regular(visits, 40, 40'000);
        const auto bytes = bytes_of(rhythm);
        CAPTURE(visits, bytes.size());
        CHECK(bytes.size() <= 110);
        CHECK(read<Rhythm>(bytes) == rhythm);
        if (visits < 2) continue;
        auto damaged = bytes;
        damaged.back() = static_cast<char>(damaged.back() + 1);  // a gap too many days
        CHECK((visits > 33 || !read<Rhythm>(damaged)));
        CHECK_FALSE(read<Rhythm>(bytes.substr(0, bytes.size() - 1)));
    }
    auto longest = Rhythm{};
    for (WallDay day = 0; day <= wall_days_max; day += 1'900) longest.note(wall(day, 23, 59));
    CHECK(bytes_of(longest).size() <= 160);
}

TEST_CASE("rhythm: times that no shop saw are left out", "[scoring]")
{
    Rhythm rhythm;
    CHECK_FALSE(rhythm.note(wall(-1, 23)));
    CHECK_FALSE(rhythm.note(wall(wall_days_max + 1)));
    CHECK_FALSE(rhythm.note(WallTime::min()));
    CHECK_FALSE(rhythm.note(WallTime::max()));
    CHECK(rhythm == Rhythm{});
    CHECK(rhythm.note(wall(0)));
    CHECK(rhythm.note(wall(wall_days_max)));
    CHECK(rhythm.gaps()[0] == wall_days_max);
}

TEST_CASE("rhythm: 1970 began on a Thursday", "[scoring]")
{
    CHECK(weekday_of(0) == 3);
    CHECK(weekday_of(-1) == 2);
    CHECK(weekday_of(20'780) == 0);  // 2026-11-23
}

TEST_CASE("next visit: every rhythm at every time has sane numbers", "[scoring]")
{
    const WallDay last = 20'500;
    std::vector<Rhythm> members{{},
                                regular(1, 1, last),
                                regular(2, 1, last),
                                regular(2, 20'000, last),
                                regular(10'000, 1, last),
                                regular(40, 7, last),
                                regular(400, 30, last)};
    members.push_back(rhythm_of({wall(0), wall(1), wall(20'000), wall(20'001), wall(last)}));
    for (const auto& model : {fitted().model, prior_rhythm()})
        for (const auto& member : members)
            for (const int silent : {-3, 0, 1, 6, 90, 50 * 365})
                for (const int hour : {0, 13, 23}) {
                    CAPTURE(member.visit_days(), silent, hour);
                    check_sane(model, member, wall(last + silent, hour, 30));
                }
    check_sane(prior_rhythm(), members[5], WallTime::min());
    check_sane(prior_rhythm(), members[5], WallTime::max());
}

TEST_CASE("next visit: who is long away is ever less likely to come", "[scoring]")
{
    for (const auto& model : {fitted().model, prior_rhythm()}) {
        for (const std::uint32_t visits : {1U, 3U, 12U, 60U}) {
            const WallDay last = 20'500;
            const auto member = regular(visits, 9, last);
            double week = 1, ever = 1, gap = 0;
            WallDay most = 0;
            for (int silent = 1; silent < 3'000; silent += 1 + silent / 10) {
                const auto next = next_visit(model, member, wall(last + silent));
                CAPTURE(visits, silent, next.p_within_7d, week, next.p_coming, ever);
                CHECK(next.gap_days >= gap);
                CHECK(next.gap_days >= silent);
                CHECK(next.gap_most >= most);
                gap = next.gap_days;
                most = next.gap_most;
                if (silent < 4 * next.typical_gap) continue;
                CHECK(next.p_within_7d <= week + 1e-12);
                CHECK(next.p_coming <= ever + 1e-12);
                week = next.p_within_7d;
                ever = next.p_coming;
            }
            CHECK(week < 0.05);
        }
    }
}

TEST_CASE("next visit: many visits speak for themselves, few lean on the store", "[scoring]")
{
    const auto& model = fitted().model;
    const WallDay last = 20'500;
    const auto few = next_visit(model, regular(2, 30, last), wall(last, 13));
    const auto many = next_visit(model, regular(33, 30, last), wall(last, 13));
    CHECK(few.own_weight < many.own_weight);
    CHECK(few.typical_gap < many.typical_gap);  // the store's members come after about 7 days
    CHECK(many.gap_days == Approx(30).epsilon(0.25));
    CHECK(many.gap_most - many.gap_least < few.gap_most - few.gap_least);
    CHECK(many.gaps == 32);
    CHECK(many.silent_days == 0);
}

TEST_CASE("next visit: nobody is expected while the store is closed", "[scoring]")
{
    const auto& model = fitted().model;
    const WallDay monday = 20'780;
    for (const auto& member : {regular(1, 1, monday - 2), regular(20, 5, monday - 2)}) {
        const auto week = visit_hours(model, member, wall(monday, 15));
        double open = 0, closed = 0;
        for (std::size_t i = 0; i < week.size(); ++i) {
            const auto at = wall(monday, 15) + hours{i};
            const auto hour = (at - std::chrono::floor<days>(at)) / hours{1};
            const bool sunday = weekday_of(day_of(at)) == 6;
            (sunday || hour < 9 || hour > 20 ? closed : open) += week[i];
        }
        CHECK(closed < 1e-9);
        CHECK(open > 0.1);
        const auto next = next_visit(model, member, wall(monday, 15));
        CHECK(weekday_of(day_of(next.at)) != 6);
    }
}

TEST_CASE("next visit: the window is where she comes", "[scoring]")
{
    HourProfile store;
    Rhythm early, late;
    for (WallDay day = 20'500; day < 20'600; day += 3) {
        early.note(wall(day, 9, 10));
        late.note(wall(day, 18, 40));
    }
    for (unsigned weekday = 0; weekday < 7; ++weekday) {
        const auto morning = best_window(day_profile(store, early, weekday));
        CHECK(morning.from <= hours{9});
        CHECK(morning.to >= hours{9} + minutes{15});
        const auto evening = best_window(day_profile(store, late, weekday));
        CHECK(evening.from <= hours{18} + minutes{30});
        CHECK(evening.to >= hours{18} + minutes{45});
        CHECK(evening.share > 0.5);
    }
    for (WallDay day = 20'600; day < 20'640; day += 2) early.note(wall(day, 17));  // a new job
    CHECK(best_window(day_profile(store, early, 2)).to > hours{17});
}

TEST_CASE("rhythm fit: what is foretold of a simulated store comes as often", "[scoring]")
{
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        test::RhythmStore store;
        store.seed = seed;
        store.leaves = 0.01 * seed;
        const auto fit = fit_rhythm(store.sample(), store.today());
        REQUIRE(fit.has_value());
        REQUIRE(fit->look_back);
        const auto& seen = *fit->look_back;
        CAPTURE(seed, seen.gaps, seen.coverage, seen.mean_error, seen.weeks, seen.expected,
                seen.came, seen.auc, seen.log_loss);
        CHECK(seen.gaps > 2'000);
        CHECK(std::abs(seen.coverage - 0.8) < 0.03);
        CHECK(std::abs(seen.expected - seen.came) < 0.03);
        CHECK(seen.auc > 0.8);
    }
}

TEST_CASE("rhythm fit: the same visits give the same model, told in any order", "[scoring]")
{
    const test::RhythmStore store{7, 60, 200};
    const auto visits = store.visits();
    RhythmSample forth, back;
    for (std::size_t i = 0; i < visits.size(); ++i) forth.note(i, visits[i]);
    for (std::size_t i = visits.size(); i-- > 0;) back.note(i, visits[i]);
    const auto one = fit_rhythm(forth, store.today(), {}, false);
    const auto other = fit_rhythm(back, store.today(), {}, false);
    REQUIRE(one.has_value());
    REQUIRE(other.has_value());
    const auto bytes = bytes_of(one->model);
    CHECK(bytes == bytes_of(other->model));
    CHECK(bytes.size() < 20'000);
    const auto back_again = read<RhythmModel>(bytes);
    REQUIRE(back_again);
    CHECK(check(*back_again).has_value());
    CHECK(bytes_of(*back_again) == bytes);

    const auto warm = fit_rhythm(forth, store.today(), one->model, false);
    REQUIRE(warm.has_value());
    CHECK(warm->mean_error <= one->mean_error * 1.02);
}

TEST_CASE("rhythm fit: what a later day brings changes nothing", "[scoring]")
{
    const test::RhythmStore store{9, 80, 300};
    const auto today = store.first_day + 200;
    RhythmSample all, so_far;
    std::uint64_t number = 0;
    for (auto visits : store.visits()) {
        all.note(number, visits);
        std::erase_if(visits, [&](WallTime at) { return day_of(at) >= today; });
        so_far.note(number++, visits);
    }
    const auto one = fit_rhythm(all, today, {}, false);
    const auto other = fit_rhythm(so_far, today, {}, false);
    REQUIRE(one.has_value());
    REQUIRE(other.has_value());
    CHECK(bytes_of(one->model) == bytes_of(other->model));
}

TEST_CASE("rhythm fit: a young store is told that it is too young", "[scoring]")
{
    const test::RhythmStore store{5, 15, 100};
    const auto fit = fit_rhythm(store.sample(), store.today());
    REQUIRE_FALSE(fit.has_value());
    CHECK_THAT(fit.error().text(), Catch::Contains("prior_rhythm"));
    CHECK_FALSE(fit_rhythm({}, 20'000).has_value());
    CHECK(check(prior_rhythm()).has_value());

    // Everybody every seven days: nothing varies, and still all is finite.
    RhythmSample alike;
    for (std::uint64_t member = 0; member < 50; ++member) {
        std::vector<WallTime> visits;
        for (WallDay day = 20'000; day < 20'200; day += 7) visits.push_back(wall(day, 12));
        alike.note(member, visits);
    }
    const auto exact = fit_rhythm(alike, 20'200);
    REQUIRE(exact.has_value());
    const auto next = next_visit(exact->model, regular(20, 7, 20'196), wall(20'196, 13));
    CHECK(next.gap_days == Approx(7).epsilon(0.05));
    CHECK(next.gap_least <= 7);
    CHECK(next.gap_most >= 7);
    check_sane(exact->model, regular(20, 7, 20'196), wall(30'000, 13));
}

TEST_CASE("rhythm fit: a model that cannot be used is refused", "[scoring]")
{
    const double nan = std::nan("");
    auto model = prior_rhythm();
    model.prior_level = nan;
    CHECK_FALSE(check(model).has_value());
    model = prior_rhythm();
    model.memory = 1.5;
    CHECK_FALSE(check(model).has_value());
    model = prior_rhythm();
    model.hours.store[3][7] = -1;
    CHECK_FALSE(check(model).has_value());
    model = prior_rhythm();
    model.middle[2] = nan;
    CHECK_FALSE(check(model).has_value());
    auto bytes = bytes_of(prior_rhythm().silence);
    std::fill(bytes.begin() + 8, bytes.begin() + 16, '\xff');
    const auto curves = read<std::array<GapCurve, RhythmModel::classes>>(bytes);
    REQUIRE(curves);
    model = prior_rhythm();
    model.silence = *curves;
    CHECK_FALSE(check(model).has_value());
}

TEST_CASE("rhythm sample: it is bounded, and the same whoever came first", "[scoring]")
{
    std::vector<WallTime> visits;
    for (WallDay day = 20'000; day < 20'120; ++day) visits.push_back(wall(day, 12));
    RhythmSample forth, back;
    constexpr std::uint64_t many = 12'000;
    const auto some = [&](std::uint64_t i) {
        return std::span{visits}.first(i % 3 == 0 ? 1 : 120);
    };
    for (std::uint64_t i = 0; i < many; ++i) forth.note(i, some(i));
    for (std::uint64_t i = many; i-- > 0;) back.note(i, some(i));
    CHECK(forth.visit_days() <= RhythmSample::visit_days_max);
    CHECK(forth.visit_days() > RhythmSample::visit_days_max - visits.size());
    REQUIRE(back.members() == forth.members());
    CHECK(std::equal(forth.by_hash().begin(), forth.by_hash().end(), back.by_hash().begin(),
                     [](const auto& one, const auto& other) { return one.first == other.first; }));

    RhythmSample singles;
    for (std::uint64_t i = 0; i < many; ++i) singles.note(i, std::span{visits}.first(1));
    CHECK(singles.members() == RhythmSample::members_max);
}

TEST_CASE("gap curve: silences that still last count as long as they are known", "[scoring]")
{
    // Of four, one came at 1, one was still silent at 2, one came at 3, one is silent at 4.
    std::vector<Silence> silences{{3, true}, {1, true}, {4, false}, {2, false}};
    const auto curve = GapCurve::of(silences, false);
    CHECK(curve.sound());
    CHECK(curve.hazard(0.5) == 0);
    CHECK(curve.hazard(1.01) >= 0.25);
    CHECK(curve.hazard(4) > curve.hazard(3));
    for (const double z : {0.95, 1.5, 2.5, 3.5, 30.0})
        CHECK(curve.reaches(curve.hazard(z)) == Approx(z).margin(1e-3));

    std::mt19937 dice{4};
    std::vector<Silence> law;  // e^-z: the hazard is z
    for (int i = 0; i < 20'000; ++i) {
        const double ends = -std::log((static_cast<double>(dice()) + 1) / 4294967297.0);
        const double known = 4.0 * static_cast<double>(dice()) / 4294967296.0;
        law.push_back({std::min(ends, known), ends <= known});
    }
    // Endings that become more frequent until the last: beyond the ninth tenth that is not
    // believed.
    std::vector<Silence> even;
    for (int i = 0; i < 1'000; ++i) even.push_back({i / 1'000.0, true});
    const auto falling = GapCurve::of(even, true);
    double before = 1e9;
    for (double z = 0.91; z < 1.5; z += 0.005) {
        const double rise = falling.hazard(z + 0.005) - falling.hazard(z);
        CHECK(rise <= before + 1e-9);
        CHECK(rise > 0);
        before = rise;
    }

    const auto straight = GapCurve::of(law, true);
    for (const double z : {0.5, 1.0, 1.5, 2.0, 3.0})
        CHECK(straight.hazard(z) == Approx(z).epsilon(0.06));
}
