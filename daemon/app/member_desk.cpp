#include "daemon/app/member_desk.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace raiten::app {

namespace net = boost::asio;

MemberDesk::MemberDesk(net::any_io_executor executor, std::string path, LifetimeCosts costs,
                       std::string currency, StoreClock clock, InsightGround ground,
                       VisitRules rules)
    : executor_{std::move(executor)},
      path_{std::move(path)},
      costs_{costs},
      currency_{std::move(currency)},
      clock_{std::move(clock)},
      ground_{std::move(ground)},
      rules_{rules},
      self_{std::make_shared<MemberDesk*>(this)}
{
}

MemberDesk::~MemberDesk()
{
    cancelled_ = true;
    thread_.join();
}

void MemberDesk::ask(const Period& period, Instant now, Done done)
{
    ask(Figures{period.from, period.to}, now, std::move(done));
}

void MemberDesk::ask_insights(std::chrono::days window, Instant now, Done done)
{
    ask(Key{window}, now, std::move(done));
}

void MemberDesk::ask_campaigns(std::vector<std::string> campaigns, Instant now, Done done)
{
    ask(Key{std::move(campaigns)}, now, std::move(done));
}

void MemberDesk::ask(const Key& key, Instant now, Done done)
{
    const auto answer = [&](Result<std::string> json) {
        net::post(executor_, [done, json = std::move(json)] { done(json); });
    };
    if (const auto found = kept_.find(key);
        found != kept_.end() && now - found->second.at < kept_for)
        return answer({boost::system::in_place_value, found->second.json});
    if (const auto waiting = waiting_.find(key); waiting != waiting_.end())
        return waiting->second.push_back(std::move(done));
    if (waiting_.size() >= waiting_max)
        return answer(Problem{"other figures are being reckoned", {}, "ask again"});
    waiting_[key].push_back(std::move(done));
    reckon(key, now);
}

void MemberDesk::reckon(const Key& key, Instant at)
{
    net::post(thread_, [this, key, at, alive = std::weak_ptr{self_}] {
        const auto json = std::visit([this](const auto& asked) { return answer(asked); }, key);
        net::post(executor_, [alive, key, at, json] {
            if (const auto self = alive.lock()) (*self)->finish(key, at, json);
        });
    });
}

Result<std::string> MemberDesk::answer(const Figures& asked) const
{
    auto past = ledger::Histories::open(path_);
    if (!past) return past.error();
    const auto figures = member_figures(*past, {asked.from, asked.to}, costs_, cancelled_);
    if (!figures) return figures.error();
    return {boost::system::in_place_value,
            member_figures_json(*figures, costs_, currency_, clock_)};
}

Result<std::string> MemberDesk::answer(std::chrono::days window) const
{
    auto past = ledger::Histories::open(path_);
    if (!past) return past.error();
    const auto found = insights(*past, window, ground_, clock_, cancelled_);
    if (!found) return found.error();
    return {boost::system::in_place_value, insights_json(*found, clock_)};
}

void MemberDesk::ask_segment(Segment segment, std::function<void(Result<SegmentCsv>)> done)
{
    if (segments_ >= segments_max)
        return done(Problem{"other segments are being looked up", {}, "ask again"});
    ++segments_;
    net::post(thread_, [this, segment = std::move(segment), done = std::move(done),
                        alive = std::weak_ptr{self_}] {
        const auto look = [&]() -> Result<SegmentCsv> {
            auto past = ledger::Histories::open(path_);
            if (!past) return past.error();
            return segment_csv(*past, segment.where, segment.at, segment.after, segment.limit,
                               clock_, cancelled_);
        };
        net::post(executor_, [alive, done, found = look()] {
            const auto self = alive.lock();
            if (!self) return;
            --(*self)->segments_;
            done(found);
        });
    });
}

Result<std::string> MemberDesk::answer(const Names& campaigns) const
{
    auto past = ledger::Histories::open(path_);
    if (!past) return past.error();
    const auto figures = campaigns_figures(*past, campaigns, rules_, clock_, cancelled_);
    if (!figures) return figures.error();
    return {boost::system::in_place_value, campaigns_figures_json(*figures, currency_, clock_)};
}

void MemberDesk::finish(const Key& key, Instant at, const Result<std::string>& json)
{
    if (json) {
        kept_[key] = {at, ++age_, *json};
        if (kept_.size() > kept_max)
            kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](auto& a, auto& b) {
                return a.second.age < b.second.age;
            }));
    }
    const auto dones = std::move(waiting_[key]);
    waiting_.erase(key);
    for (const auto& done : dones) done(json);
}

}  // namespace raiten::app
