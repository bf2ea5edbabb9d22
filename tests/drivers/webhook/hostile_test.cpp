// Whatever a line does to a message: the same wherever it is cut, no crash and no false sale
// whatever byte is damaged, and the next message is heard.
#include "tests/drivers/webhook/told.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace raiten;
using namespace raiten::test;

namespace {

struct Sample {
    std::string format;
    std::string name;
    std::string text;
};

/// The inputs that fuzzing begins with: made by hand, one of every kind.
std::vector<Sample> samples()
{
    std::vector<Sample> all;
    for (const char* format : {"smaregi", "square", "shopify"}) {
        const auto folder =
            std::filesystem::path{RAITEN_SOURCE_DIR} / "tests" / "fuzz" / "corpus" / format;
        for (const auto& file : std::filesystem::directory_iterator{folder}) {
            std::ifstream in{file.path(), std::ios::binary};
            all.push_back({format,
                           file.path().filename().string(),
                           {std::istreambuf_iterator<char>{in}, {}}});
        }
    }
    return all;
}

/// A sale of each service, one line.
const std::vector<std::pair<std::string, std::string>> next_sales{
    {"smaregi", R"({"transactionHeadId":"990","transactionHeadDivision":"1","total":"77"})"},
    {"square",
     R"({"payment":{"id":"990","status":"COMPLETED","amount_money":{"amount":77,"currency":"JPY"}}})"},
    {"shopify",
     R"({"id":990,"source_name":"pos","financial_status":"paid","total_price":"77","currency":"JPY"})"},
};

}  // namespace

TEST_CASE("webhook hostile: cut anywhere, every message tells the same", "[webhook]")
{
    const auto all = samples();
    REQUIRE(all.size() >= 15);
    for (const auto& sample : all) {
        INFO(sample.format << "/" << sample.name);
        const auto whole = text_of(read(sample.format, sample.text));
        CHECK_FALSE(whole.empty());
        for (std::size_t at = 0; at <= sample.text.size(); ++at)
            if (text_of(read(sample.format, sample.text, at)) != whole) {
                FAIL_CHECK("cut at byte " << at);
                break;
            }
    }
}

TEST_CASE("webhook hostile: any one byte damaged, and the next message is heard", "[webhook]")
{
    constexpr std::string_view damage{"\"{}\n\xff"};  // two of them at every byte
    for (const auto& sample : samples()) {
        const auto next = std::find_if(next_sales.begin(), next_sales.end(),
                                       [&](const auto& it) { return it.first == sample.format; });
        std::size_t deaf = 0;
        for (std::size_t at = 0; at < sample.text.size(); ++at)
            for (const std::size_t turn : {0U, 2U}) {
                auto text = sample.text;
                text[at] = damage[(at + turn) % damage.size()];
                const auto told = read(sample.format, text + "\n" + next->second + "\n");
                const bool heard =
                    !told.transactions.empty() && told.transactions.back().number == "990";
                deaf += heard ? 0U : 1U;
            }
        INFO(sample.format << "/" << sample.name);
        CHECK(deaf == 0);
    }
}

TEST_CASE("webhook hostile: amounts of any size stay amounts or are refused", "[webhook]")
{
    for (const std::string amount :
         {"99999999999999", "999999999999999999999999", "-1", "1e5", "0.00001", "1.", "\"\"",
          "\"1,280\"", "null", "true", "[]", "{}", "99999999999999.9999"}) {
        INFO(amount);
        for (const auto& body :
             {R"({"transactionHeadId":"1","transactionHeadDivision":"1","total":)" + amount
                  + R"(,"details":[{"salesPrice":)" + amount + R"(,"quantity":)" + amount + "}]}",
              R"({"id":1,"source_name":"pos","financial_status":"paid","total_price":)" + amount
                  + R"(,"currency":"JPY","line_items":[{"price":)" + amount + R"(,"quantity":)"
                  + amount + R"(,"discount_allocations":[{"amount":)" + amount + R"(},{"amount":)"
                  + amount + "}]}]}",
              R"({"id":"1","status":"COMPLETED","amount_money":{"currency":"JPY","amount":)"
                  + amount + "}}"}) {
            for (const char* format : {"smaregi", "shopify", "square"})
                for (const auto& it : read(format, body).transactions) CHECK(it.total >= Money{});
        }
    }
}

TEST_CASE("webhook hostile: many heads with many lines take no square of time", "[webhook]")
{
    std::string heads;
    std::string lines;
    for (int i = 0; i < 5'000; ++i) {
        heads +=
            (i > 0 ? "," : "")
            + std::string{R"({"transactionHeadId":"1","transactionHeadDivision":"1","total":"1"})"};
        lines += (i > 0 ? "," : "") + std::string{R"({"transactionHeadId":"1","productCode":"A"})"};
    }
    const auto told =
        read("smaregi", R"({"data":[{"table_name":"TransactionHead","rows":[)" + heads
                            + R"(]},{"table_name":"TransactionDetail","rows":[)" + lines + "]}]}");
    REQUIRE(told.transactions.size() == 5'000);
    CHECK(told.transactions[0].lines.size() == drivers::pos::lines_max);
    CHECK(told.transactions[1].lines.empty());
}

TEST_CASE("webhook hostile: long and strange texts are cut, ids are not", "[webhook]")
{
    std::string name;
    for (int i = 0; i < 200; ++i) name += "茶";
    const auto told = read(
        "square",
        R"({"payment":{"id":")" + std::string(500, 'x')
            + R"(","order_id":"o","status":"COMPLETED","amount_money":{"amount":1,"currency":"JPY"}},)"
              R"("order":{"id":"o","line_items":[{"name":")"
            + name + R"("},{"name":"a\u0000\tb"}]}})");
    REQUIRE(told.transactions.size() == 2);
    CHECK(told.transactions[0].number.empty());
    REQUIRE(told.transactions[0].lines.size() == 2);
    CHECK(told.transactions[0].lines[0].name.size() == 255);  // whole characters
    CHECK(told.transactions[0].lines[1].name == "a  b");
    CHECK(drivers::pos::judge(told.transactions[0], {}).why_not
          == "a transaction without a number");
}
