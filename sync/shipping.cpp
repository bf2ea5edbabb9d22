#include "sync/shipping.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace raiten::sync {

using boost::system::error_code;

namespace {

constexpr std::size_t packet_overhead_max = 64;  // fixed header, lengths, expiry property
constexpr std::chrono::seconds fetch_again_after{1};

}  // namespace

Shipping::Shipping(boost::asio::any_io_executor executor, const CourierSettings& settings,
                   const Topics& topics, OutboxPort& outbox, CourierCounters& counters,
                   ShippingCallbacks callbacks)
    : executor_{std::move(executor)},
      settings_{settings},
      topics_{topics},
      outbox_{outbox},
      counters_{counters},
      callbacks_{std::move(callbacks)},
      resend_timer_{executor_},
      fetch_timer_{executor_}
{
}

void Shipping::begin(Line line)
{
    line_ = std::move(line);
    for (auto& lane : work_) rewind(lane);
    arm_resend();  // for lanes that are still blocked
    pump();
}

void Shipping::rest()
{
    line_.reset();
    for (auto& lane : work_) forget_fetch(lane);
    resend_timer_.cancel();
    resend_armed_ = false;
    fetch_timer_.cancel();
}

void Shipping::halt()
{
    rest();
    in_flight_.clear();
    for (auto& lane : work_) rewind(lane);
}

void Shipping::rewind(LaneWork& lane)
{
    lane.log.rewind();
    lane.more = true;
    forget_fetch(lane);
}

void Shipping::forget_fetch(LaneWork& lane)
{
    lane.fetching = false;
    ++lane.fetch_number;
}

void Shipping::outbox_grew(Lane lane)
{
    work_[index(lane)].more = true;
    post_pump();
}

LaneState Shipping::state(Lane lane) const
{
    const auto& mine = work_[index(lane)];
    return {mine.log.settled(), mine.log.sent_max(), mine.log.unsettled(), mine.log.ready().size(),
            mine.blocked};
}

// ---- from the outbox ----------------------------------------------------------------------------

void Shipping::post_pump()
{
    if (pump_posted_ || !line_) return;
    pump_posted_ = true;
    boost::asio::post(executor_, [this, owner = line_->owner] {
        const auto held = owner.lock();
        if (!held) return;
        pump_posted_ = false;
        pump();
    });
}

bool Shipping::is_full(const LaneWork& lane) const
{
    return !lane.blocked.empty() || lane.log.unsettled() >= settings_.unsettled_rows_max;
}

void Shipping::fetch_where_low()
{
    for (const auto lane : lanes) {
        auto& mine = work_[index(lane)];
        const bool low = mine.log.ready().size() <= settings_.fetch_rows_max / 2;
        if (mine.more && !mine.fetching && low && !is_full(mine)) fetch(lane);
    }
}

void Shipping::fetch(Lane lane)
{
    auto& mine = work_[index(lane)];
    mine.fetching = true;
    mine.more = false;  // outbox_grew while we wait sets it again
    const auto number = ++mine.fetch_number;
    outbox_.fetch(lane, mine.log.cursor(), settings_.fetch_rows_max,
                  [this, owner = line_->owner, lane, number](OutboxPort::Rows rows) {
                      if (const auto held = owner.lock()) fetched(lane, number, std::move(rows));
                  });
}

void Shipping::fetched(Lane lane, std::uint64_t number, OutboxPort::Rows rows)
{
    auto& mine = work_[index(lane)];
    if (number != mine.fetch_number || !mine.fetching) return;
    mine.fetching = false;
    if (!rows.has_value()) {
        ++counters_.fetch_failures;
        fetch_later();
        callbacks_.outbox_failed(rows.error().text());
        return;
    }
    // also when HQ has settled all of these in the meantime: there may be others behind them
    if (!rows->empty()) mine.more = true;
    mine.log.add(std::move(*rows));
    post_pump();
}

void Shipping::fetch_later()
{
    fetch_timer_.expires_after(fetch_again_after);
    fetch_timer_.async_wait([this, owner = line_->owner](error_code ec) {
        const auto held = owner.lock();
        if (ec || !held) return;
        for (auto& each : work_) each.more = true;
        pump();
    });
}

// ---- to the broker ------------------------------------------------------------------------------

/// The first lane, by priority, with a row to send. A lane that is being read holds back those
/// below it: its rows are a moment away.
Shipping::LaneWork* Shipping::next_lane()
{
    for (auto& lane : work_) {
        if (is_full(lane)) continue;
        if (!lane.log.ready().empty()) return &lane;
        if (lane.fetching) return nullptr;
    }
    return nullptr;
}

void Shipping::pump()
{
    if (!line_) return;
    fetch_where_low();
    while (in_flight_.size() < line_->window) {
        auto* lane = next_lane();
        if (!lane) break;
        send(*lane, lane->log.take());
    }
    hand_over_gap();
    fetch_where_low();
}

void Shipping::send(LaneWork& mine, OutboxRow row)
{
    const auto lane = row.lane;
    auto topic = topics_.of(row);
    std::optional<std::chrono::seconds> expiry;
    if (row.expires_at) {
        const auto left = *row.expires_at - callbacks_.now();
        if (left <= Millis{0}) {
            ++counters_.expired[index(lane)];
            drop(lane, row.sequence, "expired");
            return;
        }
        constexpr std::chrono::seconds longest{0xffff'ffff};
        expiry = std::min(longest, std::chrono::ceil<std::chrono::seconds>(left));
    }
    const auto bytes = row.payload.size() + topic.size() + packet_overhead_max;
    const auto limit = line_->packet_bytes_max
                           ? std::min(line_->packet_bytes_max, settings_.row_bytes_max)
                           : settings_.row_bytes_max;
    if (bytes > limit) {
        ++counters_.undeliverable[index(lane)];
        outbox_.dropped(
            lane, row.sequence, row.sequence,
            "too large: " + std::to_string(bytes) + " of " + std::to_string(limit) + " bytes");
        return;
    }
    if (mine.log.unsettled() == 0) mine.progress_at = Steady::now();
    ++counters_.sent[index(lane)];
    if (mine.log.sent(row.sequence)) ++counters_.sent_again[index(lane)];
    const auto ticket = next_ticket_++;
    in_flight_.emplace(ticket, InFlight{lane, row.sequence});
    line_->link->publish(ticket, std::move(topic), std::move(row.payload), false, expiry);
    arm_resend();
}

/// Neighbours that are dropped for one reason become one range; pump() hands it over.
void Shipping::drop(Lane lane, std::uint64_t sequence, std::string why)
{
    if (gap_ && gap_->lane == lane && gap_->through + 1 == sequence && gap_->why == why) {
        gap_->through = sequence;
        return;
    }
    hand_over_gap();
    gap_ = Gap{lane, sequence, sequence, std::move(why)};
}

void Shipping::hand_over_gap()
{
    if (!gap_) return;
    auto range = std::move(*gap_);
    gap_.reset();
    outbox_.dropped(range.lane, range.from, range.through, std::move(range.why));
}

std::optional<Shipping::InFlight> Shipping::land(Ticket ticket)
{
    const auto at = in_flight_.find(ticket);
    if (at == in_flight_.end()) return {};
    const auto found = at->second;
    in_flight_.erase(at);
    return found;
}

void Shipping::published(Ticket ticket)
{
    const auto row = land(ticket);
    if (!row) return;
    ++counters_.confirmed[index(row->lane)];
    work_[index(row->lane)].log.confirmed(row->sequence);
    if (!settings_.hq_ack) settle_confirmed(row->lane);
    pump();
}

void Shipping::settle_confirmed(Lane lane)
{
    if (const auto through = work_[index(lane)].log.settle_confirmed())
        outbox_.settled(lane, *through);
}

void Shipping::refused(const PublishRefused& what)
{
    const auto row = land(what.ticket);
    if (!row) return;
    auto& mine = work_[index(row->lane)];
    if (what.for_good) {
        ++counters_.undeliverable[index(row->lane)];
        mine.log.forget(row->sequence);
        drop(row->lane, row->sequence, "refused by the broker: " + what.text);
        if (!settings_.hq_ack) settle_confirmed(row->lane);
    } else {
        mine.blocked = what.text;
        mine.progress_at = Steady::now();
        arm_resend();
    }
    callbacks_.message_refused(std::string{text_of(row->lane)} + ": " + what.text);
    pump();
}

// ---- HQ's word, and its silence -----------------------------------------------------------------

void Shipping::acknowledged(const HqAck& ack)
{
    if (ack.epoch != settings_.epoch) {
        ++counters_.acks_epoch;
        return;
    }
    for (const auto lane : lanes) {
        const auto through = ack.through[index(lane)];
        const auto& log = work_[index(lane)].log;
        if (through && log.judge(*through, outbox_.head(lane)) == LaneLog::Ack::ahead) {
            ++counters_.acks_ahead;  // who errs in one lane is not believed in the others
            return;
        }
    }
    if (!settings_.hq_ack) return;
    bool moved = false;
    for (const auto lane : lanes) {
        auto& mine = work_[index(lane)];
        const auto through = ack.through[index(lane)];
        if (!through) continue;
        if (mine.log.acknowledged(*through, outbox_.head(lane)) != LaneLog::Ack::advanced) continue;
        moved = true;
        mine.progress_at = Steady::now();
        outbox_.settled(lane, *through);
    }
    ++(moved ? counters_.acks : counters_.acks_stale);
    pump();
}

bool Shipping::waits_for_hq(const LaneWork& lane) const
{
    return !lane.blocked.empty() || (settings_.hq_ack && lane.log.unsettled() > 0);
}

void Shipping::arm_resend()
{
    if (resend_armed_ || !line_) return;
    auto due = Steady::time_point::max();
    for (const auto& lane : work_)
        if (waits_for_hq(lane)) due = std::min(due, lane.progress_at + settings_.resend_after);
    if (due == Steady::time_point::max()) return;
    resend_armed_ = true;
    resend_timer_.expires_at(due);
    resend_timer_.async_wait([this, owner = line_->owner](error_code ec) {
        const auto held = owner.lock();
        if (!ec && held) resend_due();
    });
}

void Shipping::resend_due()
{
    resend_armed_ = false;
    if (!line_) return;
    const auto now = Steady::now();
    for (auto& lane : work_) {
        if (!waits_for_hq(lane) || now - lane.progress_at < settings_.resend_after) continue;
        rewind(lane);
        lane.blocked.clear();
        lane.progress_at = now;
        ++counters_.resend_rounds;
    }
    arm_resend();
    pump();
}

}  // namespace raiten::sync
