#pragma once

#include "daemon/scoring/rhythm_model.hpp"
#include "daemon/scoring/rhythm_sample.hpp"

#include <optional>

namespace raiten::scoring {

/// What a model foretold of visits that it had not seen: fitted to the visits before `from`, it
/// was asked at every later visit for the next, and at every week's start who comes within it.
struct RhythmLookBack {
    WallDay from{};
    std::size_t gaps{};   ///< that ended, of members with 3 gaps before
    double mean_error{};  ///< of GapForecast::days, days
    double coverage{};    ///< share of them within the 80 % interval
    std::size_t weeks{};  ///< members × weeks
    double expected{};    ///< mean of the foretold probabilities
    double came{};        ///< share that came
    double log_loss{};
    double auc{};
};

struct RhythmFit {
    RhythmModel model;
    std::size_t members{};  ///< with a gap
    std::size_t gaps{};     ///< that ended
    double mean_error{};    ///< what the levels were made small for, days
    double coverage{};      ///< of the 80 % intervals on the gaps they were fitted to
    std::optional<RhythmLookBack> look_back;
};

/// What the visits must hold at least; else prior_rhythm() is to be used.
inline constexpr std::size_t rhythm_members_min = 20;  ///< that came again
inline constexpr std::size_t rhythm_gaps_min = 200;    ///< after the members' first ones

/// The store's parameters from the visits before `today`:
/// 1. memory, κ, m, b and c: those whose levels erred least, in days, when each gap was foretold
///    from the ones before it (Nelder & Mead 1965, by NLopt, for each memory of a short list);
/// 2. k by the likelihood of what is left over (Laplace's law, for which the error is the measure);
/// 3. curves of silence and of returns, for each class of members with 200 gaps or more; the rest
///    use those of all. Returns are those of the later half of the time;
/// 4. for each pace with as many gaps the middle share of them that held 80 % of the gaps that
///    came: split conformal prediction with scores scaled by member (Lei et al. 2018, JASA
///    113(523)) within groups (Vovk, Gammerman & Shafer 2005, chapter 4.5);
/// 5. the hours (fit_hours).
/// Deterministic. `warm`: last night's model; makes 1 quicker. `look_back`: whether to try first
/// how the fit to the first 60 % of the days foretells the rest, which takes about as long again.
Result<RhythmFit> fit_rhythm(const RhythmSample& sample, WallDay today,
                             const std::optional<RhythmModel>& warm = {}, bool look_back = true);

/// Nothing where the first 60 % of the days cannot carry a fit.
std::optional<RhythmLookBack> look_back_on(const RhythmSample& sample, WallDay today);

}  // namespace raiten::scoring
