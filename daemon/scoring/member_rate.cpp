#include "daemon/scoring/member_rate.hpp"

namespace raiten::scoring {
namespace {

constexpr double evidence_kept = 0.999;  ///< from one visit to the next

double drawn(double purchases, double visits, double pull, double store)
{
    return (std::min(purchases, visits) + pull * store) / (visits + pull);
}

}  // namespace

double MemberRate::of(std::uint32_t purchases, std::uint32_t visits) const
{
    double rate = 0, all = 0;
    for (std::size_t i = 0; i < pulls.size(); ++i) {
        const double share = std::exp(evidence_[i]);
        rate += share * drawn(purchases, visits, pulls[i], store());
        all += share;
    }
    return rate / all;
}

void MemberRate::learn(std::uint32_t purchases, std::uint32_t visits, bool bought)
{
    for (std::size_t i = 0; i < pulls.size(); ++i) {
        const double rate = drawn(purchases, visits, pulls[i], store());
        evidence_[i] = evidence_[i] * evidence_kept + std::log(bought ? rate : 1 - rate);
    }
    const double best = *std::max_element(evidence_.begin(), evidence_.end());
    for (auto& each : evidence_) each -= best;
    visits_ += 1;
    bought_ += bought ? 1 : 0;
}

void MemberRate::correct(bool bought)
{
    bought_ = std::clamp(bought_ + (bought ? 1.0 : -1.0), 0.0, visits_);
}

void MemberRate::fade(double kept)
{
    visits_ *= kept;
    bought_ *= kept;
}

bool MemberRate::sound() const
{
    return std::isfinite(visits_) && visits_ >= 0 && bought_ >= 0 && bought_ <= visits_ * (1 + 1e-9)
           && std::all_of(evidence_.begin(), evidence_.end(),
                          [](double each) { return std::isfinite(each) && each <= 0; })
           && *std::max_element(evidence_.begin(), evidence_.end()) == 0;
}

}  // namespace raiten::scoring
