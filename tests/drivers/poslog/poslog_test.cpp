#include "drivers/poslog/poslog.hpp"

#include "daemon/base/iso8601.hpp"
#include "drivers/catalog.hpp"
#include "tests/drivers/poslog/log.hpp"

#include <catch2/catch.hpp>

#include <variant>

using namespace raiten;
using namespace raiten::test;

namespace {

const std::string head =
    "<RetailStoreID>42</RetailStoreID><WorkstationID>3</WorkstationID>"
    "<SequenceNumber>86</SequenceNumber><BusinessDayDate>2026-11-21</BusinessDayDate>"
    "<EndDateTime>2026-11-22T00:10:00</EndDateTime><CurrencyCode>JPY</CurrencyCode>";

std::string sold(const std::string& sku, const std::string& amount,
                 const std::string& attributes = "", const std::string& more = "")
{
    return "<LineItem " + attributes + "><SequenceNumber>1</SequenceNumber><Sale><ItemID>" + sku
           + "</ItemID><Description>Tea</Description><ExtendedAmount>" + amount
           + "</ExtendedAmount><Quantity>1</Quantity>" + more + "</Sale></LineItem>";
}

std::string returned(const std::string& sku, const std::string& amount,
                     const std::string& more = "")
{
    return "<LineItem><Return><ItemID>" + sku + "</ItemID><ExtendedAmount>" + amount
           + "</ExtendedAmount><Quantity>1</Quantity>" + more + "</Return></LineItem>";
}

std::string grand(const std::string& amount)
{
    return "<Total TotalType=\"TransactionGrandAmount\">" + amount + "</Total>";
}

std::string tender(const std::string& amount, const std::string& more = "")
{
    return "<LineItem><Tender TenderType=\"Cash\"><Amount>" + amount + "</Amount>" + more
           + "</Tender></LineItem>";
}

std::string retail(const std::string& body, const std::string& attributes = "",
                   const std::string& transaction_attributes = "")
{
    return "<Transaction " + transaction_attributes + ">" + head + "<RetailTransaction "
           + attributes + ">" + body + "</RetailTransaction></Transaction>";
}

std::string log_of(const std::string& transactions)
{
    return "<?xml version=\"1.0\"?>\n<POSLog xmlns=\"http://www.nrf-arts.org/IXRetail/namespace/\">"
           + transactions + "</POSLog>\n";
}

/// The one transaction of a log.
Transaction only(const std::string& log)
{
    INFO(log);
    const auto heard = read_log(log);
    CHECK(heard.garbled.empty());
    REQUIRE(heard.transactions.size() == 1);
    return heard.transactions[0];
}

}  // namespace

TEST_CASE("a sale is told with all that identifies it", "[poslog]")
{
    const auto sale = only(log_of(retail(
        sold("4901234567894", "1080", "",
             "<POSIdentity><POSItemID>4909999999999</POSItemID></POSIdentity>"
             "<MerchandiseHierarchy Level=\"Department\">12</MerchandiseHierarchy>")
        + tender("2000") + tender("-920", "<TenderChange><Amount>-920</Amount></TenderChange>")
        + grand("1080.00"))));
    CHECK(sale.kind == Kind::sale);
    CHECK(sale.not_here == "");
    CHECK(sale.number == "3-86");
    CHECK(sale.register_name == "3");
    CHECK(sale.store == "42");
    CHECK(sale.business_day == "2026-11-21");
    CHECK(sale.total == Money::from_units(1080));
    CHECK(sale.currency == "JPY");
    REQUIRE(sale.at);
    CHECK(sale.at->local);
    CHECK(sale.at->time == *parse_instant("2026-11-22T00:10:00Z"));
    REQUIRE(sale.lines.size() == 1);
    CHECK(sale.lines[0].sku == "4909999999999");
    CHECK(sale.lines[0].name == "Tea");
    CHECK(sale.lines[0].category == "12");
    CHECK(sale.lines[0].amount == Money::from_units(1080));
}

TEST_CASE("who is no member of the standard's namespaces is understood all the same", "[poslog]")
{
    const auto body = sold("1", "5") + grand("5");
    CHECK(only(log_of(retail(body))).number == "3-86");
    CHECK(only("<KLog>" + retail(body) + "</KLog>").number == "3-86");
    CHECK(only("<s:Envelope xmlns:s=\"x\"><s:Body>" + log_of(retail(body)).substr(22)
               + "</s:Body></s:Envelope>")
              .number
          == "3-86");
    std::string prefixed = retail(body);
    for (std::size_t at = 0; (at = prefixed.find('<', at)) != std::string::npos;) {
        at += prefixed[at + 1] == '/' ? 2U : 1U;
        prefixed.insert(at, "ns0:");
    }
    CHECK(only("<ns0:POSLog xmlns:ns0=\"x\">" + prefixed + "</ns0:POSLog>").total
          == Money::from_units(5));
}

TEST_CASE("the register's own doings are no sales", "[poslog]")
{
    for (const std::string kind :
         {"ControlTransaction", "TenderControlTransaction", "InventoryControlTransaction",
          "ForeCourtTransaction", "FuelInventory"}) {
        const auto control = only(log_of("<Transaction>" + head + "<" + kind
                                         + "><ReasonCode>x"
                                           "</ReasonCode></"
                                         + kind + "></Transaction>"));
        CHECK(control.kind == Kind::control);
        CHECK(control.number == "3-86");
    }
    CHECK(only(log_of("<Transaction>" + head + "</Transaction>")).kind == Kind::control);
    const auto order =
        only(log_of("<Transaction>" + head + "<CustomerOrderTransaction>" + sold("1", "5")
                    + grand("5") + "</CustomerOrderTransaction></Transaction>"));
    CHECK(order.kind == Kind::order);
}

TEST_CASE("what was not sold here says why", "[poslog]")
{
    const auto body = sold("1", "5") + grand("5");
    const auto why = [&](const std::string& attributes, const std::string& outer = "",
                         const std::string& before = "") {
        return std::string{only(log_of(retail(before + body, attributes, outer))).not_here};
    };
    CHECK(why("") == "");
    CHECK(why("TransactionStatus=\"Finished\"") == "");
    CHECK(why("", "TrainingModeFlag=\"true\"") == "training mode");
    CHECK(why("TrainingModeFlag='1'") == "training mode");
    CHECK(why("", "CancelFlag=\"true\"") == "cancelled");
    CHECK(why("TransactionStatus=\"Canceled\"") == "cancelled");
    CHECK(why("TransactionStatus=\"Suspended\"") == "suspended");
    CHECK(why("TransactionStatus=\"SuspendedRetrieved\"") == "suspended");
    CHECK(why("TransactionStatus=\"Failed\"") == "not completed");
    CHECK(why("", "VoidFlag=\"true\"") == "voided before it was completed");
    CHECK(why("OnLineOffLineTypeCode=\"OnLine\"") == "ordered online");
    CHECK(why("OnLineOffLineTypeCode=\"OffLine\"") == "");
    CHECK(why("", "", "<TransactionStatus>Voided</TransactionStatus>")
          == "voided before it was completed");
    const auto web =
        only("<POSLog><Transaction><Channel OnLineOffLineTypeCode=\"OnLine\"/>" + head
             + "<RetailTransaction>" + body + "</RetailTransaction></Transaction></POSLog>");
    CHECK(web.not_here == "ordered online");
    CHECK(only(log_of(retail(sold("1", "5") + "<Total>x</Total>"))).total == Money::from_units(5));
}

TEST_CASE("returns are refunds that name the sale", "[poslog]")
{
    const std::string link =
        "<TransactionLink ReasonCode=\"Return\"><RetailStoreID>42"
        "</RetailStoreID><WorkstationID>1</WorkstationID><SequenceNumber>12"
        "</SequenceNumber><BusinessDayDate>2026-11-01</BusinessDayDate>"
        "</TransactionLink>";
    const auto refund = only(log_of(retail(returned("1", "5", link) + grand("-5.00"))));
    CHECK(refund.kind == Kind::refund);
    CHECK(refund.number == "3-86");
    CHECK(refund.refers_to == "1-12");
    CHECK(refund.total == Money::from_units(5));
    REQUIRE(refund.lines.size() == 1);
    CHECK(refund.lines[0].amount == Money::from_units(5));

    CHECK(only(log_of(retail(returned("1", "5") + grand("5.00")))).kind == Kind::refund);

    const auto exchange =
        only(log_of(retail(returned("1", "5", link) + sold("2", "8") + grand("3"))));
    CHECK(exchange.kind == Kind::sale);
    CHECK(exchange.total == Money::from_units(3));
    REQUIRE(exchange.lines.size() == 2);
    CHECK(exchange.lines[0].amount == Money::from_units(-5));

    const std::string resumed =
        "<TransactionLink ReasonCode=\"Resume\"><WorkstationID>1"
        "</WorkstationID><SequenceNumber>7</SequenceNumber></TransactionLink>";
    const auto sale = only(log_of(retail(sold("2", "8") + grand("8") + resumed)));
    CHECK(sale.kind == Kind::sale);
    CHECK(sale.number == "3-86");
    CHECK(sale.refers_to == "");
}

TEST_CASE("a post-void is a void of the transaction that it names", "[poslog]")
{
    const std::string link =
        "<TransactionLink ReasonCode=\"Void\"><WorkstationID>3</WorkstationID>"
        "<SequenceNumber>85</SequenceNumber></TransactionLink>";
    const auto undone = only(
        log_of(retail(link + sold("1", "-5") + grand("-5"), "TransactionTypeCode=\"PostVoid\"")));
    CHECK(undone.kind == Kind::void_);
    CHECK(undone.not_here == "");
    CHECK(undone.refers_to == "3-85");
    CHECK(undone.total == Money::from_units(5));
    const auto itself =
        only(log_of(retail(sold("1", "5") + grand("5"), "TransactionStatus=\"PostVoided\"")));
    CHECK(itself.kind == Kind::void_);
    CHECK(itself.refers_to == "3-86");
}

TEST_CASE("lines that were voided are gone", "[poslog]")
{
    const auto reversed = only(log_of(retail(sold("1", "5") + sold("2", "7")
                                             + sold("1", "-5", "VoidFlag=\"true\"") + grand("7"))));
    REQUIRE(reversed.lines.size() == 1);
    CHECK(reversed.lines[0].sku == "2");

    const auto flagged =
        only(log_of(retail(sold("1", "5", "CancelFlag=\"true\"") + sold("2", "7") + grand("7"))));
    REQUIRE(flagged.lines.size() == 1);
    CHECK(flagged.lines[0].sku == "2");

    const std::string linked =
        "<LineItem><SequenceNumber>1</SequenceNumber><Sale><ItemID>1</ItemID><ExtendedAmount>5"
        "</ExtendedAmount></Sale></LineItem><LineItem VoidFlag=\"true\"><SequenceNumber>2"
        "</SequenceNumber><Sale><ItemID>1</ItemID><ExtendedAmount>5</ExtendedAmount><ItemLink>1"
        "</ItemLink></Sale></LineItem>";
    CHECK(only(log_of(retail(linked + grand("0")))).lines.empty());
}

TEST_CASE("the total is what was to be paid, whatever else is called a total", "[poslog]")
{
    const auto total = [](const std::string& body) {
        return only(log_of(retail(sold("1", "9") + body))).total.text();
    };
    CHECK(total("<Total>12.00</Total>" + grand("10.00")) == "10");
    CHECK(total("<LineItem><TotalKey><Amount>99</Amount></TotalKey></LineItem>" + grand("10"))
          == "10");
    CHECK(total("<LineItem><TotalKey><Total>99</Total></TotalKey></LineItem>"
                "<Total>10</Total>")
          == "10");
    CHECK(total("<Total TotalType=\"TransactionNetAmount\">10</Total>"
                "<Total TotalType=\"TransactionTaxAmount\">0.80</Total>")
          == "10.8");
    CHECK(total(tender("10")
                + "<Total TotalType=\"TransactionNetAmount\">10</Total>"
                  "<Total TotalType=\"TransactionTaxAmount\">0.80</Total>")
          == "10");
    CHECK(total("<Total TotalType=\"x:TransactionGrandAmount\">10</Total>") == "10");
    // Change as a negative tender, change beside a tender of nothing, a rounding.
    CHECK(total(tender("20") + tender("-10")) == "10");
    CHECK(total(tender("20") + tender("0", "<TenderChange><Amount>10</Amount></TenderChange>"))
          == "10");
    CHECK(total(tender("10")
                + "<LineItem><Tender TenderType=\"X:Rounding\"><Amount>0.03</Amount>"
                  "</Tender></LineItem>")
          == "10");
    CHECK(total("") == "9");
    CHECK(total(grand("25.00000")) == "25");
    CHECK(total(grand("2.67857")) == "2.6786");
}

TEST_CASE("members are found in their three places, the most trusted first", "[poslog]")
{
    const std::string account =
        "<LoyaltyAccount><CustomerID>C7</CustomerID><LoyaltyProgram><LoyaltyAccountID>A9"
        "</LoyaltyAccountID></LoyaltyProgram></LoyaltyAccount>";
    const std::string customer = "<Customer><CustomerID>C7</CustomerID></Customer>";
    const std::string card =
        "<LineItem><acs:LoyaltyMembership xmlns:acs=\"x\"><acs:LoyaltyID>L5</acs:LoyaltyID>"
        "<acs:HouseholdID>H1</acs:HouseholdID></acs:LoyaltyMembership></LineItem>";
    using Members = std::vector<std::string>;
    const auto members = [](const std::string& body) {
        return only(log_of(retail(sold("1", "5") + body + grand("5")))).members;
    };
    CHECK(members("") == Members{});
    CHECK(members(customer) == Members{"C7"});
    CHECK(members(account) == Members{"C7", "A9"});
    CHECK(members(account + customer + card) == Members{"L5", "C7", "A9"});
    CHECK(members("<Customer><CustomerID>000000</CustomerID></Customer>") == Members{});
}

TEST_CASE("times keep their offset, wherever it stands", "[poslog]")
{
    const auto at = [](const std::string& times) {
        return only("<POSLog><Transaction><SequenceNumber>1</SequenceNumber>" + times
                    + "<RetailTransaction>" + sold("1", "5") + grand("5")
                    + "</RetailTransaction></Transaction></POSLog>")
            .at;
    };
    const auto exact = at("<EndDateTime>2026-11-22T10:00:00.1234567+09:00</EndDateTime>");
    REQUIRE(exact);
    CHECK_FALSE(exact->local);
    CHECK(exact->time == *parse_instant("2026-11-22T01:00:00.123Z"));
    const auto beside =
        at("<EndDateTime r10Ex:Offset=\"07:00:00\" xmlns:r10Ex=\"x\">2026-11-22T10:00:00"
           "</EndDateTime>");
    REQUIRE(beside);
    CHECK_FALSE(beside->local);
    CHECK(beside->time == *parse_instant("2026-11-22T03:00:00Z"));
    const auto phases =
        at("<EndDateTime TypeCode=\"Sales\">2026-11-22T10:00:00</EndDateTime>"
           "<EndDateTime TypeCode=\"Payment\">2026-11-22T10:01:00</EndDateTime>");
    REQUIRE(phases);
    CHECK(phases->local);
    CHECK(phases->time == *parse_instant("2026-11-22T10:01:00Z"));
    CHECK(at("<POSLogDateTime>2026-11-22T10:00:00</POSLogDateTime>").has_value());
    CHECK_FALSE(at("<EndDateTime>yesterday</EndDateTime>").has_value());
}

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

TEST_CASE("the catalog's reader tells receipts, with the store's currency and kind of member",
          "[poslog]")
{
    const auto* row = drivers::find_driver("poslog");
    REQUIRE(row != nullptr);
    CHECK(row->reader == "pos-poslog");
    drivers::Options options;
    options.currency = "THB";
    options.member_kind = "app";
    auto translator = row->listen(options);
    REQUIRE(translator.has_value());
    std::vector<Reading> readings;
    const auto tell = [&](Reading reading) { readings.push_back(std::move(reading)); };
    const std::string log =
        "<POSLog><Transaction><SequenceNumber>7</SequenceNumber><RetailTransaction>"
        "<Customer><CustomerID>99</CustomerID></Customer>" + grand("5")
        + "</RetailTransaction></Transaction><Transaction><SequenceNumber>8</SequenceNumber>"
          "<ControlTransaction/></Transaction></POSLog>";
    (*translator)->feed(bytes_of(log), tell);
    (*translator)->finish(tell);
    REQUIRE(readings.size() == 2);
    const auto* receipt = std::get_if<ReceiptRead>(&readings[0]);
    REQUIRE(receipt != nullptr);
    CHECK(receipt->number == "7");
    CHECK(receipt->token == "app:99");
    CHECK(receipt->currency == "THB");
    CHECK(std::get<Garbled>(readings[1]).why == "the register's own doings");
}
