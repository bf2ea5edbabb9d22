#include "drivers/ble/scanner.hpp"

#include "daemon/base/hex.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace raiten::drivers::ble {
namespace {

using command::Opcode;

std::string hex_text(unsigned byte)
{
    const std::array one{static_cast<std::byte>(byte)};
    return "0x" + to_hex(one);
}

bool is_report(Bytes event)
{
    if (event.size() < 3 || u8(event[0]) != event_code::le_meta) return false;
    const unsigned code = u8(event[2]);
    return code == subevent::advertising_report || code == subevent::extended_advertising_report;
}

}  // namespace

void Scanner::start(const Say& say)
{
    h4_ = H4{H4::Hunt::reset_answer};
    h4_.lose("bytes before the controller was reset");
    listener_ = Listener{allow_};
    setbacks_ = 0;
    extended_refused_ = false;
    unanswered_.clear();
    controller_.clear();
    reset("resetting the controller", say);
}

void Scanner::finish(const Tell& tell)
{
    h4_.finish([&](const Garbled& garbled) { tell(garbled); });
    listener_.finish(tell);
    step_ = Step::closed;
    limit_.reset();
    state_ = {DevicePhase::down, "the link is closed"};
}

void Scanner::feed(std::span<const std::byte> bytes, const Tell& tell, const Say& say)
{
    const auto losses = h4_.losses();
    h4_.feed(
        bytes,
        [&](PacketType type, Bytes packet) {
            if (type == PacketType::event) take_event(packet, tell, say);
        },
        [&](const Garbled& garbled) { tell(garbled); });
    const bool hunting_already = step_ == Step::reset || step_ == Step::pausing;
    if (h4_.losses() != losses && step_ != Step::closed && !hunting_already)
        setback("lost the thread of the byte stream", say);
}

void Scanner::take_event(Bytes event, const Tell& tell, const Say& say)
{
    listener_.take(event, tell);
    if (step_ == Step::closed) return;
    if (is_report(event)) heard_ = true;

    const Bytes parameters = event.subspan(2);
    switch (u8(event[0])) {
        case event_code::command_complete:
            if (parameters.size() < 3) return;
            take_answer(le16(parameters, 1), parameters.size() > 3 ? u8(parameters[3]) : 0,
                        parameters.subspan(std::min<std::size_t>(parameters.size(), 4)), say);
            return take_credit(u8(parameters[0]), say);
        case event_code::command_status:
            if (parameters.size() < 4) return;
            if (u8(parameters[0]) != 0)
                take_answer(le16(parameters, 2), u8(parameters[0]), {}, say);
            return take_credit(u8(parameters[1]), say);
        case event_code::hardware_error:
            if (parameters.empty() || step_ == Step::pausing) return;
            return setback("hardware error " + hex_text(u8(parameters[0])), say);
        default:
            return;
    }
}

/// The number in every answer says how many commands may be sent from now on.
void Scanner::take_credit(unsigned credits, const Say& say)
{
    credits_ = credits;
    if (awaiting_credit_ && credits_ > 0) send(say);
}

void Scanner::take_answer(unsigned opcode, unsigned status, Bytes values, const Say& say)
{
    const Opcode asked = opcode_of(step_);
    if (awaiting_credit_ || asked == Opcode::none || opcode != static_cast<unsigned>(asked)) return;
    if (status != 0 && !optional(step_) && step_ != Step::checkup) return refused(status, say);
    if (status == 0) learn(values);

    // The credit that came with this answer is not counted yet: the next command waits for it.
    credits_ = 0;
    switch (step_) {
        case Step::scan_enable:
            return begin_scanning();
        case Step::checkup:
            return check_up(say);
        default:
            return go(static_cast<Step>(static_cast<unsigned>(step_) + 1), say);
    }
}

void Scanner::refused(unsigned status, const Say& say)
{
    const std::string what =
        std::string{command::name(opcode_of(step_))} + " refused with error " + hex_text(status);
    if (step_ != Step::reset && extended_) {
        extended_refused_ = true;
        return reset(what + ", trying legacy scanning", say);
    }
    extended_refused_ = false;  // neither kind is certain any more: try both in turn
    setback(what, say);
}

void Scanner::learn(Bytes values)
{
    switch (step_) {
        case Step::version:
            if (values.size() >= 8)
                controller_ = "HCI version " + std::to_string(u8(values[0])) + ", maker "
                              + std::to_string(le16(values, 4));
            return;
        case Step::commands:
            extended_supported_ = extended_supported_ && command::allows_extended_scan(values);
            return;
        case Step::features:
            extended_supported_ = extended_supported_ && command::has_extended_advertising(values);
            return;
        default:
            return;
    }
}

/// Enters a step, or the next one that is not left out, and sends its command.
void Scanner::go(Step step, const Say& say)
{
    while (unanswered_.contains(step)) step = static_cast<Step>(static_cast<unsigned>(step) + 1);
    step_ = step;
    if (step_ == Step::scan_parameters) extended_ = extended_supported_ && !extended_refused_;
    awaiting_credit_ = credits_ == 0 && step_ != Step::reset;
    wait(answer_span);
    if (!awaiting_credit_) send(say);
}

void Scanner::send(const Say& say)
{
    awaiting_credit_ = false;
    credits_ = 0;
    wait(answer_span);
    say(command::packet(opcode_of(step_)));
}

void Scanner::begin_scanning()
{
    step_ = Step::scanning;
    heard_ = false;
    quiet_checkups_ = 0;
    wait(checkup_span);
    state_ = {DevicePhase::ready, extended_ ? "scanning, extended" : "scanning, legacy"};
    if (!controller_.empty()) state_.reason += ", " + controller_;
}

/// The controller still answers, but its radio may be deaf.
void Scanner::check_up(const Say& say)
{
    step_ = Step::scanning;
    setbacks_ = 0;
    quiet_checkups_ = heard_ ? 0 : quiet_checkups_ + 1;
    heard_ = false;
    if (quiet_checkups_ >= quiet_checkups_max)
        return setback("nothing heard for long, starting the scan anew", say);
    wait(checkup_span);
}

void Scanner::expired(const Tell& tell, const Say& say)
{
    static_cast<void>(tell);
    if (!limit_) return;
    if (step_ == Step::pausing) return reset("resetting the controller after a pause", say);
    if (step_ == Step::scanning) {
        const bool may_ask = !unanswered_.contains(Step::version);
        return may_ask && !heard_ ? go(Step::checkup, say) : check_up(say);
    }
    // A controller that forgot to give the credit back is asked all the same.
    if (awaiting_credit_) return send(say);

    if (optional(step_)) unanswered_.insert(step_);
    const bool setting_up_scan = step_ == Step::scan_parameters || step_ == Step::scan_enable;
    if (setting_up_scan && extended_) extended_refused_ = true;
    const std::string what = "no answer to " + std::string{command::name(opcode_of(step_))};
    h4_.lose("bytes of a controller that did not answer");
    setback(what, say);
}

void Scanner::reset(std::string reason, const Say& say)
{
    state_ = {DevicePhase::starting, std::move(reason)};
    extended_ = false;
    extended_supported_ = true;
    go(Step::reset, say);
}

void Scanner::setback(std::string reason, const Say& say)
{
    ++setbacks_;
    if (setbacks_ <= quick_tries) return reset(std::move(reason), say);

    const unsigned doublings = std::min(setbacks_ - quick_tries - 1, 16U);
    step_ = Step::pausing;
    awaiting_credit_ = false;
    state_ = {DevicePhase::down, std::move(reason)};
    wait(std::min(pause_max, pause_min * (1U << doublings)));
}

void Scanner::wait(Millis span)
{
    limit_ = TimeLimit{++limits_, span};
}

command::Opcode Scanner::opcode_of(Step step) const
{
    switch (step) {
        case Step::reset:
            return Opcode::reset;
        case Step::version:
        case Step::checkup:
            return Opcode::read_version;
        case Step::commands:
            return Opcode::read_commands;
        case Step::features:
            return Opcode::le_read_features;
        case Step::event_mask:
            return Opcode::set_event_mask;
        case Step::le_event_mask:
            return Opcode::le_set_event_mask;
        case Step::scan_parameters:
            return extended_ ? Opcode::le_set_extended_scan_parameters
                             : Opcode::le_set_scan_parameters;
        case Step::scan_enable:
            return extended_ ? Opcode::le_set_extended_scan_enable : Opcode::le_set_scan_enable;
        case Step::closed:
        case Step::pausing:
        case Step::scanning:
            return Opcode::none;
    }
    return Opcode::none;
}

bool Scanner::optional(Step step)
{
    return step >= Step::version && step <= Step::le_event_mask;
}

}  // namespace raiten::drivers::ble

namespace raiten::drivers {

std::unique_ptr<Dialogue> make_ble_h4(std::vector<std::string> allow)
{
    return std::make_unique<ble::Scanner>(ble::AllowList{std::move(allow)});
}

}  // namespace raiten::drivers
