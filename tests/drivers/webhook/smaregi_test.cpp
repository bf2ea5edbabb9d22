// What Smaregi sends: notices in both shapes, and whole transactions where somebody fetched them.
#include "tests/drivers/webhook/told.hpp"

using namespace raiten::test;

namespace {

std::string transaction(const std::string& more)
{
    return R"({"transactionHeadId":"71","transactionDateTime":"2026-11-22T10:05:00+09:00",)"
           R"("terminalTranDateTime":"2026-11-22T10:00:00+09:00","total":"1180","storeId":"1","terminalId":"2",)"
           R"("sumDate":"2026-11-22","customerId":"12","customerCode":"2900000000018",)"
           R"("details":[{"productId":"8","productCode":"4901234567894","productName":"緑茶","categoryName":"茶",)"
           R"("salesPrice":"640","quantity":"2"}])"
           + more + "}";
}

const std::string what = " 71 JPY 1180 store=1 register=2 member=2900000000018 member=12";
const std::string line = " [4901234567894|緑茶|2|1280|茶]";
const std::string rest = " day=2026-11-22 at=1795309200000" + line;

}  // namespace

TEST_CASE("smaregi: a notice in either shape says only that something happened", "[webhook]")
{
    CHECK(
        text_of(read(
            "smaregi",
            R"({"contractId":"c","event":"pos:transactions","action":"created","transactionHeadIds":["3","4"]})"))
        == "notice 3\nnotice 4\n");
    const std::string older =
        R"({"event":"pos:transactions","action":"created","contractId":"c","data":{"transactionHeadId":"12345"}})";
    CHECK(text_of(read("smaregi", older)) == "notice 12345\n");
    CHECK(receipts_of("smaregi", older) == "a notice without contents\n");
    CHECK(text_of(read(
              "smaregi",
              R"({"contractId":"c","transactionHeadIds":["8"],"data":[{"transactionHeadId":9}]})"))
          == "notice 8\nnotice 9\n");
    CHECK(text_of(read("smaregi", R"({"event":"pos:transactions","action":"bulk-deleted"})"))
          == "notice \n");
    CHECK(receipts_of("smaregi",
                      R"({"event":"pos:products","action":"edited","contractId":"c","ids":["1"]})")
          == "an event that is not about a sale\n");
}

TEST_CASE("smaregi: a head is a sale of its own total, whatever its lines sum to", "[webhook]")
{
    const auto sale =
        transaction(R"(,"transactionHeadDivision":"1","cancelDivision":"0","disposeDivision":"0")");
    CHECK(text_of(read("smaregi", sale)) == "sale" + what + rest + "\n");
    CHECK(receipts_of("smaregi", sale) == "sale 71 1180 JPY card:2900000000018\n");
    CHECK(text_of(read("smaregi", "[" + sale + "," + sale + "]"))
          == "sale" + what + rest + "\nsale" + what + rest + "\n");
    CHECK(text_of(read("smaregi", "{\"result\":[" + sale + "]}")) == "sale" + what + rest + "\n");
}

TEST_CASE("smaregi: returns, and what is undone by itself or by another", "[webhook]")
{
    const auto head = [](const std::string& more) {
        return text_of(read("smaregi", transaction(R"(,"transactionHeadDivision":"1")" + more)));
    };
    CHECK(head(R"(,"returnSales":"1")") == "refund" + what + rest + "\n");
    CHECK(head(R"(,"cancelDivision":"1","cancelDateTime":"2026-11-22T10:00:01+09:00")")
          == "void" + what + " of=71 day=2026-11-22 at=1795309201000" + line + "\n");
    CHECK(head(R"(,"disposeDivision":"2","disposeServerTransactionHeadId":"70")")
          == "void" + what + " of=70" + rest + "\n");
    CHECK(head(R"(,"disposeDivision":"1")") == "sale" + what + rest + "\n");
    CHECK(text_of(read("smaregi",
                       R"({"transactionHeadId":"5","transactionHeadDivision":"1","total":"-300"})"))
          == "refund 5 JPY 300\n");
}

TEST_CASE("smaregi: what the register books besides sales", "[webhook]")
{
    const auto kind = [](const std::string& code) {
        return text_of(
            read("smaregi", R"({"transactionHeadId":"5","total":"300","transactionHeadDivision":")"
                                + code + "\"}"));
    };
    CHECK(kind("2") == "control 5 JPY 300 -- money put into the drawer\n");
    CHECK(kind("4") == "control 5 JPY 300 -- a deposit, not a sale\n");
    CHECK(kind("6") == "loyalty 5 JPY 300 -- points added\n");
    CHECK(kind("10") == "order 5 JPY 300 -- laid away, not sold yet\n");
    CHECK(kind("99") == "control 5 JPY 300 -- a kind of transaction that is no sale\n");
    CHECK(text_of(read("smaregi", R"({"transactionHeadId":"5","transactionHeadDivision":"1"})"))
          == "sale 5 JPY 0 -- a sale without a total\n");
}

TEST_CASE("smaregi: tables of the older interface, lines found by their head", "[webhook]")
{
    CHECK(
        text_of(read(
            "smaregi",
            R"({"data":[{"table_name":"TransactionHead","rows":[)"
            R"({"transactionHeadId":"1","transactionHeadDivision":"1","total":"100","terminalTranDateTime":"2026-11-22 10:00:00"},)"
            R"({"transactionHeadId":"2","transactionHeadDivision":"1","total":"200"}]},)"
            R"({"table_name":"TransactionDetail","rows":[)"
            R"({"transactionHeadId":"2","productCode":"B","salesPrice":"200","quantity":"1"},)"
            R"({"transactionHeadId":"1","productCode":"A","salesPrice":"50","quantity":"2"},)"
            R"({"transactionHeadId":"1","productCode":"C","salesPrice":"50","quantity":"1","transactionDetailDivision":"2"}]}]})"))
        == "sale 1 JPY 100 wall=1795341600000 [A||2|100] [C||1|-50]\nsale 2 JPY 200 [B||1|200]\n");
}

TEST_CASE("smaregi: tables within parameters, as an object or as a text", "[webhook]")
{
    const std::string tables =
        R"({"data":[{"table_name":"TransactionHead","rows":[{"transactionHeadId":"1","transactionHeadDivision":"1","total":"100"}]}]})";
    std::string quoted;
    for (const char c : tables) quoted += c == '"' ? std::string{"\\\""} : std::string{c};
    CHECK(text_of(read("smaregi", R"({"proc_name":"transaction_upd","params":)" + tables + "}"))
          == "sale 1 JPY 100\n");
    CHECK(text_of(read("smaregi", R"({"proc_name":"transaction_upd","params":")" + quoted + "\"}"))
          == "sale 1 JPY 100\n");
    CHECK(receipts_of("smaregi", R"({"proc_name":"x","params":"nonsense"})")
          == "JSON that this service does not send\n");
}
