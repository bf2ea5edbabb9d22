// The engine on one core: sightings of members who are present, beside a plain tracker that only
// remembers who was heard when; and what a large directory, raw tokens and a flood of strangers
// cost it.
#include "daemon/app/identity.hpp"
#include "daemon/app/secret.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/ledger/ledger.hpp"
#include "tests/bench/bench.hpp"
#include "tests/support/same_segments.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <unistd.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

using namespace raiten;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t present = 10'000;
constexpr std::size_t sightings = 3'000'000;
constexpr std::size_t readers = 4;
constexpr Instant opening{std::chrono::seconds{1'795'000'000}};

/// One sighting every `pace` of the store's time; each member is heard every ten seconds.
constexpr std::chrono::microseconds pace{1'000};

/// A directory in memory: token n belongs to member n.
class InMemory final : public Members {
 public:
    std::optional<MemberId> member_of(const TokenKey& token) override
    {
        const auto found = tokens_.find(token);
        if (found == tokens_.end()) return std::nullopt;
        return found->second;
    }
    MemberRecord load(MemberId member) override
    {
        MemberRecord record;
        record.id = member;
        record.name = "m" + std::to_string(member.value());
        record.kinds = kind_bit(TokenKind::ibeacon);
        return record;
    }
    std::optional<MemberId> owner_of(CouponId) override { return std::nullopt; }
    void enrol(const TokenKey& token, MemberId member) { tokens_[token] = member; }

 private:
    std::unordered_map<TokenKey, MemberId> tokens_;
};

std::uint64_t mixed(std::uint64_t n)
{
    n += 0x9E37'79B9'7F4A'7C15U;
    n = (n ^ n >> 30U) * 0xBF58'476D'1CE4'E5B9U;
    n = (n ^ n >> 27U) * 0x94D0'49BB'1331'11EBU;
    return n ^ n >> 31U;
}

TokenKey key_of(std::size_t member)
{
    return {mixed(member), mixed(member + (1ULL << 40U))};
}

Engine::Setup store()
{
    Engine::Setup setup;
    const char* zones[readers] = {"entrance", "floor", "fitting", "register"};
    for (std::size_t i = 0; i < readers; ++i)
        setup.readers.push_back({"r" + std::to_string(i), zones[i], true, bluetooth_kinds});
    return setup;
}

/// What the n-th sighting is.
struct Heard {
    std::size_t member;
    Sighting seen;
    Instant at;
};
Heard nth(std::size_t n)
{
    Heard heard;
    heard.member = n % present;
    const auto dice = mixed(n);
    const bool neighbour = dice % 8 == 0;  // now and then another reader hears it, more weakly
    heard.seen.reader =
        ReaderId{static_cast<std::uint16_t>((heard.member + (neighbour ? 1 : 0)) % readers)};
    heard.seen.token = {key_of(heard.member), TokenKind::ibeacon, false};
    heard.seen.rssi_dbm =
        static_cast<std::int16_t>((neighbour ? -78 : -60) - static_cast<int>(dice >> 8U & 15U));
    heard.at = opening + std::chrono::floor<Millis>(pace * static_cast<std::int64_t>(n));
    return heard;
}

/// Everybody comes in, then time is taken for `sightings` of people who are there.
double engine_seconds(Members& members, const std::function<Token(const Heard&)>& token = {})
{
    raiten::test::SameSegments segments;
    Engine engine{store(), members, segments};
    std::size_t n = 0;
    const auto tell = [&](std::size_t until) {
        for (; n < until; ++n) {
            Heard heard = nth(n);
            if (token) heard.seen.token = token(heard);
            bench::keep(engine.apply({heard.at, heard.at, heard.seen}));
        }
    };
    tell(60 * present);  // ten minutes
    if (engine.present().size() != present) {
        std::fprintf(stderr, "%zu of %zu are present\n", engine.present().size(), present);
        std::exit(1);
    }
    const double start = bench::worked_seconds();
    tell(60 * present + sightings);
    const double seconds = bench::worked_seconds() - start;
    if (engine.present().size() != present || engine.counts().duplicates > 0) std::exit(1);
    return seconds;
}

double best_engine(Members& members, const std::function<Token(const Heard&)>& token = {})
{
    double best = engine_seconds(members, token);
    for (int round = 1; round < 3; ++round) best = std::min(best, engine_seconds(members, token));
    return best;
}

/// Who was heard when and how loudly: what any presence tracker must do at least.
double plain_seconds()
{
    struct State {
        Instant first, last;
        std::int32_t level{};
        ReaderId reader;
        std::array<char, 40> rest{};
    };
    std::unordered_map<TokenKey, State> states;
    for (std::size_t i = 0; i < present; ++i) states[key_of(i)];
    return bench::best_seconds(
        [&] {
            for (std::size_t n = 0; n < sightings; ++n) {
                const Heard heard = nth(n);
                State& state = states.find(heard.seen.token.key)->second;
                state.last = heard.at;
                state.reader = heard.seen.reader;
                state.level += (*heard.seen.rssi_dbm * 256 - state.level) / 4;
            }
            bench::keep(states);
        },
        3);
}

// ---- a real directory, small and large
// -----------------------------------------------------------

/// A ledger with this many members, of whom the first are those who come.
double ledger_seconds(std::size_t members)
{
    const auto folder = std::filesystem::temp_directory_path()
                        / ("raiten-bench-" + std::to_string(members) + "-"
                           + std::to_string(static_cast<unsigned long>(getpid())));
    std::filesystem::create_directories(folder);
    double seconds = 0;
    {
        std::vector<std::function<void()>> calls;
        std::mutex guard;
        ledger::Ledger::Options options;
        options.path = (folder / "ledger.db").string();
        options.store = "bench/bench/bench";
        options.tokens_cached = 32'768;
        auto opened = ledger::Ledger::open(options, [&](std::function<void()> call) {
            const std::lock_guard lock{guard};
            calls.push_back(std::move(call));
        });
        if (!opened) {
            std::fprintf(stderr, "%s\n", opened.error().text().c_str());
            std::exit(1);
        }
        for (std::size_t from = 0; from < members; from += 50'000) {
            std::vector<ledger::Enrolment> slice;
            for (std::size_t i = from; i < std::min(members, from + 50'000); ++i)
                slice.push_back({"m" + std::to_string(i),
                                 false,
                                 true,
                                 {},
                                 {Token{key_of(i), TokenKind::ibeacon, false}}});
            bool done = false;
            if (!(*opened)->enrol(slice, [&](const Result<void>&) { done = true; })) std::exit(1);
            while (!done) {
                std::vector<std::function<void()>> now;
                {
                    const std::lock_guard lock{guard};
                    now.swap(calls);
                }
                for (const auto& call : now) call();
                if (now.empty()) std::this_thread::yield();
            }
        }
        seconds = best_engine((*opened)->members());
        (*opened)->stop();
    }
    std::filesystem::remove_all(folder);
    return seconds;
}

// ---- raw tokens
// ------------------------------------------------------------------------------------

std::string text_of(std::size_t member)
{
    char text[80];
    std::snprintf(text, sizeof text, "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/%zu/%zu",
                  member / 65'536, member % 65'536);
    return text;
}

void raw_tokens(double resolved)
{
    auto pseudonyms = app::Pseudonyms::make(app::Secret{std::string(32, '\7')});
    if (!pseudonyms) std::exit(1);
    std::vector<std::string> texts;
    InMemory members;
    for (std::size_t i = 0; i < present; ++i) {
        texts.push_back(text_of(i));
        members.enrol(pseudonyms->token(texts.back())->key, MemberId{i + 1});
    }
    std::uint64_t strangers = 0;
    const auto token = [&](const Heard& heard) {
        // One in a hundred is somebody new.
        if (++strangers % 100 == 0)
            bench::keep(pseudonyms->heard(text_of(present + strangers), false, heard.at));
        return *pseudonyms->heard(texts[heard.member], false, heard.at);
    };
    const double seconds = best_engine(members, token);
    const double million = static_cast<double>(sightings) / 1e6;

    const std::string key(32, '\7');
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const double hmac = bench::best_millions_a_second(
        200'000,
        [&] {
            for (std::size_t n = 0; n < 200'000; ++n) {
                const auto& text = texts[n % present];
                HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest,
                     &length);
            }
            bench::keep(digest);
        },
        3);
    bench::print("raw tokens, 99 % in the cache", million / seconds, "M/s",
                 {"bare HMAC-SHA-256", hmac});
    bench::print("raw tokens, 99 % in the cache", million / seconds, "M/s",
                 {"resolved tokens", million / resolved});
}

// ---- a flood
// ---------------------------------------------------------------------------------------

double resident_mb()
{
    std::ifstream file{"/proc/self/statm"};
    double pages = 0;
    double resident = 0;
    file >> pages >> resident;
    return resident * 4096 / 1e6;
}

void flood()
{
    InMemory members;
    for (std::size_t i = 0; i < 100; ++i) members.enrol(key_of(i), MemberId{i + 1});
    raiten::test::SameSegments segments;
    Engine engine{store(), members, segments};
    auto pseudonyms = app::Pseudonyms::make(app::Secret{std::string(32, '\7')});
    Instant at = opening;
    const auto know = [&](std::size_t n) {
        Sighting seen{ReaderId{0}, {key_of(n % 100), TokenKind::ibeacon, false}, -60};
        engine.apply({at, at, seen});
    };
    for (std::size_t n = 0; n < 60'000; ++n, at += 10ms) know(n);
    const double before = resident_mb();
    for (std::size_t n = 0; n < 1'000'000; ++n) {
        if (n % 17 == 0) at += 1ms;
        char text[32];
        const auto dice = mixed(n);
        std::snprintf(
            text, sizeof text, "ble:%02x:%02x:%02x:%02x:%02x:%02x",
            static_cast<unsigned>(0x40U | (dice & 0x3FU)), static_cast<unsigned>(dice >> 8U & 255U),
            static_cast<unsigned>(dice >> 16U & 255U), static_cast<unsigned>(dice >> 24U & 255U),
            static_cast<unsigned>(dice >> 32U & 255U), static_cast<unsigned>(dice >> 40U & 255U));
        const bool rotating = n % 2 == 0;  // the other half looks like addresses that stay
        const auto token = pseudonyms->heard(text, rotating, at);
        engine.apply({at, at, Sighting{ReaderId{3}, *token, -70}});
        if (n % 600 == 0) know(n / 600);
    }
    // What is left over is the token cache, which is of fixed size and fills once.
    const double grown = resident_mb() - before;
    if (engine.present().size() != 100) std::exit(1);
    bench::print("flood of 1,000,000 addresses in a minute", std::max(grown, 0.001), "MB more",
                 {"allowed", 4});
}

}  // namespace

int main()
{
    const double million = static_cast<double>(sightings) / 1e6;
    InMemory members;
    for (std::size_t i = 0; i < present; ++i) members.enrol(key_of(i), MemberId{i + 1});
    flood();
    if (std::getenv("QUICK")) {
        bench::print("quick", million / best_engine(members), "M/s",
                     {"plain", million / plain_seconds()});
        return 0;
    }
    const double plain = plain_seconds();
    const double ours = best_engine(members);
    bench::print("sightings, 10,000 members present", million / ours, "M/s", {"required", 3}, 1.0);
    bench::print("sightings, 10,000 members present", million / ours, "M/s",
                 {"plain tracker", million / plain});
    raw_tokens(ours);
    const double small = ledger_seconds(10'000);
    const double large = ledger_seconds(1'000'000);
    bench::print("ledger of 10,000 members", million / small, "M/s", {"in memory", million / ours});
    bench::print("ledger of 1,000,000 members", million / large, "M/s",
                 {"ledger of 10,000", million / small}, 0.8);
    return 0;
}
