#include "daemon/app/api_handlers.hpp"
#include "daemon/app/api_text.hpp"
#include "daemon/app/await.hpp"
#include "daemon/app/member_desk.hpp"

/// What sets loyal members apart.
namespace raiten::app {
namespace {

constexpr auto days_default = static_cast<std::size_t>(30);
constexpr auto days_min = static_cast<std::size_t>(scoring::window_min.count());
constexpr auto days_max = static_cast<std::size_t>(scoring::window_max.count());

}  // namespace

Reply get_insights(Parts parts, http::Request request)
{
    const auto asked = number_in(request, "window", days_default, days_max + 1);
    if (!asked || *asked < days_min || *asked > days_max)
        co_return http::problem(400, "",
                                "window is a number of days from " + std::to_string(days_min)
                                    + " to " + std::to_string(days_max));
    const std::chrono::days window{static_cast<std::chrono::days::rep>(*asked)};
    std::function<void(std::function<void(Result<std::string>)>)> start =
        [parts, window](std::function<void(Result<std::string>)> done) {
            parts->members.ask_insights(window, parts->now(),
                                        [done](const Result<std::string>& json) { done(json); });
        };
    auto pending = answer_of<Result<std::string>>(parts->executor, std::move(start));
    const auto found = co_await std::move(pending);
    if (!found) co_return ledger_trouble(found.error());
    co_return http::json(found.value());
}

}  // namespace raiten::app
