#include "daemon/engine/backlog.hpp"

#include <tuple>

namespace raiten {

bool Backlog::hold(Held held)
{
    if (!contents_.insert(held.content).second) return false;
    queue_.push(std::move(held));
    return true;
}

std::optional<Instant> Backlog::next() const
{
    if (queue_.empty()) return std::nullopt;
    return queue_.size() > held_max ? Instant::min() : queue_.top().release;
}

Backlog::Held Backlog::take()
{
    Held first = queue_.top();
    queue_.pop();
    contents_.erase(first.content);
    return first;
}

}  // namespace raiten
