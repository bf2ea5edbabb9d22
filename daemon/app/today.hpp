#pragma once

#include "daemon/ledger/ledger.hpp"
#include "daemon/model/effect.hpp"
#include "daemon/model/rules.hpp"

#include <cstdint>

namespace raiten::app {

/// The few figures of the present business day that stand at the top of the kiosk page.
class Today {
 public:
    explicit Today(const StoreClock& clock) : clock_{clock} {}

    /// Counts from the ledger what happened before this start.
    Result<void> recall(ledger::Ledger& ledger, Instant now);
    void note(const Effect& effect);

    struct Figures {
        std::chrono::sys_days day{};
        std::uint32_t visits{};
        std::uint32_t returns{};
        std::uint32_t purchases{};
        std::uint32_t coupons{};
    };
    Figures figures(Instant now);

 private:
    void roll(Instant at);

    const StoreClock& clock_;
    Figures figures_;
};

}  // namespace raiten::app
