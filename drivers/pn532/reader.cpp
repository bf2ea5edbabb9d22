#include "drivers/pn532/reader.hpp"

#include "daemon/base/hex.hpp"
#include "drivers/pn532/command.hpp"
#include "drivers/pn532/target.hpp"

#include <algorithm>
#include <utility>

namespace raiten::drivers::pn532 {

void Reader::start(const Say& say)
{
    frames_.clear();
    presence_.clear();
    module_.clear();
    setbacks_ = 0;
    next_poll_ = Step::poll_a;
    begin("waking the module", say);
}

void Reader::finish(const Tell& tell)
{
    frames_.give_up([](FrameKind, Bytes) {}, tell);
    step_ = Step::closed;
    limit_.reset();
    state_ = {DevicePhase::down, "the link is closed"};
}

void Reader::feed(std::span<const std::byte> bytes, const Tell& tell, const Say& say)
{
    frames_.feed(
        bytes, [&](FrameKind kind, Bytes data) { take(kind, data, tell, say); }, tell);
}

void Reader::take(FrameKind kind, Bytes data, const Tell& tell, const Say& say)
{
    if (!awaits_answer()) return;
    switch (kind) {
        case FrameKind::ack:
            return;
        case FrameKind::nack:
            if (repeats_ < repeats_max) {
                const unsigned repeats = repeats_ + 1;
                go(step_, say);
                repeats_ = repeats;
            }
            return;
        case FrameKind::error:
            return setback("the module refused a command", say);
        case FrameKind::data:
            break;
    }
    const auto command = [this]() -> Bytes {
        switch (step_) {
            case Step::sam:
                return command::sam;
            case Step::firmware:
                return command::firmware;
            case Step::retries:
                return command::retries;
            case Step::releasing:
                return command::release;
            default:
                return command::type_a;
        }
    }();
    // An answer bears the command's number plus one. Any other comes too late, or is an echo.
    const bool answers =
        data.size() >= 2 && data[0] == from_module
        && std::to_integer<unsigned>(data[1]) == std::to_integer<unsigned>(command[1]) + 1;
    if (answers) take_answer(data.subspan(2), tell, say);
}

void Reader::take_answer(Bytes parameters, const Tell& tell, const Say& say)
{
    switch (step_) {
        case Step::sam:
            return go(Step::firmware, say);
        case Step::firmware:
            if (parameters.size() >= 3)
                module_ = "PN5" + to_hex(parameters.first(1)) + " firmware "
                          + std::to_string(std::to_integer<unsigned>(parameters[1])) + "."
                          + std::to_string(std::to_integer<unsigned>(parameters[2]));
            return go(Step::retries, say);
        case Step::retries:
            return go(next_poll_, say);
        case Step::releasing:
            return rest();
        default:
            return take_poll(parameters, tell, say);
    }
}

void Reader::take_poll(Bytes parameters, const Tell& tell, const Say& say)
{
    const auto targets = read_targets(parameters);
    if (!targets.has_value()) {
        tell(Garbled{targets.error().why, parameters.size()});
        return setback(std::string{targets.error().why}, say);
    }
    setbacks_ = 0;
    state_ = {DevicePhase::ready, module_.empty() ? "polling" : "polling, " + module_};

    // Refused numbers change at every poll: they are told once while anything like it lies there.
    for (const Target& target : targets->found) {
        const auto token = token_of(target);
        const bool news = presence_.arrived(token.has_value() ? *token : token.error().why);
        if (!news) continue;
        if (token.has_value())
            tell(TokenShown{*token, {}});
        else
            tell(Garbled{token.error().why, target.id.size()});
    }

    const bool last = step_ == Step::poll_felica_424;
    next_poll_ = last ? Step::poll_a : static_cast<Step>(static_cast<unsigned>(step_) + 1);
    if (last) presence_.round_over();
    if (targets->found.empty()) return rest();
    go(Step::releasing, say);
}

void Reader::expired(const Tell& tell, const Say& say)
{
    if (!limit_) return;
    if (step_ == Step::pausing) return begin("waking the module after a pause", say);
    if (step_ == Step::resting) return go(next_poll_, say);
    // A damaged length may hold an answer back; what is found now comes too late for its question.
    frames_.give_up([](FrameKind, Bytes) {}, tell);
    setback("no answer from the module", say);
}

void Reader::begin(std::string reason, const Say& say)
{
    state_ = {DevicePhase::starting, std::move(reason)};
    say(command::wake_up);
    go(Step::sam, say);
}

void Reader::go(Step step, const Say& say)
{
    step_ = step;
    repeats_ = 0;
    wait(answer_span);
    switch (step) {
        case Step::sam:
            return say(framed(command::sam));
        case Step::firmware:
            return say(framed(command::firmware));
        case Step::retries:
            return say(framed(command::retries));
        case Step::poll_a:
            return say(framed(command::type_a));
        case Step::poll_felica_212:
            return say(framed(command::felica_212));
        case Step::poll_felica_424:
            return say(framed(command::felica_424));
        case Step::releasing:
            return say(framed(command::release));
        case Step::closed:
        case Step::pausing:
        case Step::resting:
            return;
    }
}

/// Between two polls the field is left alone, and the line free.
void Reader::rest()
{
    step_ = Step::resting;
    wait(rest_span);
}

void Reader::setback(std::string reason, const Say& say)
{
    ++setbacks_;
    if (setbacks_ <= quick_tries) return begin(std::move(reason), say);

    const unsigned doublings = std::min(setbacks_ - quick_tries - 1, 16U);
    step_ = Step::pausing;
    state_ = {DevicePhase::down, std::move(reason)};
    wait(std::min(pause_max, pause_min * (1U << doublings)));
}

void Reader::wait(Millis span)
{
    limit_ = TimeLimit{++limits_, span};
}

bool Reader::awaits_answer() const
{
    return step_ != Step::closed && step_ != Step::pausing && step_ != Step::resting;
}

}  // namespace raiten::drivers::pn532

namespace raiten::drivers {

std::unique_ptr<Dialogue> make_pn532()
{
    return std::make_unique<pn532::Reader>();
}

}  // namespace raiten::drivers
