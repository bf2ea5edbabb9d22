#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/scoring/model_guard.hpp"
#include "daemon/scoring/offer_sample.hpp"
#include "daemon/scoring/uplift.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a campaign has learned of its own offer, and whom its `target` means by that.
namespace raiten::scoring {

/// Members of this share are decided about whatever is expected of them. Without them nothing
/// would be learned any more of those outside of the target: an effect that comes up there later
/// would never be seen, and a share of "the members" would soon be one of those who are in it.
inline constexpr double explored_share = 0.05;

/// Whether a member is one of those for this campaign: always, and in every store of the tenant,
/// the same, by a keyed lot of its own. (The lots of the control group are others: of these members
/// too the campaign's share is withheld.)
bool is_explored(std::uint64_t tenant_seed, const std::string& campaign, std::string_view member);

inline constexpr std::size_t uplift_cuts = 101;
/// Fewer members than this do not say where a share of them begins.
inline constexpr std::size_t cut_members_min = 50;

struct CampaignUplift {
    UpliftModel model;
    Instant made_at;
    std::uint64_t decisions{};  ///< that it was learned from
    /// Estimates at 0, 1, …, 100 of 100 members, ascending; empty where there were too few members.
    std::vector<double> cuts;

    template <class Archive>
    void archive(Archive& a)
    {
        a(model, made_at, decisions, cuts);
    }
};

/// That a model can be used, such as one that was read from outside.
Result<void> check(const CampaignUplift& learned);

/// Learns a campaign from `decisions`. `anybody`: of each member the newest decision that was made
/// whatever was expected of them; the cuts are those of their estimates. A Problem where not even
/// the average can be said. `warm`: see learn_uplift.
Result<CampaignUplift> learn_campaign(const OfferSample& decisions, const OfferSample& anybody,
                                      Instant at, const CampaignUplift* warm = nullptr);

/// Whether tonight's model replaces the one in use, which may be none: not where its numbers are
/// none, where a fifth of the decisions has gone missing since, or where tonight's decisions are
/// clearly less likely under it (the chance of what each member did, with or without the offer).
Verdict judge(const CampaignUplift& tonight, const CampaignUplift* in_use,
              const OfferSample& decisions);

/// The estimate above which this share of the members lies; nothing where that is not known.
std::optional<double> cut_of(const CampaignUplift& learned, double top_share);

/// What is expected of the offer for one member.
struct Targeted {
    double uplift{};
    bool in_target{};
    std::string why;  ///< one sentence, where the member is in the target
};

/// A member is in the target where the estimate reaches both `uplift_min` and the cut of
/// `top_share`. While nothing tells members apart the average holds for each of them: it must reach
/// `uplift_min`, and everybody is in any top share. `explored`: see is_explored.
Targeted targeted(const CampaignUplift& learned, const Campaign::Target& target,
                  std::span<const double> features, bool explored);

}  // namespace raiten::scoring
