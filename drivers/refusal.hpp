#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace raiten::drivers {

/// Why a driver has no use for what it read: a literal, told as `Garbled`.
struct Refusal {
    constexpr Refusal() = default;

    /// From a literal only, which lives as long as the program.
    template <std::size_t n>
    explicit constexpr Refusal(const char (&literal)[n]) : why{literal, n - 1}
    {
    }

    std::string_view why;
};

/// Taking the value of what was refused is our own mistake: the process stops.
[[noreturn]] inline void throw_exception_from_error(const Refusal&, const boost::source_location&)
{
    std::abort();
}

/// Something read from a device, or why it was not taken. Ask `has_value()`, then use `*` (or
/// `value()`, where GCC at -O2 takes `*` for a null pointer).
template <class T>
using Taken = boost::system::result<T, Refusal>;

}  // namespace raiten::drivers
