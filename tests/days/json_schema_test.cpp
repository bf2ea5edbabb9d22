#include "tests/days/json_schema.hpp"
#include "tests/app/ctl/tool.hpp"

#include <catch2/catch.hpp>

using namespace raiten::test;
using Json = nlohmann::json;

TEST_CASE("schema: what the validator takes and what it refuses", "[days][schema]")
{
    const auto document = Json::parse(R"({
        "$defs": {"name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 4}},
        "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": {
            "name": {"$ref": "#/$defs/name"},
            "count": {"type": ["integer", "null"], "minimum": 1, "maximum": 9},
            "at": {"type": "string", "format": "date-time"},
            "list": {"type": "array", "items": {"enum": ["a", 1]}, "maxItems": 2},
            "one": {"oneOf": [{"const": 1}, {"type": "string"}]}}})");
    const auto fits = [&](const char* text) {
        return violation(Json::parse(text), document, document).empty();
    };
    CHECK(unsound(document, document) == "");
    CHECK(fits(R"({"name":"abc","count":3,"at":"2026-11-02T10:00:00+09:00","list":["a",1]})"));
    CHECK(fits(R"({"name":"a","count":null,"one":1})"));
    CHECK(fits(R"({"name":"a","one":"x"})"));
    for (const auto* wrong :
         {"[]", "{}", R"({"name":1})", R"({"name":"ABC"})", R"({"name":"abcde"})",
          R"({"name":"a","count":0})", R"({"name":"a","count":10})", R"({"name":"a","count":1.5})",
          R"({"name":"a","at":"2026-11-02"})", R"({"name":"a","list":["b"]})",
          R"({"name":"a","list":[1,1,1]})", R"({"name":"a","one":2})",
          R"({"name":"a","more":1})"}) {
        INFO(wrong);
        CHECK_FALSE(fits(wrong));
    }
    CHECK(unsound(Json::parse(R"({"typ":"string"})"), document) == "#/typ: no such keyword");
    CHECK(unsound(Json::parse(R"({"items":{"$ref":"#/$defs/no"}})"), document) != "");
    CHECK(unsound(Json::parse(R"({"type":"string","example":1})"), document) != "");
}

TEST_CASE("schema: the example campaigns are such by their schema", "[days][schema]")
{
    const std::string root{RAITEN_SOURCE_DIR};
    const auto schema = Json::parse(Scratch::content(root + "/config/campaign.schema.json"));
    CHECK(unsound(schema, schema) == "");
    for (const auto* file : {"/config/campaigns/came-back-empty-handed.json",
                             "/config/campaigns/examples/cake-with-the-coffee.json",
                             "/config/campaigns/examples/dormant-for-90-days.json",
                             "/config/campaigns/examples/first-purchase.json",
                             "/config/campaigns/examples/three-hours-before-the-visit.json",
                             "/tests/days/campaigns/come-back.json"}) {
        INFO(file);
        const auto campaign = Json::parse(Scratch::content(root + file));
        CHECK(violation(campaign, schema, schema) == "");
        // The schema and the product agree on it.
        const auto linted = raitenctl({"campaigns", "lint", root + file});
        INFO(linted.err);
        CHECK(linted.code == 0);
    }
}

TEST_CASE("schema: what the campaign schema refuses, raitenctl campaigns lint refuses too",
          "[days][schema]")
{
    const std::string root{RAITEN_SOURCE_DIR};
    const auto schema = Json::parse(Scratch::content(root + "/config/campaign.schema.json"));
    const auto good =
        Json::parse(Scratch::content(root + "/config/campaigns/came-back-empty-handed.json"));
    const Scratch scratch;
    const auto both_refuse = [&](const Json& campaign) {
        INFO(campaign.dump());
        CHECK(violation(campaign, schema, schema) != "");
        const auto id = campaign.value("id", Json()).is_string() ? campaign["id"].get<std::string>()
                                                                 : std::string{"wrong"};
        const auto file = scratch.file("wrong.json", campaign.dump());
        CHECK(raitenctl({"campaigns", "lint", file}).code != 0);
    };
    for (const auto* patch :
         {R"({"id":null})", R"({"id":"no blanks"})", R"({"moment":"full_moon"})",
          R"({"offers":[]})", R"({"offers":[{"code":"A"}]})", R"({"control":1.5})",
          R"({"valid_for":"soon"})", R"({"valid_for":""})", R"({"per_day":0})", R"({"budget":300})",
          R"({"per_member":{"period":null}})", R"({"surprise":1})", R"({"starts_at":"tomorrow"})",
          R"({"lead":"3h"})", R"({"channel":"fax"})", R"({"stock":{"count":3}})",
          R"({"quiet_hours":{"from":"9"}})", R"({"target":{}})"}) {
        auto campaign = good;
        campaign.merge_patch(Json::parse(patch));
        both_refuse(campaign);
    }
}
