#pragma once

#include "daemon/app/memory_members.hpp"
#include "daemon/app/night.hpp"
#include "daemon/decision/experiment.hpp"
#include "daemon/engine/engine.hpp"
#include "tests/support/rental_people.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <variant>
#include <vector>

/// A film-rental store in which the real engine and the real nights decide about made-up people,
/// and these answer what was decided.
namespace raiten::stage {

/// A store's engine with its members and nights; what they answer is kept as a ledger would.
class RentalBox {
 public:
    using Belongs = std::function<bool(const std::string& member)>;  ///< to the campaign's segment

    RentalBox(std::uint64_t seed, std::size_t members, std::optional<Campaign> campaign,
              Belongs belongs = {});

    static const StoreClock& clock();
    static const VisitRules& visit_rules();
    static Token token(std::size_t member) { return {{1, member + 1}, TokenKind::app, false, 0}; }
    static std::string name(std::size_t member) { return "m" + std::to_string(member); }

    /// Told as it comes; nothing else is kept of it.
    std::function<void(const Effect&)> noted = [](const Effect&) {};

    Consequence apply(const Event& event);
    void night(Instant at);
    Engine& engine() { return engine_; }
    app::MemoryMembers& memory() { return memory_; }
    std::size_t forecasts() const { return forecasts_; }

 private:
    class Chosen;
    Engine::Setup setup(std::uint64_t seed) const;

    std::uint64_t seed_;
    std::optional<Campaign> campaign_;
    app::MemoryMembers memory_;
    std::unique_ptr<Segments> segments_;
    Engine engine_;
    std::shared_ptr<const scoring::Models> models_;
    std::size_t forecasts_{};
};

/// One decision of the campaign, and what its member did in the day after it.
struct RentalDecision {
    std::size_t member{};
    Instant at;  ///< when the coupon came, or would have
    bool withheld{};
    bool learned{};         ///< by an estimate of the member's own uplift
    double to_usual_day{};  ///< hours from `at` to the member's next usual day
    double to_habit{};      ///< hours from `at` to the next time the clock shows the habit's hour
};

struct RentalVisit {
    std::size_t member{};
    Instant at;
    bool extra{};
    std::int64_t spent{};  ///< units
    bool redeems{};
};

struct RentalPlan {
    std::uint64_t seed{};
    std::size_t members{};
    int warm_up_weeks{10};
    int weeks{10};
    PlantedEffect planted{};
    std::optional<Campaign> campaign;
    RentalBox::Belongs belongs;
    /// The coupon reaches its member so much later than it was decided, at random up to this.
    Millis delivered_within{};
    std::vector<double> offers{1.0};  ///< how good each offer is, in the order of their codes
};

/// What a season came to, from the first night on.
struct RentalSeason {
    std::vector<RentalMember> people;  ///< as they are at the end
    std::vector<RentalVisit> visits;   ///< in order of time
    std::vector<RentalDecision> decisions;
    std::size_t redeemed{};
    double cost{};  ///< of the coupons redeemed, units
    Funnel funnel;
    std::size_t forecasts{};
    std::vector<decision::ExperimentMember> experiment;  ///< as the product joins it
};

/// An event, or a night (without one).
struct RentalStep {
    Instant at;
    std::optional<Event> event;
};

/// Plays a season; `steps`: all that the box was told, but for the mere passing of time.
RentalSeason play(const RentalPlan& plan, std::vector<RentalStep>* steps = nullptr);

/// Three hours before the predicted visit, to the app, half withheld.
Campaign rental_campaign();

Instant rental_start();
/// The first night after so many weeks.
Instant rental_night(int weeks);

}  // namespace raiten::stage
