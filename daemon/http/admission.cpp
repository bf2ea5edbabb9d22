#include "daemon/http/admission.hpp"

#include "daemon/http/digest.hpp"
#include "daemon/http/target.hpp"

#include <algorithm>
#include <optional>

namespace raiten::http {

namespace {

Refused refuse(Refusal reason, unsigned status, std::string_view detail)
{
    return {reason, problem(status, {}, detail)};
}

Refused challenge(std::string_view detail, std::string_view parameters)
{
    Refused refused = refuse(Refusal::unauthenticated, 401, detail);
    refused.answer.headers.emplace_back("WWW-Authenticate",
                                        "Bearer realm=\"raiten\"" + std::string{parameters});
    return refused;
}

struct Target {
    std::string authority;
    std::string path;
    std::string query;
};

/// Origin form "/a?b", or absolute form "http://host/a?b", whose host then counts (RFC 9112, 3.2).
Target split_target(std::string_view target, std::string_view host)
{
    Target parts{std::string{host}, {}, {}};
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        target.remove_prefix(scheme.size());
        const std::size_t end = std::min(target.find_first_of("/?"), target.size());
        parts.authority = std::string{target.substr(0, end)};
        target.remove_prefix(end);
        if (!target.starts_with('/')) parts.path = "/";
    }
    const std::size_t mark = std::min(target.find('?'), target.size());
    parts.path += target.substr(0, mark);
    if (mark < target.size()) parts.query = std::string{target.substr(mark + 1)};
    return parts;
}

std::size_t count_of(const Fields& fields, std::string_view name)
{
    return static_cast<std::size_t>(std::count_if(
        fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; }));
}

std::optional<Refused> check_host(const Core& core, const Ends& ends, const std::string& authority)
{
    if (ends.local_operator) return std::nullopt;
    const auto host = host_of(authority);
    if (!host) return refuse(Refusal::malformed, 400, "Send one Host field with a valid name.");
    if (host_is_ours(*host, core.host_names, ends.bound)) return std::nullopt;
    return refuse(Refusal::host, 421,
                  "This store does not answer to that name. Use localhost or the device's address, "
                  "or add the name to the configuration.");
}

/// Sets the caller's role; refuses a credential that is shown and unknown, unless all may come in.
std::optional<Refused> identify(const Core& core, const Ends& ends, const Route& route,
                                const Credential& credential, Request& request)
{
    const bool for_everybody = route.allowed.contains(Role::open);
    request.caller = "open@" + ends.peer;
    if (ends.local_operator) {
        request.role = Role::admin;
        request.caller = ends.peer;
    } else if (credential.proof != Proof::none) {
        const auto role = credential.token.empty() || !core.authenticate
                              ? std::nullopt
                              : core.authenticate(credential.token);
        if (role) {
            request.role = *role;
            request.caller =
                std::string{name_of(*role)} + ':' + sha256_hex(credential.token).substr(0, 16);
        } else if (!for_everybody) {
            return challenge("This token is not known. Ask for a new one.",
                             ", error=\"invalid_token\"");
        }
    }
    if (for_everybody || route.allowed.contains(request.role)) return std::nullopt;
    if (request.role == Role::open)
        return challenge("Send Authorization: Bearer with a token, or sign in.", {});
    return refuse(Refusal::forbidden, 403,
                  "The role " + std::string{name_of(request.role)}
                      + " may not do this. Use a token of another role.");
}

Refused no_such(std::string_view allow)
{
    if (allow.empty())
        return refuse(Refusal::not_found, 404, "There is nothing here. See /openapi.json.");
    Refused refused =
        refuse(Refusal::method, 405, "Use one of these methods here: " + std::string{allow});
    refused.answer.headers.emplace_back("Allow", std::string{allow});
    return refused;
}

Refused options(std::string_view allow)
{
    Response answer = no_content();
    answer.headers.emplace_back("Allow", std::string{allow});
    return {std::nullopt, std::move(answer)};
}

}  // namespace

std::variant<Admitted, Refused> admit(const Core& core, const Ends& ends, bool secure, Head head)
{
    if (count_of(head.fields, "host") > 1)
        return refuse(Refusal::malformed, 400, "Send one Host field.");
    const std::string_view host_field =
        find_field(head.fields, "host").value_or(std::string_view{});
    const Target target = split_target(head.target, host_field);
    if (auto refused = check_host(core, ends, target.authority)) return std::move(*refused);
    if (head.method == "OPTIONS" && target.path == "*")
        return options("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

    Admitted admitted;
    admitted.head_only = head.method == "HEAD";
    admitted.keep_alive = head.keep_alive;
    admitted.has_body = head.has_body;
    const std::string method = admitted.head_only ? "GET" : head.method;
    Router::Match match = core.router.find(method, target.path);
    auto query = split_query(target.query);
    if (match.malformed || !query)
        return refuse(Refusal::malformed, 400,
                      "The path or the query is not UTF-8 in percent-encoding, names something "
                      "twice, or is too long in one of its parts.");
    if (method == "OPTIONS" && !match.allow.empty()) return options(match.allow);
    if (!match.route) return no_such(match.allow);

    Request& request = admitted.request;
    admitted.route = match.route;
    request.method = method;
    request.path = target.path;
    request.parameters = std::move(match.parameters);
    request.query = std::move(*query);
    request.headers = std::move(head.fields);
    request.peer = ends.peer;
    request.secure = secure;

    const Credential credential =
        ends.local_operator ? Credential{Proof::local, {}} : credential_of(request);
    if (auto refused = identify(core, ends, *match.route, credential, request))
        return std::move(*refused);
    if (credential.proof != Proof::local
        && is_cross_site(request, credential.proof, target.authority))
        return refuse(Refusal::cross_site, 403,
                      "A page of another site may not do this. Send Origin or Sec-Fetch-Site, or "
                      "a bearer token.");
    return admitted;
}

}  // namespace raiten::http
