#pragma once

#include "drivers/card/identity.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace raiten::drivers::card {

/// Tells a recording in hex text from one of raw bytes, and hands it on. It looks at the first
/// `probe_bytes`: all of a text's are printable, of which one may be damaged; hardly any of a
/// device's are.
class Recording {
 public:
    static constexpr std::size_t probe_bytes = 8;

    using Sink = std::function<void(Bytes)>;

    void feed(Bytes bytes, const Sink& text, const Sink& raw);
    /// The recording ended: what was held back is handed on, and the next may be of either kind.
    void finish(const Sink& text, const Sink& raw);

 private:
    void decide(const Sink& text, const Sink& raw);

    std::vector<std::byte> held_;
    std::optional<bool> is_text_;
};

}  // namespace raiten::drivers::card
