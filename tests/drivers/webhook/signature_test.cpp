// Who sent it: expected values made with `openssl dgst -sha256 -hmac KEY -binary | base64`.
#include "drivers/webhook/signature.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace raiten::drivers::webhook;

namespace {

const std::string url = "https://example.com/api/v1/webhooks/square-1";
const std::string body = R"({"type":"payment.updated","data":{"id":"p1"}})";
const std::vector<std::string> keys{"old-key", "new-key"};
const std::vector<std::string> others{"other-key"};
const std::vector<std::string> none{};
const std::vector<std::string> blank{""};

const std::string square_new = "CscwZfT+Cq+uGUjsbeX3atHLzncm8u/Jcpclqk5liTc=";
const std::string square_old = "gZ+8oR++EJzMXjjz76bg1kvPtzMQw9KZlqXvLy44dCo=";
const std::string shopify_new = "to2oUV2plzpE0zqjtCbG3bME/OXqjwze22QrpNothjQ=";

std::string damaged(std::string text, std::size_t at)
{
    text[at] = text[at] == 'A' ? 'B' : 'A';
    return text;
}

}  // namespace

TEST_CASE("signature: Square signs the address and the body", "[webhook]")
{
    CHECK(check_square(keys, url, body, square_new) == Proof::genuine);
    CHECK(check_square(keys, url, body, square_old) == Proof::genuine);  // while the key changes
    CHECK(check_square(others, url, body, square_new) == Proof::wrong);
    CHECK(check_square(keys, url + "/", body, square_new) == Proof::wrong);
    CHECK(check_square(keys, url, body + " ", square_new) == Proof::wrong);
    CHECK(check_square(keys, url, body, shopify_new) == Proof::wrong);
    // Square's own example, from its documentation.
    const std::vector<std::string> documented{"asdf1234"};
    CHECK(check_square(documented, "https://example.com/webhook", R"({"hello":"world"})",
                       "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=")
          == Proof::genuine);
}

TEST_CASE("signature: Shopify signs the body", "[webhook]")
{
    CHECK(check_shopify(keys, body, shopify_new) == Proof::genuine);
    CHECK(check_shopify(keys, body, square_new) == Proof::wrong);
    CHECK(check_shopify(others, body, shopify_new) == Proof::wrong);
}

TEST_CASE("signature: a shared secret is shown as it is", "[webhook]")
{
    CHECK(check_shared_secret(keys, "new-key") == Proof::genuine);
    CHECK(check_shared_secret(keys, "old-key") == Proof::genuine);
    CHECK(check_shared_secret(keys, "new-ke") == Proof::wrong);
    CHECK(check_shared_secret(keys, "new-key ") == Proof::wrong);
}

TEST_CASE("signature: nothing is believed without a key or a signature", "[webhook]")
{
    CHECK(check_square(keys, url, body, "") == Proof::missing);
    CHECK(check_shopify(keys, body, "") == Proof::missing);
    CHECK(check_shared_secret(keys, "") == Proof::missing);
    CHECK(check_shopify(none, body, shopify_new) == Proof::no_key);
    // An empty key would let everybody in who knows that it is empty.
    CHECK(check_shopify(blank, body, "UpB6ESCb9m2hFBEQRZtRRr2/K4LnIZxzNLzA3KhCDUg=")
          == Proof::no_key);
    CHECK(check_shared_secret(blank, "") == Proof::no_key);
    CHECK(text(Proof::wrong).find("key") != std::string_view::npos);
}

TEST_CASE("signature: one changed letter, one more or one less is wrong", "[webhook]")
{
    for (std::size_t i = 0; i < shopify_new.size(); ++i)
        CHECK(check_shopify(keys, body, damaged(shopify_new, i)) == Proof::wrong);
    for (std::size_t i = 0; i < body.size(); ++i)
        CHECK(check_shopify(keys, damaged(body, i), shopify_new) == Proof::wrong);
    CHECK(check_shopify(keys, body, shopify_new + "=") == Proof::wrong);
    CHECK(check_shopify(keys, body, shopify_new.substr(1)) == Proof::wrong);
}
