#include "drivers/poslog/poslog.hpp"

#include "daemon/base/iso8601.hpp"
#include "drivers/catalog.hpp"
#include "tests/drivers/poslog/register.hpp"

#include <catch2/catch.hpp>

#include <variant>

using namespace raiten;
using namespace raiten::test;

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
    const auto channel = [&](const std::string& text) {
        return std::string{only("<POSLog><Transaction>" + text + head + "<RetailTransaction>" + body
                                + "</RetailTransaction></Transaction></POSLog>")
                               .not_here};
    };
    CHECK(channel("<Channel><ChannelID Description=\"WebStore\"/></Channel>") == "ordered online");
    CHECK(channel("<Channel><ChannelID>eCommerce</ChannelID></Channel>") == "ordered online");
    CHECK(channel("<Channel><TouchPointID PhysicalDigitalCode=\"Digital\"/></Channel>")
          == "ordered online");
    // A tablet on the floor.
    CHECK(channel("<Channel OnLineOffLineTypeCode=\"OffLine\"><TouchPointID "
                  "PhysicalDigitalCode=\"Digital\"/></Channel>")
          == "");
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
    CHECK(only(log_of(retail(returned("2", "8") + grand("-8") + resumed))).refers_to == "");
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
    const auto body_of_its_own = only(log_of("<Transaction>" + head + "<PostVoidTransaction>" + link
                                             + "</PostVoidTransaction></Transaction>"));
    CHECK(body_of_its_own.kind == Kind::void_);
    CHECK(body_of_its_own.refers_to == "3-85");
    CHECK(body_of_its_own.not_here == "");
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
    CHECK(total("<LineItem><Total TotalType=\"TransactionGrandAmount\">10</Total></LineItem>")
          == "10");
    CHECK(total("<LineItem><Total TotalType=\"Subtotal\">7</Total></LineItem>" + tender("10"))
          == "10");
    CHECK(total("<Total TotalType=\"TransactionGrandAmount\" TypeCode=\"Return\">2</Total>"
                + grand("10"))
          == "10");
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
