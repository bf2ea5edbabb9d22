#pragma once

#include "tests/days/json_schema.hpp"
#include "tests/days/story.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <tuple>

namespace raiten::test {

inline std::string lower(std::string text)
{
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

inline const nlohmann::json& resolved(const nlohmann::json& part, const nlohmann::json& doc)
{
    if (!part.contains("$ref")) return part;
    return doc.at(nlohmann::json::json_pointer{part.at("$ref").get<std::string>().substr(1)});
}

/// Asks the service, and holds its answer against the document.
class Contract {
 public:
    Contract(const nlohmann::json& doc, const Door& door) : doc_{doc}, door_{door} {}

    Heard ask(const std::string& method, const std::string& pattern, const std::string& target,
              const std::string& body = {}, Door::Fields fields = {})
    {
        const auto& operation = doc_.at("paths").at(pattern).at(lower(method));
        if (!body.empty() && fields.empty())
            fields = {{"Content-Type", operation.at("requestBody").at("content").begin().key()}};
        const auto heard = door_.ask(method, target, body, fields);
        const auto status = std::to_string(heard.status);
        INFO(method << " " << target << " " << body << " -> " << status << " " << heard.body);
        const auto& responses = operation.at("responses");
        CHECK(responses.contains(status));
        const auto& response =
            resolved(responses.at(responses.contains(status) ? status : "default"), doc_);
        seen_.insert({lower(method), pattern, status});
        if (!response.contains("content")) {
            CHECK(heard.body.empty());
            return heard;
        }
        const auto type = heard.fields.at("content-type");
        const auto media = type.substr(0, type.find(';'));
        REQUIRE(response.at("content").contains(media));
        const auto& schema = response.at("content").at(media).at("schema");
        if (media.ends_with("json"))
            CHECK(violation(nlohmann::json::parse(heard.body), schema, doc_) == "");
        else
            CHECK(violation(nlohmann::json(heard.body), schema, doc_) == "");
        return heard;
    }

    /// Documented answers that were never seen, "get /healthz 200".
    std::string unseen(const std::set<std::string>& not_asked_for) const
    {
        std::string out;
        for (const auto& [path, methods] : doc_.at("paths").items())
            for (const auto& [method, operation] : methods.items())
                for (const auto& [status, response] : operation.at("responses").items())
                    if (!not_asked_for.contains(status) && !seen_.contains({method, path, status}))
                        out.append(method + " " + path + " ").append(status).append("\n");
        return out;
    }

 private:
    const nlohmann::json& doc_;
    const Door& door_;
    std::set<std::tuple<std::string, std::string, std::string>> seen_;
};

/// Leases money to the store for a long time; the answer's status.
inline unsigned granted(Contract& api, const std::string& campaign, int version,
                        const std::string& budget)
{
    return api
        .ask("PUT", "/api/v1/campaigns/{id}/lease", "/api/v1/campaigns/" + campaign + "/lease",
             R"({"version":)" + std::to_string(version) + R"(,"budget":")" + budget
                 + R"(","until":"2999-01-01T00:00:00Z"})")
        .status;
}

}  // namespace raiten::test
