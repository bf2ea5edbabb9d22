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

/// The engine's counts by name.
MetricsPage::Series named(const EngineCounts& counts);

}  // namespace raiten::app
