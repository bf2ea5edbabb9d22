#pragma once

#include "sync/outbox_port.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace raiten::test {

/// The outbox as the courier sees it, without a disk.
class MemoryOutbox : public sync::OutboxPort {
 public:
    struct Drop {
        Lane lane{};
        std::uint64_t from{};
        std::uint64_t through{};
        std::string reason;
    };

    explicit MemoryOutbox(boost::asio::any_io_executor executor) : executor_{std::move(executor)} {}

    /// The payload carries lane and sequence, so that a test can read them at the other end.
    std::uint64_t add(Lane lane, std::optional<Instant> expires_at = {},
                      std::string type = "raiten.test.v1", std::size_t padding = 0)
    {
        const auto sequence = ++last_[lane];
        std::string payload = "{\"sequence\":" + std::to_string(sequence) + ",\"padding\":\""
                              + std::string(padding, 'x') + "\"}";
        rows_[lane].emplace(sequence,
                            sync::OutboxRow{lane, sequence, std::move(type), payload, expires_at});
        return sequence;
    }

    std::size_t size(Lane lane) const
    {
        const auto at = rows_.find(lane);
        return at == rows_.end() ? 0 : at->second.size();
    }
    const std::vector<Drop>& drops() const { return drops_; }
    std::vector<std::pair<Lane, std::uint64_t>> settlements{};
    int failing_fetches{};

    void fetch(Lane lane, std::uint64_t after, std::size_t rows_max,
               std::function<void(Rows)> answer) override
    {
        std::vector<sync::OutboxRow> found;
        auto& all = rows_[lane];
        for (auto at = all.upper_bound(after); at != all.end() && found.size() < rows_max; ++at)
            found.push_back(at->second);
        Rows rows = std::move(found);
        if (failing_fetches > 0) {
            --failing_fetches;
            rows = Problem{"disk I/O error", "outbox"};
        }
        boost::asio::post(executor_,
                          [answer = std::move(answer), rows = std::move(rows)]() mutable {
                              answer(std::move(rows));
                          });
    }
    std::uint64_t head(Lane lane) const override
    {
        const auto at = last_.find(lane);
        return at == last_.end() ? 0 : at->second;
    }
    void settled(Lane lane, std::uint64_t through) override
    {
        settlements.emplace_back(lane, through);
        auto& all = rows_[lane];
        all.erase(all.begin(), all.upper_bound(through));
    }
    void dropped(Lane lane, std::uint64_t from, std::uint64_t through, std::string reason) override
    {
        auto& all = rows_[lane];
        all.erase(all.lower_bound(from), all.upper_bound(through));
        drops_.push_back({lane, from, through, std::move(reason)});
    }

 private:
    boost::asio::any_io_executor executor_;
    std::map<Lane, std::map<std::uint64_t, sync::OutboxRow>> rows_;
    std::map<Lane, std::uint64_t> last_;
    std::vector<Drop> drops_;
};

}  // namespace raiten::test
