#include "daemon/wire/card_notes.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <iterator>

namespace raiten::wire {

using Clock = std::chrono::steady_clock;

CardNotes::CardNotes() : wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}
{
    beat();
}

CardNotes::~CardNotes()
{
    if (wake_ >= 0) ::close(wake_);
}

void CardNotes::put(CardNote note)
{
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return over_ || notes_.size() < notes_max; });
    if (over_) return;
    notes_.push_back(std::move(note));
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_, &one, sizeof one));
}

bool CardNotes::pause(Millis span)
{
    std::unique_lock lock{mutex_};
    return !changed_.wait_for(lock, span, [this] { return over_.load(); });
}

void CardNotes::beat()
{
    beat_ = Clock::now().time_since_epoch().count();
}

void CardNotes::finish()
{
    const std::scoped_lock lock{mutex_};
    finished_ = true;
    changed_.notify_all();
}

std::vector<CardNote> CardNotes::take()
{
    std::uint64_t count = 0;
    static_cast<void>(!::read(wake_, &count, sizeof count));
    const std::scoped_lock lock{mutex_};
    std::vector<CardNote> taken{std::make_move_iterator(notes_.begin()),
                                std::make_move_iterator(notes_.end())};
    notes_.clear();
    changed_.notify_all();
    return taken;
}

Millis CardNotes::since_beat() const
{
    const Clock::time_point beat{Clock::duration{beat_.load()}};
    return std::chrono::duration_cast<Millis>(Clock::now() - beat);
}

void CardNotes::end()
{
    const std::scoped_lock lock{mutex_};
    over_ = true;
    changed_.notify_all();
}

bool CardNotes::finished_within(Millis span)
{
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, span, [this] { return finished_; });
}

}  // namespace raiten::wire
