#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace raiten::test {

using Bytes = std::vector<std::byte>;

/// Runs the loop until something is true; false where that took longer than `limit`.
/// The limit only bounds a failing test: nothing waits for it otherwise.
inline bool run_until(boost::asio::io_context& io, const std::function<bool()>& done,
                      std::chrono::seconds limit = std::chrono::seconds{20})
{
    const auto latest = std::chrono::steady_clock::now() + limit;
    io.restart();
    while (!done()) {
        if (std::chrono::steady_clock::now() > latest) return false;
        if (io.run_one_for(std::chrono::milliseconds{5}) == 0 && io.stopped()) io.restart();
    }
    return true;
}

inline void append(Bytes& to, std::span<const std::byte> more)
{
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace raiten::test
