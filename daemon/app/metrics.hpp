#pragma once

#include "daemon/engine/engine.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace raiten::app {

/// One answer of /metrics, put together from counts that live elsewhere.
class MetricsPage {
 public:
    using Series = std::map<std::string, std::uint64_t>;  ///< value by label

    MetricsPage();
    ~MetricsPage();

    void counter(const std::string& name, const std::string& help, std::uint64_t value);
    void counter(const std::string& name, const std::string& help, const std::string& label,
                 const Series& series);
    void gauge(const std::string& name, const std::string& help, std::uint64_t value);
    void gauge(const std::string& name, const std::string& help, const std::string& label,
               const Series& series);

    /// Prometheus text exposition format 0.0.4.
    std::string text() const;

 private:
    struct Families;
    std::unique_ptr<Families> families_;
};

/// What became of the occasions that running campaigns were asked about, by campaign: of the first
/// `campaigns_shown_max` by id, so that the page stays small.
struct CampaignCounts {
    MetricsPage::Series given, withheld, passed_over;
};
inline constexpr std::size_t campaigns_shown_max = 100;
CampaignCounts decisions_by_campaign(const std::map<std::string, Campaign>& running,
                                     const std::map<std::string, Decisions::Standing>& standings);

/// The engine's counts by name.
MetricsPage::Series named(const EngineCounts& counts);

}  // namespace raiten::app
