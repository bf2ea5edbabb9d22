#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace raiten {

/// What one offer of a campaign has brought so far: coupons given, and of these answered, that is
/// redeemed, or followed by a purchase while they were valid. answered ≤ given.
///
/// What is believed of its rate is Beta(1 + answered, 1 + given − answered): before the first
/// coupon every rate is as likely as any other. So an untried offer is the best of k untried ones
/// with chance 1/k, nobody has to guess a rate for a shop, and the density is a polynomial, which
/// a quadrature integrates without trouble at either end. Against coupons' usual rates of a few
/// per cent it is hopeful, so a new offer is tried early.
struct ArmCount {
    std::uint32_t given{};
    std::uint32_t answered{};

    friend auto operator<=>(const ArmCount&, const ArmCount&) = default;
    template <class Archive>
    void archive(Archive& a)
    {
        a(given, answered);
        if constexpr (Archive::reading) {
            if (answered > given) a.fail();
        }
    }
};

/// No arm has less, however badly it does: it can recover, and no weight of an off-line evaluation
/// exceeds 1 / floor.
constexpr double arm_floor = 0.01;
constexpr std::size_t arms_max = 16;

/// The chance with which Thompson sampling (Thompson 1933) picks each arm: that its rate is the
/// largest of all, ∫ f_i Π_{j≠i} F_j dx, by quadrature; then with the floor.
///
/// - Error of the quadrature below 1e-10 for 1 to 16 arms of counts up to 1e9 (asked: 1e-9; seen:
///   MARKS.md). It is a sum over nodes that all arms share; nothing is drawn.
/// - The floor: q_i = max(floor, c · p_i), with the c that makes the sum 1. Of all q with that
///   floor it is the one nearest to p (least Kullback-Leibler divergence Σ p log(p/q)), arms above
///   the floor keep their ratios, and nothing changes where nobody is below it. From arms ×
///   floor ≥ 1 on it is uniform.
/// - Sums to 1 within 1e-12. Equal counts have equal chances and a permutation of the arms permutes
///   the answer, to the bit; the same counts give the same bits always and on every machine.
///
/// An `answered` above `given` counts as all answered. No arms: empty.
std::vector<double> arm_probabilities(std::span<const ArmCount> arms, double floor = arm_floor);

/// The arm that a draw in [0, 1) falls to: i, with chance probabilities[i]. The last possible arm
/// takes what rounding leaves below 1. `probabilities` must not be empty.
std::size_t arm_at(std::span<const double> probabilities, double draw);

}  // namespace raiten
