#include "daemon/wire/printer_tap.hpp"

#include <boost/asio/post.hpp>

#include <vector>

namespace raiten::wire {
namespace {

/// What one handed-over piece costs beside its bytes.
constexpr std::size_t piece_overhead_bytes = 256;

}  // namespace

template <class What>
bool PrinterTap::hand_over(std::size_t size, What what)
{
    const std::size_t cost = size + piece_overhead_bytes;
    if (waiting_ + cost > bytes_max_) return false;
    waiting_ += cost;
    boost::asio::post(loop_, [self = shared_from_this(), cost, what = std::move(what)] {
        if (!self->muted_) what(*self);
        self->waiting_ -= cost;
    });
    return true;
}

template <class Callback, class... Arguments>
void PrinterTap::call(const Callback& callback, const Arguments&... arguments)
{
    if (!callback) return;
    try {
        callback(arguments...);
    } catch (...) {
        ++throws_;
    }
}

void PrinterTap::first_byte(ConnectionNumber number)
{
    auto& standing = standings_[number];
    if (!tell_lost(number, standing)) return;
    if (hand_over(0, [number](PrinterTap& tap) { tap.call(tap.tell_.on_first_byte, number); }))
        standing.told = true;
}

void PrinterTap::bytes(ConnectionNumber number, std::span<const std::byte> copied)
{
    auto& standing = standings_[number];
    const auto lose = [&] {
        standing.lost += copied.size();
        bytes_lost_ += copied.size();
    };
    if (copied.size() + piece_overhead_bytes > bytes_max_ - std::min(bytes_max_, waiting_.load()))
        return lose();
    if (!tell_lost(number, standing)) return lose();
    std::vector<std::byte> copy{copied.begin(), copied.end()};
    const auto size = copy.size();
    const auto tell = [number, copy = std::move(copy)](PrinterTap& tap) {
        tap.call(tap.tell_.on_bytes, number, std::span<const std::byte>{copy});
    };
    if (!hand_over(size, tell)) return lose();
    standing.told = true;
}

void PrinterTap::idle(ConnectionNumber number)
{
    auto& standing = standings_[number];
    if (!tell_lost(number, standing)) return;
    hand_over(0, [number](PrinterTap& tap) { tap.call(tap.tell_.on_idle, number); });
}

void PrinterTap::closed(ConnectionNumber number)
{
    const auto found = standings_.find(number);
    if (found == standings_.end()) return;
    const auto standing = found->second;
    standings_.erase(found);
    if (!standing.told) return;
    // The end is told even where there is no room: there are never more ends than beginnings.
    boost::asio::post(loop_, [self = shared_from_this(), number, lost = standing.lost] {
        if (self->muted_) return;
        if (lost > 0) self->call(self->tell_.on_lost, number, lost);
        self->call(self->tell_.on_closed, number);
    });
}

void PrinterTap::refused(const std::string& reason)
{
    hand_over(reason.size(), [reason](PrinterTap& tap) { tap.call(tap.tell_.on_refused, reason); });
}

bool PrinterTap::tell_lost(ConnectionNumber number, Standing& standing)
{
    if (standing.lost == 0) return true;
    const auto tell = [number, lost = standing.lost](PrinterTap& tap) {
        tap.call(tap.tell_.on_lost, number, lost);
    };
    if (!hand_over(0, tell)) return false;
    standing.told = true;
    standing.lost = 0;
    return true;
}

}  // namespace raiten::wire
