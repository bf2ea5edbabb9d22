#pragma once

#include "daemon/model/reading.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace raiten::fuzz {

/// What a driver told, as text that can be compared.
class Told {
 public:
    void operator()(const Reading& reading);

    /// A line for each reading in the order told; then what was garbled, summed by reason: how a
    /// driver groups its garbage may depend on how its input is cut, the sums may not.
    std::string text() const;

    std::size_t garbled_bytes() const;

    std::size_t count() const { return count_; }  ///< of readings, garbled ones among them
    std::size_t text_bytes() const { return text_.size(); }

    /// The first reading that no driver may tell: an unknown kind of token, a total below zero,
    /// text that is not UTF-8 or has control characters.
    const std::optional<std::string>& unsound() const { return unsound_; }

 private:
    std::string text_;
    std::map<std::string, std::size_t> garbled_;
    std::size_t count_{};
    std::optional<std::string> unsound_;
};

}  // namespace raiten::fuzz
