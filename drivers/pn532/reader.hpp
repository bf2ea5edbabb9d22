#pragma once

#include "drivers/pn532/frame.hpp"
#include "drivers/pn532/presence.hpp"
#include "drivers/translator.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace raiten::drivers::pn532 {

/// The dialogue with a PN532 on a serial line:
///
///     wake up, SAMConfiguration > firmware > retries > poll A > poll FeliCa 212 > poll FeliCa 424
///                                                        ^  (release, rest between polls)  |
///                                                        +--------------------------------+
///
/// - One command is out at a time; each has `answer_span`. No answer, or a refusal: from the start,
///   `quick_tries` times at once, then after growing pauses up to `pause_max`, being down
///   meanwhile.
/// - It is ready once a poll was answered, with or without a card.
/// - A card is told when it comes, and again only after it was away (`Presence`).
class Reader final : public Dialogue {
 public:
    static constexpr Millis answer_span{1'000};
    static constexpr Millis rest_span{50};
    static constexpr unsigned quick_tries = 3;
    static constexpr unsigned repeats_max = 3;  ///< of a command that the module did not get whole
    static constexpr Millis pause_min{1'000};
    static constexpr Millis pause_max{60'000};

    using Dialogue::feed;
    void start(const Say& say) override;
    void feed(std::span<const std::byte> bytes, const Tell& tell, const Say& say) override;
    void expired(const Tell& tell, const Say& say) override;
    void finish(const Tell& tell) override;
    std::optional<TimeLimit> time_limit() const override { return limit_; }
    const DeviceState& state() const override { return state_; }

 private:
    enum class Step : std::uint8_t {
        closed,
        pausing,
        sam,
        firmware,
        retries,
        poll_a,
        poll_felica_212,
        poll_felica_424,
        releasing,
        resting
    };

    void take(FrameKind kind, Bytes data, const Tell& tell, const Say& say);
    void take_answer(Bytes parameters, const Tell& tell, const Say& say);
    void take_poll(Bytes parameters, const Tell& tell, const Say& say);
    void begin(std::string reason, const Say& say);
    void go(Step step, const Say& say);
    void rest();
    void setback(std::string reason, const Say& say);
    void wait(Millis span);
    bool awaits_answer() const;

    Frames frames_;
    Presence presence_;
    DeviceState state_{DevicePhase::down, "not opened yet"};
    std::optional<TimeLimit> limit_;
    std::uint64_t limits_{};
    Step step_{Step::closed};
    Step next_poll_{Step::poll_a};
    unsigned setbacks_{};  ///< in a row, without an answered poll between
    unsigned repeats_{};   ///< of the present command
    std::string module_;   ///< chip and firmware, for people
};

}  // namespace raiten::drivers::pn532

namespace raiten::drivers {

/// Format `pn532`, live: asks a module for cards.
std::unique_ptr<Dialogue> make_pn532();

}  // namespace raiten::drivers
