#include "daemon/app/devices/gatherer.hpp"

#include "daemon/app/clock.hpp"

#include <algorithm>

namespace raiten::app {

void Gatherer::put(const std::string& reader, TokenSeen seen)
{
    gathering_.put(wall_now(), reader, std::move(seen),
                   [this](const std::string& by, const TokenSeen& heard) { tell(by, heard); });
    wait();
}

void Gatherer::wait()
{
    const auto due = gathering_.due();
    if (waiting_ || !due) return;
    waiting_ = true;
    // The wall clock may be set: no wait is longer than a window.
    timer_.expires_after(std::clamp<Millis>(*due - wall_now(), Millis{0}, window));
    timer_.async_wait([this](const boost::system::error_code& ec) {
        if (ec) return;
        waiting_ = false;
        gathering_.take(wall_now(),
                        [this](const std::string& by, const TokenSeen& heard) { tell(by, heard); });
        wait();
    });
}

void Gatherer::tell(const std::string& reader, const TokenSeen& seen)
{
    if (const auto ear = ears_.find(reader); ear != ears_.end())
        ear->second(seen, wall_now() - window);
}

}  // namespace raiten::app
