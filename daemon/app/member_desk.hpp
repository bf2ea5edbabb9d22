#pragma once

#include "daemon/app/campaign_figures.hpp"
#include "daemon/app/insights.hpp"
#include "daemon/app/member_figures.hpp"
#include "daemon/app/segment_csv.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace raiten::app {

/// Where the figures of members and of campaigns and the key experiences are asked for: reckoned on
/// a thread of its own from a connection of its own, so that the loop never waits, and kept for
/// `kept_for`.
///
/// At most `kept_max` answers are kept (the one asked for first goes), and `waiting_max` questions
/// wait at once; a further one is refused.
class MemberDesk {
 public:
    static constexpr Millis kept_for = std::chrono::minutes{5};
    static constexpr std::size_t kept_max = 16;
    static constexpr std::size_t waiting_max = 4;
    static constexpr std::size_t segments_max = 2;

    /// `path`: the ledger's file. What is answered comes on `executor`, which calls ask() too.
    MemberDesk(boost::asio::any_io_executor executor, std::string path, LifetimeCosts costs,
               std::string currency, StoreClock clock, InsightGround ground = {},
               VisitRules rules = {});
    /// Breaks off what is under way; whoever waits for it hears no more.
    ~MemberDesk();
    MemberDesk(const MemberDesk&) = delete;
    MemberDesk& operator=(const MemberDesk&) = delete;

    /// JSON, see member_figures_json(); later, even where it is known already.
    using Done = std::function<void(const Result<std::string>&)>;
    void ask(const Period& period, Instant now, Done done);
    /// JSON, see insights_json(). `window`: the days in which behaviours count.
    void ask_insights(std::chrono::days window, Instant now, Done done);
    /// JSON, see campaigns_figures_json(), of these campaigns.
    void ask_campaigns(std::vector<std::string> campaigns, Instant now, Done done);

    /// Who is in a segment at `at`: see segment_csv(). Not kept; segments_max wait at once.
    struct Segment {
        std::string where;
        Instant at;
        MemberId after;
        std::size_t limit{};
    };
    void ask_segment(Segment segment, std::function<void(Result<SegmentCsv>)> done);

 private:
    struct Figures {
        Instant from, to;
        friend auto operator<=>(const Figures&, const Figures&) = default;
    };
    using Names = std::vector<std::string>;
    using Key = std::variant<Figures, std::chrono::days, Names>;
    struct Kept {
        Instant at;  ///< when it was asked for
        std::uint64_t age{};
        std::string json;
    };
    void ask(const Key& key, Instant now, Done done);
    void reckon(const Key& key, Instant at);
    Result<std::string> answer(const Figures& asked) const;
    Result<std::string> answer(std::chrono::days window) const;
    Result<std::string> answer(const Names& campaigns) const;
    void finish(const Key& key, Instant at, const Result<std::string>& json);

    boost::asio::any_io_executor executor_;
    const std::string path_;
    const LifetimeCosts costs_;
    const std::string currency_;
    const StoreClock clock_;
    const InsightGround ground_;
    const VisitRules rules_;
    std::map<Key, Kept> kept_;
    std::map<Key, std::vector<Done>> waiting_;
    std::uint64_t age_{};
    std::size_t segments_{};             ///< that wait
    std::shared_ptr<MemberDesk*> self_;  ///< what a thread may find no more
    std::atomic<bool> cancelled_{false};
    boost::asio::thread_pool thread_{1};  ///< last: it ends before the rest goes
};

}  // namespace raiten::app
