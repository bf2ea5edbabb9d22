#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Our figures beside those that others reached on the same data.
namespace raiten::peers {

/// Ours less the peer's on the same cases, and how sure that is.
struct Difference {
    double value{};
    double standard_error{};
    double low{}, high{};  ///< 95 %
};

/// A statistic of the cases that are drawn: it gets their indices, of which some come twice.
using Statistic = std::function<double(std::span<const std::uint32_t> cases)>;

/// The difference of two statistics by bootstrap over cases (Efron & Tibshirani 1993, chapter 6 and
/// 13): both are computed on the same draws. The seed is fixed, so the figures are the same again.
Difference bootstrap(std::size_t cases, const Statistic& ours, const Statistic& peers,
                     int rounds = 400);
/// The same for two means, given by case.
Difference bootstrap_means(std::span<const double> ours, std::span<const double> peers);

/// That a case with an outcome ranks above one without; ties count half. 0.5 where all are alike.
double auc(std::span<const double> rank_by, std::span<const std::uint8_t> came,
           std::span<const std::uint32_t> cases);
double auc(std::span<const double> rank_by, std::span<const std::uint8_t> came);

/// One figure, the one it must stand beside, and what is enough.
struct Mark {
    std::string name;
    double ours{};
    std::string peer;  ///< who reached `peer_value`
    double peer_value{};
    double enough{};  ///< the worst that will do
    bool less_is_better{};
    std::optional<Difference> difference{};

    bool met() const { return less_is_better ? ours <= enough : ours >= enough; }
    std::string text() const;  ///< one line for people
};

/// A mark that a peer's value sets: enough is that value less one standard error of the difference.
Mark beside_peer(std::string name, double ours, std::string peer, double peer_value,
                 bool less_is_better, const Difference& difference);

}  // namespace raiten::peers
