#pragma once

#include "daemon/simulator/radio.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// How simulator::Radio follows from recordings: least squares and nothing else, so that whoever
/// doubts a figure can run it again.
namespace raiten::test {

/// One level with all that may explain it.
struct Sample {
    double seconds{};    ///< within its series
    std::string reader;  ///< "" where readers are not told apart
    std::string carrier;
    std::string series;  ///< samples of one series are neighbours in time, ascending
    double dbm{};
    double metres{};
    bool behind{};  ///< the carrier's body stood between
};

/// What one data set, or all together, say of path loss.
struct PathLoss {
    std::string name;
    std::size_t samples{};
    double exponent{};
    double level_1m_dbm{};  ///< mean over its readers and carriers
    double body_db{};       ///< 0 where nobody stood between
    double residual_sd_db{};
    std::vector<double> readers_db;   ///< offsets from their mean
    std::vector<double> carriers_db;  ///< likewise
    std::vector<double> residuals_db;
};

/// Least squares of dbm = reader + carrier − 10 n log10(metres) − body·behind. With `exponent` that
/// one is held. Needs two samples at least.
PathLoss fit_path_loss(const std::string& name, const std::vector<Sample>& samples,
                       std::optional<double> exponent = {});

/// Residuals parted into what stays for a while and what is new each time: autocovariance within
/// series in lags of 0.5 s, to which S² exp(−lag/T) is fitted from the first lag on.
struct Shadow {
    double sd_db{};
    double seconds{};
    double fading_sd_db{};
};
Shadow part_residuals(const std::vector<Sample>& samples, const std::vector<double>& residuals);

/// Everything that comes out of `$RAITEN_SHARED/data/captures/rssi`.
struct RadioFit {
    std::vector<PathLoss> sets;  ///< by data set, then all together
    simulator::Radio radio;
};
RadioFit fit_radio(const std::filesystem::path& rssi);

}  // namespace raiten::test
