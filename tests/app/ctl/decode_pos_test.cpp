// The layer below receipts: what a service's records are, and why they are purchases or not.
#include "daemon/app/ctl/decoder.hpp"
#include "daemon/app/store_clock.hpp"
#include "daemon/base/hex.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace raiten;
using namespace raiten::app;
using namespace raiten::app::ctl;

namespace {

std::vector<std::string> raw(const std::string& format, const std::string& text,
                             std::vector<std::string>* skipped = nullptr)
{
    DecodeOptions options;
    options.format = format;
    options.raw = true;
    const auto clock = make_store_clock("Asia/Tokyo", std::chrono::minutes{0});
    REQUIRE(clock.has_value());
    options.clock = *clock;
    const auto decoder = make_pos_raw_decoder(std::move(options));
    REQUIRE(decoder != nullptr);
    std::vector<std::string> lines;
    const DecodeSink sink{[&](const std::string& line) { lines.push_back(line); },
                          [&](std::string_view why, std::uint64_t, std::string_view) {
                              if (skipped != nullptr) skipped->emplace_back(why);
                          }};
    decoder->feed(bytes_of(text), sink);
    decoder->finish(sink);
    CHECK(decoder->understood() == lines.size());
    for (const auto& line : lines) CHECK(nlohmann::json::accept(line));
    return lines;
}

}  // namespace

TEST_CASE("decode --raw: a sale, with every key", "[decode][webhook]")
{
    CHECK(
        raw("smaregi",
            R"({"transactionHeadId":"7","transactionHeadDivision":"1","total":"1180","storeId":"1","terminalId":"2",)"
            R"("sumDate":"2026-11-22","terminalTranDateTime":"2026-11-22 10:00:00","customerCode":"29","details":[{},{}]})")
        == std::vector<std::string>{
            R"({"type":"transaction","kind":"sale","number":"7","register":"2","store":"1","business_day":"2026-11-22",)"
            R"("at":"2026-11-22T10:00:00.000+09:00","currency":"JPY","total":"1180","members":["29"],"refers_to":null,)"
            R"("lines":2,"purchase":true,"why":"sold in this store"})"});
}

TEST_CASE("decode --raw: what is no purchase says why", "[decode][webhook]")
{
    std::vector<std::string> skipped;
    CHECK(
        raw("square",
            R"({"payment":{"id":"p","status":"APPROVED","amount_money":{"amount":1000,"currency":"USD"}}})"
            "\n"
            R"({"refund":{"id":"r","payment_id":"p","status":"COMPLETED","amount_money":{"amount":555,"currency":"USD"}}})"
            "\n"
            R"({"type":"order.created","data":{"object":{"order_created":{"order_id":"o","state":"OPEN"}}}})"
            "\nnonsense\n",
            &skipped)
        == std::vector<std::string>{
            R"({"type":"transaction","kind":"payment","number":"p","register":null,"store":null,"business_day":null,)"
            R"("at":null,"currency":"USD","total":"10.00","members":[],"refers_to":null,"lines":0,"purchase":false,)"
            R"("why":"the payment is approved, not completed yet"})",
            R"({"type":"transaction","kind":"refund","number":"r","register":null,"store":null,"business_day":null,)"
            R"("at":null,"currency":"USD","total":"5.55","members":[],"refers_to":"p","lines":0,"purchase":false,)"
            R"("why":"money paid back"})",
            R"({"type":"transaction","kind":"order","number":"o","register":null,"store":null,"business_day":null,)"
            R"("at":null,"currency":null,"total":null,"members":[],"refers_to":null,"lines":0,"purchase":false,)"
            R"("why":"the order is still open"})"});
    CHECK(skipped == std::vector<std::string>{"not JSON"});
}

TEST_CASE("decode --raw: only formats of registers and services", "[decode][webhook]")
{
    DecodeOptions options;
    options.format = "escpos";
    CHECK(make_pos_raw_decoder(options) == nullptr);
}
