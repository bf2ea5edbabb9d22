#include "tests/devices/shop_floor.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <catch2/catch.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>

#include <array>
#include <fstream>

/// POS services that post what they sold, as they reach the store: over TCP, without a token.
using namespace raiten;
using namespace raiten::test;
namespace net = boost::asio;

namespace {

const std::string key = "s3cret-of-the-service";
const std::string square_url = "https://shop.example/api/v1/webhooks/square-1";

/// base64(HMAC-SHA-256)
std::string signature(const std::string& text, const std::string& with = key)
{
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    ::HMAC(::EVP_sha256(), with.data(), static_cast<int>(with.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    std::array<unsigned char, 64> out{};
    const int length = ::EVP_EncodeBlock(out.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(length)};
}

std::string payment(const std::string& status, const std::string& at)
{
    return R"({"type":"payment.updated","data":{"type":"payment","object":{"payment":{"id":"p1",)"
           R"("status":")"
           + status + R"(","created_at":")" + at
           + R"(","customer_id":"QX7","location_id":"L1","amount_money":{"amount":1280,)"
             R"("currency":"JPY"},"application_details":{"square_product":"SQUARE_POS"}}}}})";
}

std::string order(const std::string& at)
{
    return R"({"id":450789469,"name":"1001","currency":"JPY","total_price":"2550",)"
           R"("processed_at":")"
           + at
           + R"(","customer":{"id":207119551},"financial_status":"paid","source_name":"pos",)"
             R"("test":false,"cancelled_at":null,"line_items":[{"sku":"TEA","name":"Tea",)"
             R"("quantity":1,"price":"2550"}],"refunds":[]})";
}

struct Counter {
    Counter()
        : floor{floor_rules(soon_settled)
                + reader_section("square-1", "pos-webhook",
                                 "zone = \"register\"\nformat = \"square\"\nkeys = [\"" + key_file()
                                     + "\"]\nurl = \"" + square_url + "\"\n")
                + reader_section(
                    "shopify-1", "pos-webhook",
                    "zone = \"register\"\nformat = \"shopify\"\nkeys = [\"" + key_file() + "\"]\n")}
    {
        const auto address = address_in(floor.box.log(), "http.listening");
        REQUIRE(!address.empty());
        port = static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
    }
    std::string key_file() const
    {
        const auto path = folder.file("service.key");
        std::ofstream{path} << key << "\n";
        REQUIRE(::chmod(path.c_str(), S_IRUSR | S_IWUSR) == 0);
        return path;
    }

    HttpReply post(const std::string& reader, const std::string& body, const std::string& header,
                   const std::string& value)
    {
        net::ip::tcp::socket service{floor.io};
        service.connect({net::ip::make_address("127.0.0.1"), port});
        std::string request = "POST /api/v1/webhooks/" + reader
                              + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                "Content-Type: application/json\r\nContent-Length: "
                              + std::to_string(body.size()) + "\r\n";
        if (!header.empty()) request += header + ": " + value + "\r\n";
        net::write(service, net::buffer(request + "\r\n" + body));
        std::string text;
        boost::system::error_code ec;
        net::read(service, net::dynamic_buffer(text), ec);
        REQUIRE(text.starts_with("HTTP/1.1 "));
        return {std::stoi(text.substr(9, 3)), text.substr(text.find("\r\n\r\n") + 4)};
    }
    HttpReply by_square(const std::string& body)
    {
        return post("square-1", body, "X-Square-HmacSha256-Signature",
                    signature(square_url + body));
    }
    HttpReply by_shopify(const std::string& body)
    {
        return post("shopify-1", body, "X-Shopify-Hmac-Sha256", signature(body));
    }

    TempFolder folder;
    ShopFloor floor;
    std::uint16_t port{};
};

}  // namespace

TEST_CASE("Square posts a payment twice and in two states: one purchase", "[devices][webhook]")
{
    Counter counter;
    auto& floor = counter.floor;
    floor.box.enrol("ann", "app:QX7");
    const auto at = floor.started_at();

    const auto approved = counter.by_square(payment("APPROVED", at));
    CHECK(approved.status == 200);
    CHECK(body_of(approved)["receipts"] == 0);
    CHECK(body_of(approved)["ignored_count"] == 1);
    CHECK(floor.counted("receipts") == 0);

    const auto completed = counter.by_square(payment("COMPLETED", at));
    CHECK(completed.status == 200);
    CHECK(body_of(completed)["receipts"] == 1);
    const auto again = counter.by_square(payment("COMPLETED", at));
    CHECK(again.status == 200);
    CHECK(body_of(again)["receipts"] == 0);
    CHECK(body_of(again)["duplicates"] == 1);

    REQUIRE(floor.until_purchase("ann"));
    CHECK(visits_of(floor.box, "ann").size() == 1);
    CHECK(visits_of(floor.box, "ann")[0]["spend"] == "1280");
    CHECK(reader_of(floor.box, "square-1")["state"] == "up");
    CHECK(floor.reader_metric("readings_total", "square-1") >= 1);
    CHECK(floor.reader_metric("readings_total", "shopify-1") == 0);
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("Shopify posts an order of the shop's register: a purchase, once", "[devices][webhook]")
{
    Counter counter;
    auto& floor = counter.floor;
    floor.box.enrol("ben", "card:207119551");
    const auto at = floor.started_at();
    CHECK(body_of(counter.by_shopify(order(at)))["receipts"] == 1);
    CHECK(body_of(counter.by_shopify(order(at)))["duplicates"] == 1);
    REQUIRE(floor.until_purchase("ben"));
    CHECK(visits_of(floor.box, "ben")[0]["spend"] == "2550");
    CHECK(floor.box.stop() == 0);
}

TEST_CASE("who does not sign as the service does is turned away, and nothing counts",
          "[devices][webhook]")
{
    Counter counter;
    auto& floor = counter.floor;
    floor.box.enrol("ann", "app:QX7");
    const auto body = payment("COMPLETED", floor.started_at());
    const std::string header = "X-Square-HmacSha256-Signature";
    CHECK(counter.post("square-1", body, header, signature(square_url + body, "guess")).status
          == 401);
    CHECK(counter.post("square-1", body + " ", header, signature(square_url + body)).status == 401);
    CHECK(counter.post("square-1", body, header, signature(body)).status == 401);  // no address
    CHECK(counter.post("square-1", body, "", "").status == 401);
    // Shopify's proof at Square's door.
    CHECK(counter.post("square-1", body, "X-Shopify-Hmac-Sha256", signature(body)).status == 401);
    CHECK(counter.post("nobody", body, header, signature(square_url + body)).status == 404);
    CHECK(counter.by_square("{\"payment\":").status == 422);
    CHECK(floor.counted("receipts") == 0);
    CHECK(visits_of(floor.box, "ann").empty());
    CHECK(metric(floor.box.get("/metrics").body, "raiten_events_refused_total") == 6);
    CHECK(body_of(counter.by_square(body))["receipts"] == 1);  // the door is still open
    CHECK(floor.box.stop() == 0);
}
