#include "drivers/ble/eid.hpp"
#include "drivers/ble/enrolment.hpp"
#include "drivers/ble/payload.hpp"
#include "tests/drivers/ble/reports.hpp"
#include "tests/drivers/ble/shared_data.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <random>

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers::ble;

namespace {

constexpr Instant noon{std::chrono::seconds{1'795'000'000}};
const std::string key_text = "000102030405060708090a0b0c0d0e0f";

IdentityKey key_of(std::string_view text)
{
    const Octets bytes = hex(text);
    IdentityKey out{};
    REQUIRE(bytes.size() == out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

EnrolledTag tag(unsigned number, unsigned exponent, std::uint32_t counter)
{
    EnrolledTag out;
    out.name = to_hex(Octets{byte_of(0), byte_of(0), byte_of(0), byte_of(0), byte_of(number >> 24U),
                             byte_of(number >> 16U), byte_of(number >> 8U), byte_of(number)});
    out.identity_key = key_of(key_text);
    out.identity_key[0] = byte_of(number);
    out.identity_key[1] = byte_of(number >> 8U);
    out.rotation_exponent = exponent;
    out.counter = counter;
    out.counted_at = noon;
    return out;
}

EidResolver resolver(std::vector<EnrolledTag> tags)
{
    auto made = EidResolver::make(std::move(tags));
    REQUIRE(made.has_value());
    return std::move(*made);
}

/// What the tag sends when its own clock is `seconds` past the moment of counting.
Eid sent(const EnrolledTag& one, std::int64_t seconds)
{
    return eid_at(one.identity_key, one.rotation_exponent,
                  static_cast<std::uint32_t>(one.counter + seconds));
}

}  // namespace

TEST_CASE("eid: computed as the specification says", "[drivers][ble][shared]")
{
    const auto folder = shared_folder("data/captures/ble/vectors");
    if (!folder) return;
    const auto bytes = read_file(*folder / "eddystone_eid_computed.json");
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    std::size_t count = 0;
    for (const auto& vector : nlohmann::json::parse(text, text + bytes.size())) {
        const auto& input = vector.at("input");
        const Eid eid = eid_at(key_of(input.at("identity_key").get<std::string>()),
                               input.at("rotation_exponent_K").get<unsigned>(),
                               input.at("time_counter").get<std::uint32_t>());
        CHECK(to_hex(eid) == vector.at("expected").at("eid").get<std::string>());
        ++count;
    }
    CHECK(count > 0);
    std::printf("eddystone_eid_computed: %zu\n", count);
}

TEST_CASE("eid: a tag one window ahead or behind is found, two windows is not", "[drivers][ble]")
{
    const unsigned seed = 20261122;
    std::mt19937 engine{seed};
    const auto dice = [&] { return static_cast<std::uint32_t>(engine()); };
    INFO("seed " << seed);
    for (unsigned exponent = 0; exponent <= rotation_exponent_max; ++exponent) {
        const std::int64_t width = std::int64_t{1} << exponent;
        const EnrolledTag ours = tag(7, exponent, dice());
        EidResolver known = resolver({ours, tag(8, exponent, dice())});
        for (int round = 0; round < 20; ++round) {
            const std::int64_t now = dice() % 1'000'000;
            INFO("exponent " << exponent << " at " << now);
            const Instant at = noon + std::chrono::seconds{now};
            CHECK(known.resolve(sent(ours, now), at) == ours.name);
            CHECK(known.resolve(sent(ours, now + width), at) == ours.name);
            CHECK(known.resolve(sent(ours, now - width), at) == ours.name);
            CHECK_FALSE(known.resolve(sent(ours, now + 2 * width), at));
            CHECK_FALSE(known.resolve(sent(ours, now - 2 * width), at));
        }
    }
}

TEST_CASE("eid: the clock of a tag may wrap", "[drivers][ble]")
{
    for (const unsigned exponent : {0U, 4U, 10U, 15U}) {
        const std::int64_t width = std::int64_t{1} << exponent;
        const EnrolledTag ours = tag(7, exponent, 0xffffffff - 100);
        EidResolver known = resolver({ours});
        for (const std::int64_t now : {0, 99, 100, 101, 102, 200, 40'000, 70'000}) {
            INFO("exponent " << exponent << " at " << now);
            const Instant at = noon + std::chrono::seconds{now};
            for (const std::int64_t off : {-width, std::int64_t{0}, width})
                CHECK(known.resolve(sent(ours, now + off), at) == ours.name);
            CHECK_FALSE(known.resolve(sent(ours, now + 2 * width), at));
        }
    }
}

TEST_CASE("eid: the table is computed when a window turns, not when somebody asks",
          "[drivers][ble]")
{
    const std::size_t many = 200;
    std::vector<EnrolledTag> tags;
    for (unsigned i = 0; i < many; ++i) tags.push_back(tag(i, 10, 1024 * i + i));
    EidResolver known = resolver(tags);
    const Eid stranger = eid_at(key_of("ff0102030405060708090a0b0c0d0e0f"), 10, 5);
    CHECK_FALSE(known.resolve(stranger, noon));
    CHECK(known.computed() == 3 * many);
    for (int i = 0; i < 1000; ++i) CHECK_FALSE(known.resolve(stranger, noon + Millis{i}));
    CHECK(known.computed() == 3 * many);

    // A whole rotation later each tag has turned once.
    for (int second = 1; second <= 1024; ++second)
        CHECK_FALSE(known.resolve(stranger, noon + std::chrono::seconds{second}));
    CHECK(known.computed() == 4 * many);

    // However far time jumps: three for each tag.
    CHECK(known.resolve(sent(tags[3], 86'400 * 365), noon + std::chrono::hours{24 * 365})
          == tags[3].name);
    CHECK(known.computed() == 7 * many);
    CHECK(known.resolve(sent(tags[3], 0), noon) == tags[3].name);
    CHECK(known.computed() == 10 * many);
}

TEST_CASE("eid: a reader's clock that is a little behind another's costs nothing", "[drivers][ble]")
{
    const EnrolledTag ours = tag(1, 4, 0);
    EidResolver known = resolver({ours});
    CHECK(known.resolve(sent(ours, 100), noon + std::chrono::seconds{100}));
    const auto before = known.computed();
    CHECK(known.resolve(sent(ours, 95), noon + std::chrono::seconds{95}));
    CHECK(known.computed() == before);
}

TEST_CASE("eid: what cannot be enrolled is refused", "[drivers][ble]")
{
    CHECK(EidResolver::make({tag(1, 16, 0)}).error().text()
          == "tag '0000000000000001': a rotation exponent above 15");
    CHECK(EidResolver::make({tag(1, 3, 0), tag(1, 4, 0)}).error().what
          == "the tag is enrolled twice");
    EnrolledTag nameless = tag(1, 3, 0);
    nameless.name = "badge 1";
    CHECK(EidResolver::make({nameless}).error().what == "a tag's name is not 16 hex digits");
    CHECK(EidResolver::make(std::vector<EnrolledTag>(enrolled_tags_max + 1)).error().what
          == "more than 10000 enrolled tags");
    CHECK_FALSE(resolver({}).resolve(Eid{}, noon));
}

TEST_CASE("eid: found in its token", "[drivers][ble]")
{
    const EnrolledTag ours = tag(0x1234, 10, 77);
    Advertisement heard;
    heard.data = joined({hex("0d16aafe30e3"), hex(to_hex(sent(ours, 5)))});
    const auto seen = sighting(heard, [](const Garbled&) {});
    REQUIRE(seen);
    CHECK(seen->rotating);
    const auto eid = eid_in(seen->token);
    REQUIRE(eid);
    CHECK(resolver({ours}).resolve(*eid, noon) == "0000000000001234");

    CHECK_FALSE(eid_in("eddystone-eid:00112233445566"));
    CHECK_FALSE(eid_in("eddystone-eid:00112233445566xx"));
    CHECK_FALSE(eid_in("eddystone-uid:0011223344556677"));
    CHECK_FALSE(eid_in(""));
}

namespace {

const std::string head = "name,identity_key,rotation_exponent,counter,counted_at\n";
const std::string good = "00112233445566AA," + key_text + ",10,65280,2026-11-22T10:00:00+09:00\n";

std::string complaint(const std::string& text)
{
    const auto read = read_enrolment(text);
    return read ? "" : read.error().text();
}

}  // namespace

TEST_CASE("enrolment: tags come out of their file", "[drivers][ble]")
{
    const auto read = read_enrolment("\xef\xbb\xbf" + head + "\r\n" + good + "ffffffffffffffff,"
                                     + key_text + ",0,4294967295,2026-11-22T01:00:00.5Z");
    REQUIRE(read.has_value());
    REQUIRE(read->size() == 2);
    CHECK((*read)[0].name == "00112233445566aa");
    CHECK((*read)[0].identity_key == key_of(key_text));
    CHECK((*read)[0].rotation_exponent == 10);
    CHECK((*read)[0].counter == 65280);
    CHECK((*read)[1].counter == 4294967295);
    CHECK((*read)[1].counted_at - (*read)[0].counted_at == Millis{500});
    CHECK(read_enrolment(head)->empty());
}

TEST_CASE("enrolment: what is wrong is told by its line, and keys are told nowhere",
          "[drivers][ble]")
{
    const std::string name = "1122334455667788,";
    const std::string rest = ",10,65280,2026-11-22T10:00:00+09:00\n";
    CHECK(complaint("") == "line 1: the first line must be " + head.substr(0, head.size() - 1));
    CHECK(complaint(good) == "line 1: the first line must be " + head.substr(0, head.size() - 1));
    const std::vector<std::pair<std::string, std::string>> lines{
        {"112233," + key_text + rest, "name is not 16 hex digits"},
        {name + key_text.substr(1) + rest, "identity_key is not 32 hex digits"},
        {name + key_text + "00" + rest, "identity_key is not 32 hex digits"},
        {name + key_text + ",16,1,2026-11-22T10:00:00Z",
         "rotation_exponent is no number from 0 to 15"},
        {name + key_text + ",-1,1,2026-11-22T10:00:00Z",
         "rotation_exponent is no number from 0 to 15"},
        {name + key_text + ",1,4294967296,2026-11-22T10:00:00Z", "counter is no number of 32 bits"},
        {name + key_text + ",1,,2026-11-22T10:00:00Z", "counter is no number of 32 bits"},
        {name + key_text + ",1,1,2026-11-22T10:00:00",
         "counted_at is no time with an offset, as in 2026-11-22T10:00:00+09:00"},
        {name + key_text + ",1,1", "the line has not five fields"},
        {name + key_text + ",1,1,2026-11-22T10:00:00Z,", "the line has not five fields"},
        {key_text, "the line has not five fields"},
        {good, "the tag is enrolled twice"},
    };
    for (const auto& [line, why] : lines) {
        const std::string told = complaint(head + good + "\n" + line);
        CHECK(told == "line 4: " + why);
        CHECK(told.find("0102030405060708") == std::string::npos);
    }
    std::string many = head;
    for (std::size_t i = 0; i <= enrolled_tags_max; ++i)
        many += tag(static_cast<unsigned>(i), 0, 0).name + "," + key_text
                + ",1,1,2026-11-22T10:00:00Z\n";
    CHECK(complaint(many) == "line 10002: more than 10000 tags");
    CHECK(complaint(std::string(enrolment_bytes_max + 1, '\n')) == "larger than 2097152 bytes");
}
