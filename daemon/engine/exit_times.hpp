#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/rules.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace raiten {

/// How long a tag may be silent before its bearer has left, learned from the tags themselves.
///
/// Tags of one model (the beacons of one order, the app on telephones) are heard in a rhythm of
/// their own, with the gaps that bodies and walls make. What is counted, for each model, is how
/// long the gaps within visits were, in time during which somebody listened. A time-out T would
/// have ended a visit falsely at each gap above T, so
///
///     expected false exits per visit(T) = gaps above T / visits
///
/// and the time-out in force is the shortest step within [exit_timeout_min, exit_timeout] for which
/// (gaps above T + 1) / (visits + 1), Laplace's rule of succession, is at most
/// `false_exits_max`. It takes effect when learn() is called and stands until the next call, so
/// that it does not depend on the order of events in between.
class ExitTimes {
 public:
    static constexpr double false_exits_max = 0.02;
    /// More models than this share the first place.
    static constexpr std::size_t models_max = 64;
    static constexpr std::array<std::int64_t, 18> steps_s{
        15, 30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 420, 480, 540, 600, 900, 1800, 3600};

    /// What is known of one model.
    struct Model {
        std::uint32_t id{};  ///< Token::model; 0: unknown, and whoever found no place
        std::uint64_t visits{};
        std::array<std::uint64_t, steps_s.size()> gaps_above{};  ///< by the steps of steps_s
        Millis timeout{};

        /// Expected number of times that a visit seems to end while its member is still there.
        double false_exits() const;
        bool operator==(const Model&) const = default;
        template <class Archive>
        void archive(Archive& a)
        {
            a(id, visits, gaps_above, timeout);
        }
    };

    explicit ExitTimes(const VisitRules& rules);

    /// The place of a model: what a sighting carries.
    std::uint8_t place(std::uint32_t model);
    void note_gap(std::uint8_t place, Millis gap);
    void note_visit(std::uint8_t place);
    /// There is something that learn() has not seen.
    bool news() const { return news_; }
    /// True if a time-out is another now.
    bool learn();

    Millis timeout(std::uint8_t place) const { return models_[place].timeout; }
    /// Of all models: no tag is given up sooner.
    Millis shortest() const;
    const std::vector<Model>& models() const { return models_; }
    void restore(const Model& known);
    template <class Archive>
    void archive(Archive& a)
    {
        a(models_, news_);
    }

 private:
    Millis fitting(const Model& model) const;

    const VisitRules& rules_;
    std::vector<Model> models_;
    bool news_{};
};

}  // namespace raiten
