#pragma once

#include "drivers/ble/command.hpp"
#include "drivers/ble/h4.hpp"
#include "drivers/ble/listener.hpp"
#include "drivers/translator.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace raiten::drivers::ble {

/// The dialogue with a Bluetooth controller over H4 until it scans, and while it does:
///
///     Reset > version > commands > features > event masks > scan parameters > scan enable
///                                                                         > scanning
///
/// - One command is out at a time, and none while the controller grants no credit.
/// - Extended scanning (2041, 2042) where the controller has it, else legacy (200B, 200C). If it
///   refuses an extended command in whatever way (Command Complete or Command Status with an
///   error, silence), it is reset and the legacy ones are used: the two must not be mixed.
/// - Version, commands, features and masks may be refused. One that is not even answered is left
///   out after the next Reset.
/// - A lost thread, a Hardware Error, a refused or unanswered command: Reset, `quick_tries` times
///   at once, then after growing pauses up to `pause_max`, being down meanwhile.
/// - While scanning, after `checkup_span` without a report the controller is asked for its version;
///   after `quiet_checkups_max` of those without any report the scan is begun anew, because radios
///   fall silent while their controllers still answer.
class Scanner final : public Dialogue {
 public:
    static constexpr Millis answer_span{2'000};
    static constexpr Millis checkup_span{30'000};
    static constexpr unsigned quiet_checkups_max = 10;
    static constexpr unsigned quick_tries = 3;
    static constexpr Millis pause_min{1'000};
    static constexpr Millis pause_max{60'000};

    Scanner() = default;
    explicit Scanner(AllowList allow) : allow_{std::move(allow)} {}

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
        reset,
        version,
        commands,
        features,
        event_mask,
        le_event_mask,
        scan_parameters,
        scan_enable,
        scanning,
        checkup
    };

    void take_event(Bytes event, const Tell& tell, const Say& say);
    void take_credit(unsigned credits, const Say& say);
    void take_answer(unsigned opcode, unsigned status, Bytes values, const Say& say);
    void refused(unsigned status, const Say& say);
    void learn(Bytes values);
    void go(Step step, const Say& say);
    void send(const Say& say);
    void begin_scanning();
    void check_up(const Say& say);
    void reset(std::string reason, const Say& say);
    void setback(std::string reason, const Say& say);
    void wait(Millis span);

    command::Opcode opcode_of(Step step) const;
    static bool optional(Step step);

    H4 h4_{H4::Hunt::reset_answer};
    AllowList allow_;
    Listener listener_{allow_};
    DeviceState state_{DevicePhase::down, "not opened yet"};
    std::optional<TimeLimit> limit_;
    std::uint64_t limits_{};

    Step step_{Step::closed};
    bool awaiting_credit_{};  ///< the step's command is not sent yet
    unsigned credits_{1};
    unsigned setbacks_{};  ///< in a row, without a good check-up between

    bool extended_refused_{};
    bool extended_supported_{true};
    bool extended_{};            ///< as chosen for this round
    std::set<Step> unanswered_;  ///< optional steps to leave out
    std::string controller_;     ///< version, for people

    bool heard_{};  ///< a report since the last check-up
    unsigned quiet_checkups_{};
};

}  // namespace raiten::drivers::ble

namespace raiten::drivers {

/// The driver `ble-h4`: a controller over serial, TCP or a unix socket.
/// `allow`: see Options.
std::unique_ptr<Dialogue> make_ble_h4(std::vector<std::string> allow = {});

}  // namespace raiten::drivers
