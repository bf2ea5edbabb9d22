#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>

namespace raiten {

/// What went wrong, where (file and line, key, byte offset, peer), and what to do about it.
/// `where` and `advice` may be empty where there is nothing true to say.
struct Problem {
    std::string what;
    std::string where{};
    std::string advice{};

    /// One line for people: "where: what (advice)".
    std::string text() const
    {
        std::string line = where.empty() ? what : where + ": " + what;
        if (!advice.empty()) line += " (" + advice + ")";
        return line;
    }
};

[[noreturn]] inline void throw_exception_from_error(const Problem& problem,
                                                    const boost::source_location&)
{
    throw std::logic_error{"value() taken from a failed Result: " + problem.text()};
}

/// The world's errors are values. Take the value only after asking `has_value()`.
template <class T>
using Result = boost::system::result<T, Problem>;

}  // namespace raiten
