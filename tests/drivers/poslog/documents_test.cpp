#include "tests/drivers/poslog/register.hpp"

#include <catch2/catch.hpp>

using namespace raiten;
using namespace raiten::test;

TEST_CASE("several documents follow one another on one line", "[poslog]")
{
    const auto one = log_of(retail(sold("1", "5") + grand("5")));
    const auto heard = read_log(one + one + "\xEF\xBB\xBF" + one + retail(sold("1", "5")));
    CHECK(heard.transactions.size() == 4);
    CHECK(heard.garbled.empty());
}

TEST_CASE("after damage the reader finds its feet at the next transaction", "[poslog]")
{
    const auto good = retail(sold("1", "5") + grand("5"));
    const auto heard = read_log(log_of(good + "<Transaction><WorkstationID>9</Wrong>" + good)
                                + "noise" + log_of(good));
    CHECK(heard.transactions.size() == 3);
    REQUIRE(heard.garbled.size() == 2);
    CHECK(heard.garbled[0].why == "mismatched tag");
    CHECK(heard.garbled[0].bytes == std::string{"<Transaction><WorkstationID>9</Wrong>"}.size());
    CHECK(heard.garbled[1].why == "bytes between documents");
    CHECK(heard.garbled[1].bytes == 5);
}

TEST_CASE("a log that is cut off tells what it had, and that it was cut", "[poslog]")
{
    const auto good = retail(sold("1", "5") + grand("5"));
    auto cut = log_of(good + good);
    cut.resize(cut.find("</Total>", cut.size() / 2));
    const auto heard = read_log(cut);
    CHECK(heard.transactions.size() == 1);
    REQUIRE(heard.garbled.size() == 1);
    CHECK(heard.garbled[0].why == "a document that was cut");
}

TEST_CASE("a DOCTYPE is refused, and no entity of it is ever expanded", "[poslog]")
{
    const std::string laughs =
        "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>"
        "<POSLog><Transaction><SequenceNumber>&b;</SequenceNumber></Transaction></POSLog>";
    const auto heard = read_log(laughs);
    CHECK(heard.transactions.empty());
    REQUIRE(!heard.garbled.empty());
    CHECK(heard.garbled[0].why == "a DOCTYPE, which is refused");
}

TEST_CASE("documents without measure are refused, and the next is read", "[poslog]")
{
    const auto good = log_of(retail(sold("1", "5") + grand("5")));
    std::string deep;
    for (int n = 0; n < 5000; ++n) deep += "<x>";
    const std::string long_tag = "<a b=\"" + std::string(400'000, 'x') + "\"/>";
    const std::string long_remark = "<a><!--" + std::string(400'000, 'x') + "--></a>";
    std::string many_names = "<a>";
    for (int n = 0; n < 200'000; ++n) many_names += "<n" + std::to_string(n) + "/>";
    many_names += "</a>";
    for (const auto& hostile : {deep, long_tag, long_remark, many_names}) {
        for (const std::size_t piece : {4096UL, 1'000'000UL}) {
            const auto heard = read_log(hostile + good, piece);
            INFO(text_of(heard).substr(0, 300));
            CHECK(heard.transactions.size() == 1);
            CHECK(heard.garbled.size() == 1);
        }
    }
    // Where reading goes on does not depend on the pieces either: this starts a little before the
    // limit of a comment, in other pieces than those that show the comment to be too long.
    const std::string remark = "<a><!--" + std::string(262'043, 'x') + retail(grand("1"))
                               + std::string(100'000, 'x') + "--></a>" + good;
    const auto whole = text_of(read_log(remark));
    for (const std::size_t piece : {1000UL, 4096UL, 65536UL})
        CHECK(text_of(read_log(remark, piece)) == whole);

    // A text may be long: it is not kept. So may be the lines.
    const auto picture =
        "<TrailerText><Text>" + std::string(3'000'000, 'Q') + "</Text></TrailerText>";
    CHECK(only(log_of("<Transaction>" + picture + head + "<RetailTransaction>" + grand("5")
                      + "</RetailTransaction></Transaction>"))
              .total
          == Money::from_units(5));
    std::string lines;
    for (int n = 0; n < 2000; ++n) lines += sold("1", "1");
    CHECK(only(log_of(retail(lines + grand("2000")))).lines.size() == drivers::pos::lines_max);
}

TEST_CASE("texts come in the encoding that the document names", "[poslog]")
{
    const auto name = [](const std::string& encoding, const std::string& bytes) {
        const auto sale = only("<?xml version=\"1.0\" encoding=\"" + encoding + "\"?><POSLog>"
                               + retail("<LineItem><Sale><Description>" + bytes
                                        + "</Description></Sale></LineItem>" + grand("5"))
                               + "</POSLog>");
        return sale.lines.at(0).name;
    };
    CHECK(name("UTF-8", "\xE7\xB4\x85\xE8\x8C\xB6") == "紅茶");
    CHECK(name("ISO-8859-1", "Caf\xE9") == "Café");
    CHECK(name("windows-1252", "5 \x80") == "5 €");
    CHECK(name("Windows-1251", "\xD7\xE0\xE9") == "Чай");
    CHECK(name("Shift_JIS", "\x8D\x67\x92\x83 \xC1\xA8") == "紅茶 ﾁｨ");
    CHECK(name("EUC-JP", "\xB9\xC8\xC3\xE3") == "紅茶");
    const auto unknown = read_log("<?xml version=\"1.0\" encoding=\"x-nobody\"?><POSLog/>");
    REQUIRE(unknown.garbled.size() == 1);
    CHECK(unknown.garbled[0].why == "unknown encoding");

    std::string wide = "\xFF\xFE";
    for (const char c : log_of(retail(sold("1", "5") + grand("5"))).substr(22)) {
        wide += c;
        wide += '\0';
    }
    const auto wide_twice = read_log(wide + wide);
    CHECK(wide_twice.transactions.size() == 2);
    CHECK(wide_twice.garbled.empty());
}

TEST_CASE("a log reads the same wherever it is cut, damaged or not", "[poslog]")
{
    const auto good = retail(sold("1", "5") + returned("2", "1") + grand("4"));
    const std::string log = log_of("<!-- a remark -->" + good + "<Transaction><A></B>" + good)
                            + "noise" + log_of(good) + "<!DOCTYPE x><POSLog>" + good
                            + "</POSLog><Trans";
    const auto whole = text_of(read_log(log));
    for (std::size_t at = 1; at < log.size(); ++at) {
        Heard heard;
        const auto reader = drivers::poslog::make_reader();
        const auto hear = [&](Transaction each) { heard.transactions.push_back(std::move(each)); };
        const auto refuse = [&](const Garbled& each) { heard.garbled.push_back(each); };
        reader->feed(bytes_of(log).first(at), hear, refuse);
        reader->feed(bytes_of(log).subspan(at), hear, refuse);
        reader->finish(hear, refuse);
        INFO("cut at " << at);
        REQUIRE(text_of(heard) == whole);
    }
    CHECK(text_of(read_log(log, 1)) == whole);
}

TEST_CASE("every single damaged byte leaves the other documents readable", "[poslog]")
{
    const auto good = log_of(retail(sold("1", "5") + grand("5")));
    for (const unsigned flip : {0x01U, 0x20U, 0x80U, 0xFFU}) {
        for (std::size_t at = 0; at < good.size(); ++at) {
            std::string damaged = good;
            damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flip);
            INFO("byte " << at << " by " << flip);
            const auto heard = read_log(damaged + good);
            REQUIRE(!heard.transactions.empty());
            REQUIRE(heard.transactions.back().total == Money::from_units(5));
        }
    }
}
