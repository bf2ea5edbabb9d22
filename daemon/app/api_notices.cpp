#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"

#include <nlohmann/json.hpp>

namespace raiten::app {
namespace {

constexpr unsigned score_max = 10;

using Change = std::function<void(const Shop::Done&)>;

boost::asio::awaitable<Result<Answer>> durably(Parts parts, Change change)
{
    std::function<void(std::function<void(Result<Answer>)>)> start =
        [change = std::move(change)](std::function<void(Result<Answer>)> done) { change(done); };
    auto pending = answer_of<Result<Answer>>(parts->executor, std::move(start));
    co_return co_await std::move(pending);
}

http::Response no_such_member()
{
    return http::problem(404, "", "no member of this name");
}

}  // namespace

Reply put_consent(Parts parts, http::Request request)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    const auto consent = body->find("consent");
    if (consent == body->end() || !consent->is_boolean())
        co_return http::problem(400, "", "consent is true or false");
    const auto channels = channels_in(*body);
    if (!channels) co_return refused(channels.error());
    const auto found = parts->ledger.member(request.parameter("member"));
    if (!found) co_return ledger_trouble(found.error());
    if (!found.value()) co_return no_such_member();

    const bool agrees = consent->get<bool>();
    Change change = [parts, member = *found.value(), agrees,
                     by = *channels](const Shop::Done& done) {
        parts->shop.set_consent(member, agrees, by, parts->now(), done);
    };
    auto pending = durably(parts, std::move(change));
    const auto changed = co_await std::move(pending);
    if (!changed) co_return ledger_trouble(changed.error());
    Json out;
    out["member"] = found.value()->name;
    out["consent"] = agrees;
    out["channels"] = channels_json(channels->value_or(found.value()->channels));
    co_return http::json(out.dump());
}

Reply put_equipment(Parts parts, http::Request request)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    const auto verdict = text_in(*body, "equipment");
    const bool confirmed = verdict == raiten::text_of(Equipment::confirmed);
    if (!confirmed && verdict != raiten::text_of(Equipment::rejected))
        co_return http::problem(400, "", "equipment is confirmed or rejected");
    const auto found = parts->ledger.member(request.parameter("member"));
    if (!found) co_return ledger_trouble(found.error());
    if (!found.value()) co_return no_such_member();

    Change change = [parts, member = *found.value(), confirmed](const Shop::Done& done) {
        parts->shop.set_equipment(member, confirmed, parts->now(), done);
    };
    auto pending = durably(parts, std::move(change));
    const auto changed = co_await std::move(pending);
    if (!changed) co_return ledger_trouble(changed.error());
    Json out;
    out["member"] = found.value()->name;
    out["equipment"] = verdict;
    co_return http::json(out.dump());
}

Reply post_survey(Parts parts, http::Request request)
{
    auto body = object_in(request);
    if (!body) co_return not_an_object();
    const auto score = body->find("score");
    if (score == body->end() || !score->is_number_unsigned() || *score > score_max)
        co_return http::problem(400, "", "score is a number from 0 to 10");
    SurveyAnswer answer;
    answer.score = score->get<std::uint8_t>();
    if (const auto name = body->find("member"); name != body->end() && !name->is_null()) {
        const auto found = parts->ledger.member(text_in(*body, "member"));
        if (!found) co_return ledger_trouble(found.error());
        if (!found.value()) co_return no_such_member();
        answer.member = *found.value();
    }
    if (const auto visit = body->find("visit"); visit != body->end() && !visit->is_null()) {
        answer.visit = visit_id_of(text_in(*body, "visit"));
        if (!answer.visit) co_return http::problem(400, "", "visit is the id of one");
    }

    Change change = [parts, answer = std::move(answer)](const Shop::Done& done) {
        parts->shop.take_survey(answer, parts->now(), done);
    };
    auto pending = durably(parts, std::move(change));
    const auto taken = co_await std::move(pending);
    if (!taken) co_return ledger_trouble(taken.error());
    co_return http::no_content();
}

}  // namespace raiten::app
