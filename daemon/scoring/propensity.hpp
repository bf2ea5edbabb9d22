#pragma once

#include "daemon/scoring/member_rate.hpp"
#include "daemon/scoring/online_logistic.hpp"
#include "daemon/scoring/running_marks.hpp"
#include "daemon/scoring/visit_features.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace raiten::scoring {

struct SettledVisit {
    VisitId id;
    Instant settled_at;
    std::vector<Landmark> landmarks;
    bool bought{};
};

/// Something that speaks for a purchase (log odds above 0) or against it, beside the average visit.
struct Reason {
    std::string what;
    double log_odds{};
};

struct Foresight {
    double probability{};  ///< above 0, below 1
    double rate{};         ///< the member's own, drawn to the store's: what is said without a model
    double model_share{};  ///< how much of it the model has said, 0 to 1: what evidence it has
    std::vector<Reason> reasons;  ///< the largest first
};

/// How likely a visit under way ends with a purchase, learned from settled visits as they come.
///
/// Three say what they expect: the member's rate, and two logistic models of one pass, of which one
/// holds that the shop stays as it is and the other that it changes. What each is worth is its
/// likelihood so far at that landmark, the last thousand visits or so weighing most (dynamic model
/// averaging: Raftery, Kárný & Ettler 2010, Technometrics 52(1); McCormick et al. 2012, Biometrics
/// 68(1)). At first the rate is believed twenty times more than either model: without data it is
/// what is told, and nothing ever comes out much worse. Their mean is calibrated by a line in ln p
/// and ln(1 − p) (beta calibration: Kull, Silva Filho & Flach 2017, AISTATS), learned online by the
/// same means, from what was said before the outcome was known.
///
/// A landmark weighs the same whatever becomes of its visit, namely 1 by the mean number of
/// landmarks that visits reached so far: weights of 1 by the visit's own number would know how long
/// it is going to last, and be wrong at every one of them.
///
/// It depends on the visits and their order by (settled_at, id) only.
class Propensity {
 public:
    Propensity();

    /// Each settled visit once; that is the caller's promise, as it would count twice. Visits with
    /// the same settled_at must come together, in any order; later calls hold later ones. Visits
    /// without landmarks teach nothing.
    void learn(std::vector<SettledVisit> visits);
    /// A visit that was learned with the other outcome was amended to this one. Its landmarks are
    /// those of the amended visit; marks keep what was said and known when it settled.
    void correct(const SettledVisit& visit);

    double probability(const VisitFeatures& features) const;
    Foresight foresee(const VisitFeatures& features, std::size_t reasons_max = 5) const;

    /// Of the store and its members, by the visits learned so far, the last year weighing most.
    const MemberRate& rates() const { return rates_; }
    /// Of all landmarks of the last year or so, on what was said before learning.
    const RunningMarks& marks() const { return marks_; }
    /// The same, of what was said at the opening.
    const RunningMarks& marks_at_opening() const { return opening_marks_; }

    /// Equal models give equal bytes. Not readable: sums that are no sums of anything.
    template <class Archive>
    void archive(Archive& a)
    {
        a(steady_, quick_);
        for (auto& line : lines_) a(line);
        a(rates_, evidence_, reached_, learned_, means_, marks_, opening_marks_, passed_until_);
        if constexpr (Archive::reading) {
            if (!sound()) a.fail();
        }
    }

 private:
    static constexpr std::size_t voices = 3;  ///< rate, steady, quick

    struct Said {
        std::array<double, voices> by_voice{};
        double mean{};
        double calibrated{};
    };
    Said say(const VisitFeatures& features, std::span<const Term> terms) const;
    std::array<double, voices> shares(std::uint8_t moment) const;
    double landmark_weight() const;
    void learn_one(const SettledVisit& visit);
    void weigh(std::uint8_t moment, const Said& said, bool bought);
    void pass_to(Instant now);
    bool sound() const;

    OnlineLogistic steady_, quick_;
    std::vector<OnlineLogistic> lines_;  ///< by moment
    MemberRate rates_;
    /// By moment: log likelihoods, the best is 0.
    std::array<std::array<double, voices>, landmark_minutes.size()> evidence_{};
    double reached_{};         ///< landmarks, by the visits that rates_ counts
    std::uint64_t learned_{};  ///< visits ever
    std::array<double, inputs::count> means_{};
    RunningMarks marks_, opening_marks_;
    std::optional<Instant> passed_until_;
};

}  // namespace raiten::scoring
