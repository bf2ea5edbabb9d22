#include "daemon/app/api_admit.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"
#include "daemon/base/overloaded.hpp"

#include <nlohmann/json.hpp>

/// Events that come over the local API: each is answered when it is durable.
namespace raiten::app {

boost::asio::awaitable<std::vector<Outcome>> admit_all(Parts parts,
                                                       std::vector<Result<RawEvent>> events)
{
    struct State {
        std::vector<Outcome> outcomes;
        std::size_t open{};
    };
    using Outcomes = std::vector<Outcome>;
    std::function<void(std::function<void(Outcomes)>)> start =
        [parts, &events](std::function<void(Outcomes)> done) {
            auto state = std::make_shared<State>();
            state->outcomes.resize(events.size());
            state->open = events.size() + 1;
            auto one_less = [state, done] {
                if (--state->open == 0) done(std::move(state->outcomes));
            };
            for (std::size_t i = 0; i < events.size(); ++i) {
                if (!events[i]) {
                    parts->count_refused();
                    state->outcomes[i].emplace(events[i].error());
                    one_less();
                    continue;
                }
                const RawEvent& event = events[i].value();
                parts->admit(event, [parts, state, i, one_less](const Result<Answer>& answer) {
                    if (!answer) parts->count_refused();
                    state->outcomes[i].emplace(answer);
                    one_less();
                });
                if (const auto* seen = std::get_if<RawSighting>(&event.what))
                    parts->readers.heard_over_api(seen->reader, event.at.value_or(Instant{}));
            }
            one_less();
        };
    auto pending = answer_of<Outcomes>(parts->executor, std::move(start));
    co_return co_await std::move(pending);
}

namespace {

constexpr std::size_t lines_max = 20'000;

Json line_of(const Result<Answer>& outcome)
{
    Json line;
    if (!outcome) {
        line["result"] = "refused";
        line["reason"] = outcome.error().text();
        return line;
    }
    const Answer& answer = outcome.value();
    // To the sender only these three differ: taken, told before, or not taken and why.
    const bool again = answer.verdict == Verdict::duplicate;
    const bool no = answer.verdict == Verdict::conflict || answer.verdict == Verdict::late
                    || answer.verdict == Verdict::refused;
    line["result"] = again ? "duplicate" : no ? "refused" : "accepted";
    if (answer.verdict != Verdict::accepted && !again) line["verdict"] = text_of(answer.verdict);
    if (!answer.reason.empty()) line["reason"] = answer.reason;
    if (answer.verdict == Verdict::late) line["reason"] = "older than the lateness";
    return line;
}

/// The one event of a JSON body, with the type put in.
Result<RawEvent> event_in(Json object, const char* type, const std::string& reader)
{
    object["type"] = type;
    if (!reader.empty() && !object.contains("reader")) object["reader"] = reader;
    return parse_line(object.dump());
}

http::Response answered(const Result<Answer>& outcome, unsigned when_new)
{
    if (!outcome) return refused(outcome.error());
    const Answer& answer = outcome.value();
    Json out;
    out["result"] = text_of(answer.verdict);
    out["visit"] = answer.visit ? Json(raiten::text_of(*answer.visit)) : Json();
    if (!answer.reason.empty()) out["reason"] = answer.reason;
    switch (answer.verdict) {
        case Verdict::accepted:
            return http::json(out.dump(), when_new);
        case Verdict::duplicate:
            return http::json(out.dump());
        case Verdict::conflict:
            return http::problem(409, "", answer.reason);
        case Verdict::unknown:
            return http::problem(404, "", answer.reason);
        case Verdict::left_out:
            return http::json(out.dump());
        case Verdict::late:
        case Verdict::refused:
            return http::problem(422, "", answer.reason);
    }
    return http::problem(500, "", "");
}

Reply post_one(Parts parts, http::Request request, const char* type, std::string reader,
               unsigned when_new)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    std::vector<Result<RawEvent>> events;
    events.push_back(event_in(std::move(*body), type, reader));
    if (!events[0]) {
        parts->count_refused();
        co_return refused(events[0].error());
    }
    if (!events[0].value().at) events[0].value().at = parts->now();
    auto pending = admit_all(parts, std::move(events));
    const auto outcomes = co_await std::move(pending);
    co_return answered(*outcomes[0], when_new);
}

}  // namespace

Reply post_events(Parts parts, http::Request request)
{
    const auto type = request.header("content-type");
    if (!type.starts_with("application/x-ndjson"))
        co_return http::problem(415, "", "send application/x-ndjson: one event a line");
    std::vector<Result<RawEvent>> events;
    std::vector<std::size_t> numbers;
    std::string_view rest = request.body;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto end = rest.find('\n');
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        if (events.size() == lines_max)
            co_return http::problem(413, "", "more than 20000 lines: send them in parts");
        events.push_back(parse_line(line));
        numbers.push_back(number);
    }
    auto pending = admit_all(parts, std::move(events));
    const auto outcomes = co_await std::move(pending);

    Json out;
    std::map<std::string, std::uint64_t> counts{{"accepted", 0}, {"duplicate", 0}, {"refused", 0}};
    Json lines = Json::array();
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        Json line;
        line["line"] = numbers[i];
        line.update(line_of(*outcomes[i]));
        ++counts[line["result"].get<std::string>()];
        lines.push_back(std::move(line));
    }
    for (const auto& [name, count] : counts) out[name] = count;
    out["lines"] = std::move(lines);
    co_return http::json(out.dump());
}

Reply post_checkin(Parts parts, http::Request request)
{
    return post_one(std::move(parts), std::move(request), "checkin", "kiosk", 200);
}

Reply post_receipt(Parts parts, http::Request request)
{
    return post_one(std::move(parts), std::move(request), "receipt", "", 201);
}

}  // namespace raiten::app
