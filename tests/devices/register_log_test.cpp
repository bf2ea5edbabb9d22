#include "tests/devices/shop_floor.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

/// Registers that write POSLog: into a folder, or over TCP.
using namespace raiten;
using namespace raiten::test;
namespace fs = std::filesystem;
namespace net = boost::asio;

namespace {

/// One sale, as POSLog 2.2.1 and 6 both have it.
std::string sale(const std::string& number, const std::string& at, const std::string& member,
                 const std::string& total)
{
    return "<Transaction><RetailStoreID>42</RetailStoreID><WorkstationID>3</WorkstationID>"
           "<SequenceNumber>"
           + number + "</SequenceNumber><EndDateTime>" + at
           + "</EndDateTime><CurrencyCode>JPY</CurrencyCode><RetailTransaction>"
             "<LineItem><SequenceNumber>1</SequenceNumber><Sale><ItemID>4901234567894</ItemID>"
             "<Description>お茶</Description><ExtendedAmount>"
           + total + "</ExtendedAmount><Quantity>1</Quantity></Sale></LineItem><LineItem>"
           + "<SequenceNumber>2</SequenceNumber><Tender TenderType=\"Cash\"><Amount>" + total
           + "</Amount></Tender></LineItem><Total TotalType=\"TransactionGrandAmount\">" + total
           + "</Total><LoyaltyAccount><LoyaltyProgram><LoyaltyAccountID>" + member
           + "</LoyaltyAccountID></LoyaltyProgram></LoyaltyAccount></RetailTransaction>"
             "</Transaction>";
}

/// The drawer was opened: nothing was sold.
const std::string no_sale =
    "<Transaction><WorkstationID>3</WorkstationID><SequenceNumber>90</SequenceNumber>"
    "<ControlTransaction><NoSale/></ControlTransaction></Transaction>";

std::string log_of(const std::string& transactions)
{
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<POSLog xmlns=\"http://www.nrf-arts.org/IXRetail/namespace/\">"
           + transactions + "</POSLog>\n";
}

std::string folder_section(const std::string& folder)
{
    return reader_section("till", "pos-poslog",
                          "zone = \"register\"\nfolder = \"" + folder + "\"\n");
}

/// As a register does that knows how: under another name, then renamed into the folder.
void move_in(const TempFolder& from, const std::string& folder, const std::string& name,
             const std::string& text)
{
    std::ofstream{from.file(name)} << text;
    fs::rename(from.file(name), folder + "/" + name);
}

const std::string ann = "2900000000018";
const std::string ben = "2900000000025";

}  // namespace

TEST_CASE("a register's log files: a moved one counts at once, a slow one when it is whole",
          "[devices][poslog]")
{
    const TempFolder outside;
    const auto folder = outside.file("log");
    fs::create_directory(folder);
    ShopFloor floor{floor_rules(soon_settled) + folder_section(folder)};
    floor.box.enrol("ann", "card:" + ann);
    floor.box.enrol("ben", "card:" + ben);
    const auto at = floor.started_at();
    REQUIRE(floor.until_state("till", "up"));

    const auto slow_text = log_of(no_sale + sale("101", at, ann, "1080"));
    std::ofstream slow{folder + "/slow.xml"};
    slow << slow_text.substr(0, 300) << std::flush;

    move_in(outside, folder, "moved.xml", log_of(sale("100", at, ben, "500")));
    REQUIRE(floor.until([&] { return fs::exists(folder + "/done/moved.xml"); }));
    CHECK(floor.counted("receipts") == 1);
    CHECK_FALSE(fs::exists(folder + "/moved.xml"));
    REQUIRE(floor.until_purchase("ben"));
    CHECK(visits_of(floor.box, "ben")[0]["spend"] == "500");

    slow << slow_text.substr(300, 200) << std::flush;
    slow << slow_text.substr(500);
    CHECK(fs::exists(folder + "/slow.xml"));
    CHECK(floor.counted("receipts") == 1);
    slow.close();
    REQUIRE(floor.until([&] { return fs::exists(folder + "/done/slow.xml"); }));
    REQUIRE(floor.until_purchase("ann"));
    const auto visits = visits_of(floor.box, "ann");
    CHECK(visits.size() == 1);
    CHECK(visits[0]["spend"] == "1080");
    CHECK(visits[0]["attribution"] == "token");

    const auto till = reader_of(floor.box, "till");
    CAPTURE(till.dump());
    CHECK(till["readings"] == 2);
    CHECK(till["garbled"].empty());
    CHECK(till["ignored"].size() == 1);  // the drawer
    CHECK(floor.box.stop() == 0);
}

//  read ── durable ── put away?   "done" cannot be made      killed
//                                                             started again ── read ── duplicate ──
//                                                             done/
TEST_CASE("killed between reading a log file and putting it away: nothing counts twice",
          "[devices][poslog]")
{
    const TempFolder outside;
    const auto folder = outside.file("log");
    fs::create_directory(folder);
    std::ofstream{folder + "/done"} << "a file where the folder should be\n";
    ShopFloor floor{floor_rules(soon_settled) + folder_section(folder)};
    floor.box.enrol("ann", "card:" + ann);
    floor.box.enrol("ben", "card:" + ben);
    const auto at = floor.started_at();
    REQUIRE(floor.until_state("till", "up"));
    move_in(outside, folder, "day.xml",
            log_of(sale("100", at, ann, "1080") + sale("101", at, ben, "500")));
    REQUIRE(floor.until([&] { return floor.box.log().find("reader.stuck") != std::string::npos; }));
    CHECK(reader_of(floor.box, "till")["garbled"]["a file that could not be put away"] == 1);
    floor.box.kill();
    CHECK(fs::exists(folder + "/day.xml"));
    fs::remove(folder + "/done");

    floor.box.start();
    REQUIRE(floor.until([&] { return fs::exists(folder + "/done/day.xml"); }));
    CHECK(floor.counted("duplicates") == 2);
    CHECK(floor.counted("conflicts") == 0);
    for (const auto& [member, spend] : {std::pair{"ann", "1080"}, std::pair{"ben", "500"}}) {
        INFO(member);
        REQUIRE(floor.until_purchase(member));
        CHECK(visits_of(floor.box, member).size() == 1);
        CHECK(visits_of(floor.box, member)[0]["spend"] == spend);
    }
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("killed as soon as a log file is being read: every sale counts once", "[devices][poslog]")
{
    constexpr int sales = 400;
    const TempFolder outside;
    const auto folder = outside.file("log");
    fs::create_directory(folder);
    ShopFloor floor{floor_rules(soon_settled) + folder_section(folder)};
    floor.box.enrol("ann", "card:" + ann);
    const auto at = floor.started_at();
    REQUIRE(floor.until_state("till", "up"));
    std::string day;
    for (int i = 0; i < sales; ++i) day += sale(std::to_string(1'000 + i), at, ann, "10");
    move_in(outside, folder, "day.xml", log_of(day));
    REQUIRE(floor.until_readings("till", 1));
    floor.box.kill();

    floor.box.start();
    REQUIRE(floor.until([&] { return fs::exists(folder + "/done/day.xml"); }));
    REQUIRE(floor.until_purchase("ann"));
    const auto visits = visits_of(floor.box, "ann");
    CHECK(visits.size() == 1);
    CHECK(visits[0]["spend"] == std::to_string(10 * sales));
    CHECK(floor.counted("conflicts") == 0);
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("registers that send their log over TCP: each connection is a log of its own",
          "[devices][poslog]")
{
    ShopFloor floor{
        floor_rules(soon_settled)
        + reader_section("till", "pos-poslog", "zone = \"register\"\nlisten = \"127.0.0.1:0\"\n")};
    floor.box.enrol("ann", "card:" + ann);
    floor.box.enrol("ben", "card:" + ben);
    const auto at = floor.started_at();
    const auto address = address_in(floor.box.log(), "reader.listening");
    REQUIRE(!address.empty());
    const net::ip::tcp::endpoint port{
        net::ip::make_address("127.0.0.1"),
        static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)))};
    net::ip::tcp::socket one{floor.io};
    net::ip::tcp::socket other{floor.io};
    one.connect(port);
    other.connect(port);

    const auto anns = log_of(sale("100", at, ann, "1080"));
    const auto bens = log_of(sale("100", at, ben, "500"));
    net::write(one, net::buffer(anns.substr(0, 400)));
    net::write(other, net::buffer("not XML at all\n" + bens.substr(0, 200)));
    net::write(one, net::buffer(anns.substr(400)));
    REQUIRE(floor.until_readings("till", 1));  // the line stays open: who knows when the next comes
    REQUIRE(floor.until_purchase("ann"));
    other.close();  // in the middle of its log
    REQUIRE(floor.until([&] { return !reader_of(floor.box, "till")["garbled"].empty(); }));
    CHECK(visits_of(floor.box, "ben").empty());

    // The same number again with other contents is a conflict: the first stays.
    net::write(one, net::buffer(log_of(sale("100", at, ann, "9999"))));
    REQUIRE(floor.until([&] { return floor.counted("conflicts") == 1; }));
    net::write(one, net::buffer(log_of(sale("101", at, ben, "500"))));
    REQUIRE(floor.until_purchase("ben"));
    CHECK(visits_of(floor.box, "ann")[0]["spend"] == "1080");
    CHECK(reader_of(floor.box, "till")["state"] == "up");
    CHECK(floor.box.stop() == 0);
}
