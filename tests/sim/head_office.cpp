#include "tests/sim/head_office.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace raiten::sim {

using Json = nlohmann::json;

namespace {

HeadOffice* only = nullptr;

constexpr Millis keep_alive_noticed{45'000};

std::string topics()
{
    return "raiten/v1/" + std::string{sim_tenant} + "/" + std::string{sim_store} + "/"
           + std::string{sim_device} + "/";
}

HeadOffice::Message read(const std::string& payload)
{
    const auto json = Json::parse(payload);
    HeadOffice::Message out;
    out.epoch = json.at("epoch");
    out.sequence = out.from = json.at("sequence");
    out.id = json.at("id");
    out.type = json.at("type");
    out.payload = payload;
    const std::string lane = json.at("lane");
    for (const Lane each : lanes)
        if (lane == text_of(each)) out.lane = each;
    if (out.type == "raiten.gap.v1") out.from = json.at("data").at("from");
    return out;
}

std::string name(const HeadOffice::Message& message)
{
    auto out = std::string{text_of(message.lane)} + " " + std::to_string(message.sequence);
    if (message.from != message.sequence) out += " (gap from " + std::to_string(message.from) + ")";
    return out;
}

}  // namespace

HeadOffice::HeadOffice(std::uint64_t seed, Clockwork& clock, Trace& trace)
    : dice_{seed}, clock_{clock}, trace_{trace}
{
    only = this;
}

HeadOffice::~HeadOffice()
{
    only = nullptr;
}

HeadOffice& HeadOffice::here()
{
    if (!only) throw std::logic_error{"no head office"};
    return *only;
}

Millis HeadOffice::latency()
{
    return Millis{1 + dice_.below(static_cast<std::uint64_t>(faults.latency_max.count()))};
}

void HeadOffice::later(Millis span, std::function<void()> what)
{
    clock_.after(span, std::move(what));
}

// ---- the broker --------------------------------------------------------------------------------

void HeadOffice::connect(const std::shared_ptr<Line>& line, Answer answer)
{
    line->number = ++lines_;
    if (dice_.share() < faults.silent) return;
    later(latency(), [this, line, answer = std::move(answer)] {
        if (!line->up) return;
        if (faults.down || dice_.share() < faults.refuses_connection) {
            line->up = false;
            return answer("connection refused");
        }
        if (line_) end(line_, true);  // the same client id
        line_ = line;
        trace_.tell(clock_.now(), "broker: connected, line " + std::to_string(line->number));
        answer(nullptr);
    });
}

void HeadOffice::subscribe(const std::shared_ptr<Line>& line, Answer answer)
{
    later(latency(), [this, line, answer = std::move(answer)] {
        if (!line->up || line->stalled) return;
        line->subscribed = true;
        answer(nullptr);
        while (!words_.empty() && line->up) {
            line->deliver(topics() + "ack", words_.front());
            words_.pop_front();
        }
    });
}

void HeadOffice::publish(const std::shared_ptr<Line>& line, std::string topic, std::string payload,
                         bool retained, Answer answer)
{
    const bool breaks = dice_.share() < faults.breaks;
    const bool arrives = !breaks || dice_.below(2) == 0;
    const bool stalls = dice_.share() < faults.stalls;
    const bool refused = !retained && dice_.share() < faults.turns_down;
    line->arrives_at = std::max(line->arrives_at, clock_.now() + latency());
    later(line->arrives_at - clock_.now(),
          [=, this, answer = std::move(answer), topic = std::move(topic),
           payload = std::move(payload)] {
              if (!line->up) return;
              if (stalls && !line->stalled) {
                  line->stalled = true;
                  trace_.tell(clock_.now(), "broker: stalled");
                  later(keep_alive_noticed, [this, line] { end(line, true); });
              }
              if (refused) {
                  trace_.tell(clock_.now(), "broker: quota exceeded");
                  if (!retained) in_order(*line, read(payload));
              } else if (arrives) {
                  arrived(line, topic, payload, retained);
              }
              if (breaks) return end(line, true);
              line->answers_at = std::max(line->answers_at, clock_.now() + latency());
              later(line->answers_at - clock_.now(), [=] {
                  if (line->up && !line->stalled) answer(refused ? "Quota exceeded" : nullptr);
              });
          });
}

void HeadOffice::arrived(const std::shared_ptr<Line>& line, const std::string& topic,
                         const std::string& payload, bool retained)
{
    if (!topic.starts_with(topics())) throw Broken{"a strange topic: " + topic};
    if (retained) {
        online_ = Json::parse(payload).at("data").at("state") == "online";
        return;
    }
    const auto message = read(payload);
    trace_.tell(clock_.now(), "broker: " + name(message));
    in_order(*line, message);
    taken_.emplace(Place{message.lane, message.sequence}, message);
    advance(taken_, message.lane, taken_through_[static_cast<std::size_t>(message.lane)]);
    queue(message);
}

/// Within a lane a connection publishes upwards, also what is refused; it may go back, and then
/// only to what HQ (or, where HQ does not speak, the broker) has not got yet, so that nothing is
/// left out.
void HeadOffice::in_order(Line& line, const Message& message)
{
    const auto lane = static_cast<std::size_t>(message.lane);
    auto& last = line.last[lane];
    const auto had = std::max(contiguous_[lane], taken_through_[lane]);
    if (message.sequence <= last && message.from > had + 1)
        throw Broken{"out of order: " + name(message) + " after " + std::to_string(last)};
    last = message.sequence;
}

void HeadOffice::advance(const std::map<Place, Message>& messages, Lane lane,
                         std::uint64_t& through)
{
    for (auto next = messages.upper_bound({lane, through});
         next != messages.end() && next->first.first == lane && next->second.from <= through + 1;
         ++next)
        through = next->first.second;
}

void HeadOffice::hang_up(const std::shared_ptr<Line>& line, bool gently)
{
    if (!line->up) return;
    line->up = false;
    if (line_ == line) line_.reset();
    if (!gently && !line->will.empty() && line->number == lines_) online_ = false;
}

void HeadOffice::end(std::shared_ptr<Line> line, bool with_will)
{
    if (!line->up) return;
    line->up = false;
    if (line_ == line) line_.reset();
    if (with_will) online_ = false;
    trace_.tell(clock_.now(), "broker: line " + std::to_string(line->number) + " broke");
    line->lost("connection lost");
}

void HeadOffice::crash(bool forgets)
{
    trace_.tell(clock_.now(), forgets ? "broker: crash, all forgotten" : "broker: crash");
    if (line_) end(line_, true);
    if (!forgets) return;
    ++memory_;
    queue_.clear();
    words_.clear();
    online_.reset();
}

// ---- HQ ----------------------------------------------------------------------------------------

void HeadOffice::queue(const Message& message)
{
    const bool twice = dice_.share() < faults.doubles;
    for (int i = 0; i < (twice ? 2 : 1); ++i) {
        queue_.push_back(message);
        later(latency() * 5, [this, memory = memory_] { deliver_next(memory); });
    }
}

void HeadOffice::deliver_next(std::uint64_t memory)
{
    if (memory != memory_ || queue_.empty()) return;
    const auto message = std::move(queue_.front());
    queue_.pop_front();
    store(message);
}

void HeadOffice::store(const Message& message)
{
    const Place place{message.lane, message.sequence};
    const auto [at, fresh] = stored_.emplace(place, message);
    // A row that expired after it was sent becomes a gap, and gaps grow together.
    if (!fresh && at->second.payload != message.payload && message.type != "raiten.gap.v1")
        throw Broken{"two messages at " + name(message) + ": " + at->second.payload + " and "
                     + message.payload};
    if (epoch_ != 0 && epoch_ != message.epoch) throw Broken{"another epoch"};
    epoch_ = message.epoch;
    if (!fresh && message.from < at->second.from) at->second.from = message.from;
    advance(stored_, message.lane, contiguous_[static_cast<std::size_t>(message.lane)]);
    if (!faults.mute && dice_.share() >= faults.withholds_ack)
        later(latency() * 10, [this] { speak(); });
}

void HeadOffice::speak()
{
    Json ack{{"epoch", epoch_}};
    for (const Lane lane : lanes)
        if (contiguous(lane) > 0) ack[std::string{text_of(lane)}] = contiguous(lane);
    auto word = ack.dump();
    const auto sent = [this, memory = memory_, word] {
        if (memory != memory_) return;
        if (line_ && line_->up && line_->subscribed && !line_->stalled)
            return line_->deliver(topics() + "ack", word);
        if (words_.size() < 100) words_.push_back(word);
    };
    later(latency() * 3, sent);
    if (dice_.share() < faults.doubles) later(latency() * 100, sent);  // late, and stale by then
}

}  // namespace raiten::sim
