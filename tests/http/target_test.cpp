#include "daemon/http/target.hpp"
#include "daemon/http/router.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace raiten::http;

TEST_CASE("escapes become the bytes they name, or nothing")
{
    CHECK(decode_percent("a%20b+c") == "a b+c");
    CHECK(decode_percent("%e6%9d%a5") == "来");
    for (const auto* const broken : {"%", "%4", "%zz", "%00", "%0a", "%7f", "%ff", "%c0%80",
                                     "%ed%a0%80", "%f4%90%80%80", "%e6%9d"}) {
        INFO(broken);
        CHECK_FALSE(decode_percent(broken));
    }
}

TEST_CASE("a path is split before it is decoded")
{
    CHECK(split_path("/a%2Fb/c") == std::vector<std::string>{"a/b", "c"});
    CHECK(split_path("/") == std::vector<std::string>{""});
    CHECK_FALSE(split_path("a"));
    CHECK_FALSE(split_path(""));
}

TEST_CASE("a query has names, each once")
{
    const auto pairs = split_query("a=1&&b=x%3Dy&c&d=");
    REQUIRE(pairs);
    CHECK(*pairs == Fields{{"a", "1"}, {"b", "x=y"}, {"c", ""}, {"d", ""}});
    CHECK_FALSE(split_query("a=1&a=2"));
    CHECK_FALSE(split_query("a=%f"));
    std::string many;
    for (int i = 0; i < 33; ++i) many += "k" + std::to_string(i) + "&";
    CHECK_FALSE(split_query(many));
    CHECK_FALSE(split_query("a=" + std::string(2049, 'x')));
}

TEST_CASE("mistakes in the table of routes show when it is made")
{
    const Handler handler = [](Request) -> boost::asio::awaitable<Response> {
        co_return Response{};
    };
    Router router;
    router.add({"GET", "/a/{x}", {}, 0, handler});
    router.add({"GET", "/a/b", {}, 0, handler});
    CHECK_THROWS_AS(router.add({"GET", "/a/{y}", {}, 0, handler}), std::logic_error);
    CHECK_THROWS_AS(router.add({"GET", "no slash", {}, 0, handler}), std::logic_error);
    CHECK_THROWS_AS(router.add({"BREW", "/tea", {}, 0, handler}), std::logic_error);
    CHECK_THROWS_AS(router.add({"GET", "/nobody", {}, 0}), std::logic_error);
    CHECK(router.find("GET", "/a/b").route->pattern == "/a/b");
    CHECK(router.find("GET", "/a/c").route->pattern == "/a/{x}");
    CHECK_FALSE(router.find("GET", "/a/").route);
}
