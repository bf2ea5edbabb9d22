#include "daemon/app/identity.hpp"
#include "daemon/app/token_text.hpp"
#include "daemon/base/hex.hpp"
#include "daemon/base/iso8601.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

using namespace raiten;
using namespace raiten::app;

namespace {

Pseudonyms pseudonyms(char fill = 'k', std::size_t cached = 64)
{
    return Pseudonyms::make(Secret{std::string(32, fill)}, cached).value();
}

/// A folder of its own that goes with it.
struct Folder {
    std::string path = (std::filesystem::temp_directory_path() / "raiten-key-XXXXXX").string();
    Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("identity: one token, however it is written, is one pseudonym", "[identity]")
{
    auto p = pseudonyms();
    const std::vector<std::vector<std::string>> same{
        {"felica:0123456789abcdef", "FeliCa:01:23:45:67:89:AB:CD:EF", "felica:f123456789abcdef"},
        {"nfc:04a1b2c3", "nfc:04 A1 B2 C3"},
        {"ble:e6:45:00:11:22:33", "ble:E6-45-00-11-22-33", "ble:e64500112233"},
        {"ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7",
         "ibeacon:F7826DA64FA24E988024BC5B71E0893E/01/007"},
        {"card:2900000000018"}};
    std::set<TokenKey> keys;
    for (const auto& ways : same) {
        for (const auto& way : ways)
            CHECK(p.token(way).value().key == p.token(ways.front()).value().key);
        keys.insert(p.token(ways.front()).value().key);
    }
    CHECK(keys.size() == same.size());
    CHECK(p.token("card:018").value().key != p.token("card:18").value().key);
}

TEST_CASE("identity: a pseudonym is HMAC-SHA-256 of the normalised text, cut to 128 bits",
          "[identity]")
{
    // printf card:2900000000018 | openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
    auto p = pseudonyms();
    CHECK(member_name(p.token("card:2900000000018").value().key)
          == "eee01977ec29cd74692715b8cb6ec232");
    CHECK(p.derive_seed() != p.derive_seed("another purpose"));
    CHECK(p.derive_seed() == pseudonyms().derive_seed());
    CHECK(p.derive_seed() != pseudonyms('z').derive_seed());
    CHECK(p.token("card:1").value().key != pseudonyms('z').token("card:1").value().key);
}

TEST_CASE("identity: what is no token is refused without repeating it", "[identity]")
{
    auto p = pseudonyms();
    const std::vector<std::string> wrong{"",
                                         "secret-4711",
                                         "crad:4711",
                                         "card:",
                                         "card:47-11",
                                         "ble:47:11",
                                         "ibeacon:4711/1/1",
                                         "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/65536",
                                         "nfc:471",
                                         "qr:4711\n",
                                         "qr:4711\xff",
                                         "qr:\xc2\x85"
                                         "4711",
                                         "app:" + std::string(300, '4') + "4711"};
    for (const auto& text : wrong) {
        const auto token = p.token(text);
        INFO(text);
        REQUIRE_FALSE(token.has_value());
        CHECK(token.error().text().find("4711") == std::string::npos);
    }
    CHECK(p.token("crad:4711").error().advice == "did you mean 'card'?");
    CHECK(p.token("qr:会員 4711").has_value());
}

TEST_CASE("identity: what changes by itself is marked", "[identity]")
{
    auto p = pseudonyms();
    CHECK(p.token("eddystone-eid:0011223344556677").value().rotating);
    CHECK_FALSE(p.token("ble:e6:45:00:11:22:33").value().rotating);
    CHECK(p.token("ble:e6:45:00:11:22:33", true).value().rotating);
    CHECK_FALSE(p.token("ble:e6:45:00:11:22:33").value().rotating);
}

TEST_CASE("identity: a flood of tokens changes no answer", "[identity]")
{
    auto p = pseudonyms('k', 64);
    const auto resting = p.token("card:1").value().key;
    for (int i = 0; i < 5000; ++i) {
        const auto text = "card:" + std::to_string(i);
        const auto key = p.token(text).value().key;
        if (key != p.token(text).value().key || p.token("card:1").value().key != resting)
            FAIL(text);
    }
}

TEST_CASE("identity: the key lies in a file of its own", "[identity]")
{
    const Folder folder;
    const auto path = folder.path + "/token.key";
    Places places;
    places.state_directory = folder.path;
    Settings settings;
    settings.identity.token_key = "token.key";
    CHECK_FALSE(Pseudonyms::open(settings, places).has_value());

    REQUIRE(create_token_key(path).has_value());
    struct stat about {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0600U);
    CHECK(create_token_key(path).error().what == "is already there");
    auto first = Pseudonyms::open(settings, places);
    REQUIRE(first.has_value());
    CHECK(first.value().derive_seed() == Pseudonyms::open(settings, places).value().derive_seed());

    std::filesystem::permissions(path, std::filesystem::perms{0640});
    const auto refused = Pseudonyms::open(settings, places);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().advice == "chmod 600 " + path);
    places.credentials_directory = folder.path;  // systemd guards its own
    CHECK(Pseudonyms::open(settings, places).has_value());
}

TEST_CASE("identity: a key is 32 bytes, raw or in hex", "[identity]")
{
    const std::string raw(32, '\x0a');
    CHECK(parse_token_key(Secret{raw}).value().bytes() == raw);
    CHECK(parse_token_key(Secret{to_hex(bytes_of(raw)) + "\n"}).value().bytes() == raw);
    for (const auto& wrong :
         {std::string{}, std::string(31, 'x'), std::string(64, 'x'), std::string(33, 'a')})
        CHECK_FALSE(parse_token_key(Secret{wrong}).has_value());
}

TEST_CASE("identity: a tag's EIDs are one tag, and a stranger's stay strangers", "[identity]")
{
    using namespace raiten::drivers::ble;
    const Instant ten = parse_instant("2026-11-22T10:00:00+09:00").value();
    const IdentityKey key{std::byte{7}};
    auto p = pseudonyms();
    const auto eid_text = [](const Eid& eid) { return "eddystone-eid:" + to_hex(eid); };
    const auto now = eid_text(eid_at(key, 10, 5'000));
    const auto later = eid_text(eid_at(key, 10, 5'000 + 3'600));
    CHECK(p.heard(now, true, ten)->rotating);

    auto tags = EidResolver::make({{"00112233445566aa", key, 10, 5'000, ten}});
    REQUIRE(tags.has_value());
    p.enrol(std::move(*tags));
    const auto member = p.token("eddystone-eid:00112233445566aa")->key;
    const auto heard = p.heard(now, true, ten);
    CHECK(heard->key == member);
    CHECK_FALSE(heard->rotating);
    CHECK(p.heard(later, true, ten + std::chrono::hours{1})->key == member);
    // The tag's name is what its member is enrolled with; sent as an EID it is nobody's.
    CHECK_FALSE(p.token("eddystone-eid:00112233445566AA")->rotating);
    CHECK(p.token("eddystone-eid:00112233445566ab")->rotating);
    CHECK(p.heard("eddystone-eid:00112233445566aa", false, ten)->rotating);
    // An EID of an hour ago, replayed by somebody, is nobody.
    CHECK(p.heard(now, true, ten + std::chrono::hours{1})->rotating);
    CHECK(p.heard("ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/7", false, ten).has_value());
}
