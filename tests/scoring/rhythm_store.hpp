#pragma once

#include "daemon/scoring/rhythm_sample.hpp"

#include <cmath>
#include <random>
#include <vector>

/// A simulated store whose members come at gaps of their own: log-normal about a level that differs
/// by member, and after each visit some never come again. It is open from 10 to 20 o'clock, not on
/// Sundays.
namespace raiten::test {

struct RhythmStore {
    std::uint32_t seed{20261123};
    std::size_t members{400};
    int days{400};
    double level{2.0}, level_spread{0.7};  ///< log days
    double spread{0.5};
    double leaves{0.03};
    scoring::WallDay first_day{20'000};

    std::vector<std::vector<scoring::WallTime>> visits() const
    {
        std::mt19937 dice{seed};
        const auto chance = [&] { return static_cast<double>(dice()) / 4294967296.0; };
        const auto normal = [&] {
            double sum = -6;  // Irwin & Hall: twelve uniforms
            for (int i = 0; i < 12; ++i) sum += chance();
            return sum;
        };
        std::vector<std::vector<scoring::WallTime>> all;
        for (std::size_t i = 0; i < members; ++i) {
            const double own = level + level_spread * normal();
            const double hour = 11 + 8 * chance();
            double at = chance() * days / 2;
            std::vector<scoring::WallTime> visits;
            while (at < days) {
                auto day = first_day + static_cast<scoring::WallDay>(at);
                if (scoring::weekday_of(day) == 6) ++day;
                const double minute = std::clamp((hour + 0.5 * normal()) * 60, 600.0, 1199.0);
                visits.push_back(scoring::WallTime{std::chrono::days{day}}
                                 + std::chrono::minutes{static_cast<int>(minute)});
                if (chance() < leaves) break;
                at += std::max(1.0, std::round(std::exp(own + spread * normal())));
            }
            all.push_back(std::move(visits));
        }
        return all;
    }

    scoring::RhythmSample sample() const
    {
        scoring::RhythmSample sample;
        std::uint64_t number = 0;
        for (const auto& each : visits()) sample.note(number++, each);
        return sample;
    }
    scoring::WallDay today() const { return first_day + days; }
};

}  // namespace raiten::test
