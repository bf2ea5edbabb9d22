#pragma once

#include "daemon/scoring/logistic.hpp"
#include "daemon/scoring/purchase_days.hpp"
#include "daemon/scoring/purchase_model.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// Who buys again, and who does not: learned on the store's own past.
///
///     first day of the record                                     today      horizon
///     |------------------------|-----------|-----------|-----------|- - - - - - - - >
///                              cut       bought?      cut        bought?
///
/// As of each cut, members are as they were then, and whether they bought in the span after it is
/// known. Two answers are learned from that: one of the record alone (days of silence and number of
/// purchases), one that corrects the purchase model. The model's answer is taken only where it
/// foretold members that it had not seen clearly better; for a model that is wrong about who
/// returns after a long silence is wrong most of all over a long horizon, where nobody can check.
namespace raiten::scoring {

enum class ChurnBasis : std::uint8_t {
    record,     ///< √(days since the last purchase) and log(1 + repeats)
    corrected,  ///< the log odds of the purchase model, with slope and level corrected
    foretold,   ///< the purchase model as it stands, because nothing could be learned
};
/// "record", "corrected", "foretold".
std::string_view name_of(ChurnBasis basis);

struct Churn {
    ChurnBasis basis{ChurnBasis::foretold};
    double horizon_days{};  ///< that the chance is for
    double unit_days{1};    ///< of the purchase model's histories
    LogisticModel odds;     ///< features: 2 for `record`, 1 for `corrected`, none for `foretold`
    double level{};  ///< added to the log odds, where the horizon is longer than the spans learned
                     ///< from

    template <class Archive>
    void archive(Archive& a)
    {
        a(basis, horizon_days, unit_days, odds, level);
    }
};

/// That it can be used, such as one that was read from outside.
Result<void> check(const Churn& churn);

/// That the member buys at least once within the horizon, 0 to 1; churn is the rest. `model` is the
/// one that the churn was learned with (`record` does not look at it).
double chance_to_buy(const Churn& churn, const PurchaseModel& model, const BuyingHistory& member);

/// What is asked, and how far back the store's record goes.
struct ChurnQuestion {
    std::int32_t first_day{};  ///< of the record
    std::int32_t today{};      ///< its last day
    double horizon_days{90};
    double unit_days{1};  ///< of the purchase model's histories
};

inline constexpr std::size_t churn_members_max = 20'000;  ///< beyond, every n-th is learned from
inline constexpr std::size_t churn_cuts_max = 3;
inline constexpr std::int32_t churn_span_days_min = 7;
inline constexpr std::size_t churn_cases_min = 100;  ///< members as of a cut
inline constexpr std::size_t churn_each_min = 20;    ///< of them that bought, and that did not

struct ChurnFit {
    Churn churn;
    std::optional<Problem> refused;  ///< why nothing could be learned: `foretold` then
    std::int32_t span_days{};        ///< after each cut
    std::size_t cuts{};
    std::size_t cases{};
    double bought{};  ///< share of the cases
    /// Mean log loss of the cases, each foretold from other members (five folds).
    double record_log_loss{}, corrected_log_loss{};
    /// The record's loss above the corrected model's, in standard errors over members (Vuong 1989,
    /// Econometrica 57(2), eq. 5.6, on cases left out).
    double model_ahead{};
};

/// Members are added one by one, then the answer is learned; at most 20,000 are held, chosen by
/// their order alone. Deterministic. About 100 bytes a member held.
class ChurnLearner {
 public:
    /// `model` must pass check(). The span after a cut is the horizon, but at most a third of the
    /// record; there are up to three cuts, each a span before the next.
    ChurnLearner(const PurchaseModel& model, const ChurnQuestion& question);

    /// A member's days with a purchase: ascending, each once, none after today, at least one.
    void add(std::span<const PurchaseDay> days);

    /// Where too little is known, `refused` says so and the purchase model answers as it stands.
    /// Under a second for 20,000 members.
    ChurnFit learned() const;

 private:
    struct Case {
        std::array<float, 2> record{};
        float model_odds{};
        bool came{};
    };
    struct Member {
        std::array<float, 2> record{};
        float chance{};  ///< of the model, within the horizon from today
        std::uint8_t cuts{};
        std::array<Case, churn_cuts_max> cases{};
    };
    struct Cases;

    Member member_of(std::span<const PurchaseDay> days) const;
    std::optional<Problem> refusal(const Cases& cases) const;
    double level_of(const Cases& cases, const LogisticModel& record) const;

    PurchaseModel model_;
    ChurnQuestion question_;
    std::int32_t span_days_{};
    std::vector<Member> members_;
    std::size_t added_{};
    std::size_t step_{1};
};

}  // namespace raiten::scoring
