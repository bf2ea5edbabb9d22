#include "daemon/base/archive.hpp"

#include "daemon/base/instant.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

using namespace raiten;

namespace {

enum class Mood : std::uint8_t { fair, rain, snow };
using Number = Id<struct NumberTag, std::uint16_t>;

struct Part {
    Instant at;
    std::int32_t level{};
    std::vector<std::string> names;
    friend bool operator==(const Part&, const Part&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(at, level, names);
    }
};

/// One of everything.
struct Whole {
    bool yes{};
    std::int8_t small{};
    std::uint8_t byte{};
    std::int64_t big{};
    std::uint64_t hash{};
    double share{};
    Mood mood{};
    Number id;
    Money money;
    std::string text;
    Millis span{};
    std::chrono::sys_days day{};
    std::optional<Part> part;
    std::shared_ptr<const Part> shared;
    std::pair<std::string, Number> pair;
    std::tuple<std::uint32_t, std::string> tuple;
    std::array<std::int16_t, 3> three{};
    std::bitset<70> bits;
    std::deque<Instant> deque;
    std::set<Number> set;
    std::multiset<std::int32_t> multiset;
    std::map<std::pair<std::string, int>, Part> map;
    std::unordered_map<Number, Part> unordered;
    std::unordered_set<std::uint64_t> hashes;
    std::priority_queue<int, std::vector<int>, std::greater<>> queue;

    template <class Archive>
    void archive(Archive& a)
    {
        a(yes, small, byte, big, hash, share, mood, id, money, text, span, day, part, shared, pair,
          tuple, three, bits, deque, set, multiset, map, unordered, hashes, queue);
    }
};

struct Maker {
    stage::Dice dice;

    std::size_t few() { return dice.below(5); }
    /// Of all sizes, either sign.
    std::int64_t number() { return static_cast<std::int64_t>(dice.word()) >> dice.below(64); }
    std::string text()
    {
        std::string out;
        for (auto n = dice.below(20); n > 0; --n) out.push_back(static_cast<char>(dice.below(256)));
        return out;
    }
    Instant instant() { return Instant{Millis{number()}}; }
    Part part()
    {
        Part out{instant(), static_cast<std::int32_t>(number()), {}};
        for (auto n = few(); n > 0; --n) out.names.push_back(text());
        return out;
    }
    Number id() { return Number{static_cast<std::uint16_t>(dice.below(65'536))}; }
    Whole whole()
    {
        Whole w;
        w.yes = dice.below(2) == 1;
        w.small = static_cast<std::int8_t>(number());
        w.byte = static_cast<std::uint8_t>(dice.below(256));
        w.big = number();
        w.hash = dice.word() >> dice.below(64);
        w.share = dice.share();
        w.mood = static_cast<Mood>(dice.below(3));
        w.id = id();
        w.money = Money::from_ten_thousandths(number());
        w.text = text();
        w.span = Millis{number()};
        w.day = std::chrono::sys_days{std::chrono::days{dice.below(30'000)}};
        if (dice.below(2) == 1) w.part = part();
        if (dice.below(2) == 1) w.shared = std::make_shared<const Part>(part());
        w.pair = {text(), id()};
        w.tuple = {static_cast<std::uint32_t>(number()), text()};
        for (auto& each : w.three) each = static_cast<std::int16_t>(number());
        for (std::size_t i = 0; i < w.bits.size(); ++i) w.bits[i] = dice.below(2) == 1;
        for (auto n = few(); n > 0; --n) {
            w.deque.push_back(instant());
            w.set.insert(id());
            w.multiset.insert(static_cast<std::int32_t>(dice.below(3)));
            w.map[{text(), static_cast<int>(n)}] = part();
            w.unordered[id()] = part();
            w.hashes.insert(dice.word());
            w.queue.push(static_cast<int>(dice.below(4)));
        }
        return w;
    }
};

template <class T>
std::string bytes_of(const T& value)
{
    ArchiveWriter w;
    w(value);
    return std::move(w).bytes();
}

template <class T>
bool same_taken(T a, T b)
{
    for (; !a.empty() && !b.empty(); a.pop(), b.pop())
        if (a.top() != b.top()) return false;
    return a.size() == b.size();
}

bool same(const Whole& a, const Whole& b)
{
    return std::tie(a.yes, a.small, a.byte, a.big, a.hash, a.share, a.mood, a.id, a.money, a.text,
                    a.span, a.day, a.part, a.pair, a.tuple, a.three, a.bits, a.deque, a.set,
                    a.multiset, a.map, a.unordered, a.hashes)
               == std::tie(b.yes, b.small, b.byte, b.big, b.hash, b.share, b.mood, b.id, b.money,
                           b.text, b.span, b.day, b.part, b.pair, b.tuple, b.three, b.bits, b.deque,
                           b.set, b.multiset, b.map, b.unordered, b.hashes)
           && !a.shared == !b.shared && (!a.shared || *a.shared == *b.shared)
           && same_taken(a.queue, b.queue);
}

}  // namespace

TEST_CASE("archive: what is written is read, and written again as the same bytes", "[base]")
{
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        INFO("seed " << seed);
        const Whole whole = Maker{stage::Dice{seed}}.whole();
        const auto bytes = bytes_of(whole);
        ArchiveReader r{bytes};
        Whole back;
        r(back);
        REQUIRE(r.done());
        REQUIRE(same(whole, back));
        REQUIRE(bytes_of(back) == bytes);
    }
}

TEST_CASE("archive: every prefix is refused", "[base]")
{
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const auto bytes = bytes_of(Maker{stage::Dice{seed}}.whole());
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            INFO("seed " << seed << " prefix " << size);
            const std::string prefix = bytes.substr(0, size);
            ArchiveReader r{prefix};
            Whole back;
            r(back);
            REQUIRE_FALSE(r.good());
        }
    }
}

TEST_CASE("archive: a damaged byte is refused, or gives the value that those bytes stand for",
          "[base]")
{
    std::size_t refused = 0;
    std::size_t taken = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto bytes = bytes_of(Maker{stage::Dice{seed}}.whole());
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            for (const unsigned flip : {1U, 0x80U, 0xffU}) {
                INFO("seed " << seed << " byte " << i << " flipped " << flip);
                std::string damaged = bytes;
                damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ flip);
                ArchiveReader r{damaged};
                Whole back;
                r(back);
                ++(r.done() ? taken : refused);
                if (r.done()) REQUIRE(bytes_of(back) == damaged);
            }
        }
    }
    CHECK(refused > 0);
    CHECK(taken > 0);
}

TEST_CASE("archive: equal tables give equal bytes, however they came to be", "[base]")
{
    std::unordered_map<Number, std::string> up, down;
    for (std::uint16_t i = 0; i < 1000; ++i) up[Number{i}] = std::to_string(i);
    down.reserve(5000);
    for (std::uint16_t i = 1000; i-- > 0;) down[Number{i}] = std::to_string(i);
    CHECK(bytes_of(up) == bytes_of(down));

    using Queue = std::priority_queue<int, std::vector<int>, std::greater<>>;
    CHECK(bytes_of(Queue{std::greater<>{}, {1, 5, 3, 9}})
          == bytes_of(Queue{std::greater<>{}, {9, 3, 1, 5}}));
}

TEST_CASE("archive: sizes that lie make nothing large", "[base]")
{
    const std::string huge("\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9);
    ArchiveReader r{huge};
    std::vector<std::string> many;
    r(many);
    CHECK_FALSE(r.good());
    CHECK(many.empty());

    // A number has one way to be written.
    for (const std::string& other : {std::string("\x81\x00", 2), std::string("\x80\x80\x00", 3)}) {
        ArchiveReader longer{other};
        std::uint64_t n{};
        longer(n);
        CHECK_FALSE(longer.good());
    }
    ArchiveReader eleven{std::string_view{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10}};
    std::uint64_t n{};
    eleven(n);
    CHECK_FALSE(eleven.good());
}
