#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/keyed_hash.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>

namespace raiten::sim {

/// A promise that was not kept. Ends the run of its seed.
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What happened in a run: everything goes into the hash by which two runs are compared, and the
/// last lines are kept for whoever reads a failure. With RAITEN_TRACE set, all are printed.
class Trace {
 public:
    static constexpr std::size_t lines_max = 60;

    void tell(Millis now, std::string line)
    {
        hash_.add(static_cast<std::uint64_t>(now.count())).add(line);
        if (loud_)
            std::fprintf(stderr, "%lld ms  %s\n", static_cast<long long>(now.count()),
                         line.c_str());
        lines_.push_back(std::to_string(now.count()) + " ms  " + std::move(line));
        if (lines_.size() > lines_max) lines_.pop_front();
    }
    /// Too many to be read, but part of the run.
    void count(std::string_view what, std::uint64_t a, std::uint64_t b)
    {
        hash_.add(what).add(a).add(b);
    }

    std::uint64_t hash() const { return hash_.value(); }
    std::string text() const
    {
        std::string out;
        for (const auto& line : lines_) out += line + '\n';
        return out;
    }

 private:
    const bool loud_{std::getenv("RAITEN_TRACE") != nullptr};
    KeyedHash hash_{0};
    std::deque<std::string> lines_;
};

}  // namespace raiten::sim
