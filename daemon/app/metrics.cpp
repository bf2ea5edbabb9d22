#include "daemon/app/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <numeric>
#include <vector>

namespace raiten::app {

struct MetricsPage::Families {
    std::vector<prometheus::MetricFamily> all;

    void add(prometheus::MetricType type, const std::string& name, const std::string& help,
             const std::string& label, const Series& series)
    {
        prometheus::MetricFamily family;
        family.name = name;
        family.help = help;
        family.type = type;
        for (const auto& [key, value] : series) {
            prometheus::ClientMetric metric;
            if (!label.empty()) metric.label = {{label, key}};
            if (type == prometheus::MetricType::Counter) {
                metric.counter.value = static_cast<double>(value);
            } else {
                metric.gauge.value = static_cast<double>(value);
            }
            family.metric.push_back(std::move(metric));
        }
        all.push_back(std::move(family));
    }
};

MetricsPage::MetricsPage() : families_{std::make_unique<Families>()} {}
MetricsPage::~MetricsPage() = default;

void MetricsPage::counter(const std::string& name, const std::string& help, std::uint64_t value)
{
    counter(name, help, "", {{"", value}});
}

void MetricsPage::counter(const std::string& name, const std::string& help,
                          const std::string& label, const Series& series)
{
    families_->add(prometheus::MetricType::Counter, name, help, label, series);
}

void MetricsPage::gauge(const std::string& name, const std::string& help, std::uint64_t value)
{
    gauge(name, help, "", {{"", value}});
}

void MetricsPage::gauge(const std::string& name, const std::string& help, const std::string& label,
                        const Series& series)
{
    families_->add(prometheus::MetricType::Gauge, name, help, label, series);
}

std::string MetricsPage::text() const
{
    return prometheus::TextSerializer{}.Serialize(families_->all);
}

CampaignCounts decisions_by_campaign(const std::map<std::string, Campaign>& running,
                                     const std::map<std::string, Decisions::Standing>& standings)
{
    CampaignCounts out;
    for (const auto& [id, campaign] : running) {
        if (out.given.size() == campaigns_shown_max) break;
        const auto found = standings.find(id);
        const auto funnel = found == standings.end() ? Funnel{} : found->second.funnel;
        out.given[id] = funnel.given;
        out.withheld[id] = funnel.withheld;
        out.passed_over[id] =
            std::accumulate(funnel.passed_over.begin(), funnel.passed_over.end(), std::uint64_t{0});
    }
    return out;
}

MetricsPage::Series named(const EngineCounts& c)
{
    return {{"sightings", c.sightings},
            {"checkins", c.checkins},
            {"receipts", c.receipts},
            {"reader_states", c.reader_states},
            {"ticks", c.ticks},
            {"redemptions", c.redemptions},
            {"duplicates", c.duplicates},
            {"conflicts", c.conflicts},
            {"late", c.late},
            {"unknown_tokens", c.unknown_tokens},
            {"rotating_tokens", c.rotating_tokens},
            {"left_out", c.left_out},
            {"weak", c.weak},
            {"ahead", c.ahead},
            {"passers_by", c.passers_by},
            {"unmatched_receipts", c.unmatched_receipts}};
}

}  // namespace raiten::app
