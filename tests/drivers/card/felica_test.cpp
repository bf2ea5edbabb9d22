#include "drivers/card/felica.hpp"

#include "drivers/card/felica_polling.hpp"
#include "drivers/card/hex_lines.hpp"
#include "tests/drivers/checkin.hpp"

using namespace raiten;
using namespace raiten::test;
using namespace raiten::drivers;

namespace {

const std::string answer = "1401F14011111111B66001188B868FBECBFFFE00";
const std::string other = "12010140222222223333 01188B868FBECBFF";
const std::string shown = "shown felica:014011111111b660";
const std::string other_shown = "shown felica:0140222222223333";

Lines lines_of(std::string_view text)
{
    return told_whole(make_felica, octets(text));
}

}  // namespace

TEST_CASE("felica: a recording is read line by line", "[drivers][card]")
{
    CHECK(lines_of(answer + "\n") == Lines{shown});
    CHECK(lines_of(answer) == Lines{shown});
    CHECK(lines_of(answer.substr(2)) == Lines{shown});  // without its length
    CHECK(lines_of("# gate 2\r\n\r\n 14 01 f1:40:11:11-11-11-b6-60 01188B868FBECBFFFE00 # Anna\r\n"
                   + other)
          == Lines{shown, other_shown});
    CHECK(lines_of("").empty());
}

TEST_CASE("felica: a line that is no answer is garbled, the next is taken", "[drivers][card]")
{
    const auto with_good = [](const std::string& line, const std::string& why) {
        INFO(line);
        CHECK(lines_of(line + "\n" + answer + "\n")
              == Lines{"garbled " + std::to_string(line.size()) + ": " + why, shown});
    };
    with_good("14 0", "a line that is not hex");
    with_good("1x", "a line that is not hex");
    with_good("1401F140", "a polling answer cut short");
    with_good("1401F14011111111B66001188B868FBECBFFFE", "a polling answer cut short");
    with_good("1301F14011111111B66001188B868FBECBFFFE00", "a polling answer longer than it says");
    with_good("1407F14011111111B66001188B868FBECBFFFE00", "not a polling answer");
    with_good("120101FE11111111B66001188B868FBECBFF", "an NFC-DEP device, not a card");
    with_good(std::string(card::HexLines::line_max + 2, 'a'),
              "a line longer than an answer can be");
    with_good("01" + std::string(600, 'a'), "a polling answer longer than it says");
}

TEST_CASE("felica: bare answers one behind the other", "[drivers][card]")
{
    const Octets first = hex(answer);
    const Octets second = hex(other);
    CHECK(told_whole(make_felica, joined({first, second, first}))
          == Lines{shown, other_shown, shown});
    CHECK(told_whole(make_felica, joined({first, hex("0077ff01"), second}))
          == Lines{shown, "garbled 4: no polling answer", other_shown});
    CHECK(told_whole(make_felica, joined({first, hex("1401f140")}))
          == Lines{shown, "garbled 4: no polling answer"});
}

TEST_CASE("felica: cut and damaged anywhere", "[drivers][card]")
{
    const Octets text = octets("# gate\n" + answer + "\r\nzz\n" + other + "\n1401");
    check_cut_anywhere(make_felica, text);
    check_damage_anywhere(make_felica, octets(answer + "\n" + other + "\n"),
                          octets("\n" + answer + "\n"), shown);

    const Octets bare = joined({hex(answer), hex("00"), hex(other), hex("1401")});
    check_cut_anywhere(make_felica, bare);
    // Without checksums a damaged length eats the next answer at most.
    check_damage_anywhere(make_felica, joined({hex("00"), hex(answer), hex(other)}),
                          joined({hex(other), hex(other), hex(answer)}), shown);
}

TEST_CASE("felica: every polling answer of others' tests", "[drivers][card][shared]")
{
    for (const auto& vector : shared_vectors("readers/vectors/felica_polling.json")) {
        const auto frame = vector["input"]["frame"].get<std::string>();
        const auto& expected = vector["expected"];
        INFO(vector["id"]);
        const auto polling = card::read_polling(hex(frame));
        REQUIRE(polling.has_value());
        CHECK(Octets(polling->idm.begin(), polling->idm.end())
              == hex(expected["idm"].get<std::string>()));
        CHECK(Octets(polling->pmm.begin(), polling->pmm.end())
              == hex(expected["pmm"].get<std::string>()));
        CHECK(polling->request_data == hex(expected.value("request_data", "")));
        CHECK(polling->trailing == hex(expected.value("trailing", "")));

        std::string token = expected["idm"].get<std::string>();
        token[0] = '0';
        std::transform(token.begin(), token.end(), token.begin(),
                       [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
        CHECK(lines_of(frame) == Lines{"shown felica:" + token});
        CHECK(told_whole(make_felica, hex(frame)) == Lines{"shown felica:" + token});
    }
}
