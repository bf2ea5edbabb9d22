#include "raiten_embedded/fixtures.hpp"
#include "tests/http/shop.hpp"

using namespace raiten::http;
using namespace raiten::http::test;

TEST_CASE("files become part of the program, byte for byte")
{
    const auto files = embedded::fixtures();
    REQUIRE(files.size() == 3);
    CHECK(find_embedded(files, "page.html")->content.find("<title>来店</title>")
          != std::string_view::npos);
    CHECK(find_embedded(files, "empty.txt")->content.empty());
    const auto bytes = find_embedded(files, "bytes.bin")->content;
    REQUIRE(bytes.size() == 256);
    for (std::size_t i = 0; i < 256; ++i) CHECK(static_cast<unsigned char>(bytes[i]) == i);
    CHECK_FALSE(find_embedded(files, "page"));
}

TEST_CASE("the page is served to everybody, framed by nobody, and loaded once")
{
    Shop shop;
    const auto files = embedded::fixtures();
    shop.router.mount(asset_of("/", *find_embedded(files, "page.html")));
    shop.router.mount(asset_of("/bytes.bin", *find_embedded(files, "bytes.bin")));
    shop.open();
    auto client = shop.client();
    const auto page = client.get("/");
    CHECK(page->header("content-type") == "text/html; charset=utf-8");
    CHECK(page->header("content-security-policy").starts_with("default-src 'self'"));
    CHECK(page->header("content-security-policy").find("frame-ancestors 'none'")
          != std::string::npos);
    CHECK(page->header("referrer-policy") == "no-referrer");
    CHECK(page->header("cache-control") == "no-cache");
    const auto same = client.get("/", "If-None-Match: " + page->header("etag") + "\r\n");
    CHECK(same->status == 304);
    // A browser puts the fields of a 304 over those it kept: the page's policy must survive.
    CHECK(same->header("content-security-policy").empty());
    CHECK(client.get("/bytes.bin")->body.size() == 256);
}
