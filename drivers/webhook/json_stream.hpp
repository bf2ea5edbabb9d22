#pragma once

#include "daemon/model/reading.hpp"
#include "drivers/webhook/json_value.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace raiten::drivers::webhook {

/// Finds JSON objects and arrays in bytes that come cut anywhere: one a line, laid out over many
/// lines, or one behind the other. After garbage it goes on with the next brace or bracket that
/// begins a line: what stands within a damaged value is never taken for a value of its own.
///
///     between --{ [--> inside --balanced--> between
///                        | broken              | anything else
///                        '-------> lost <------'      lost --line begins with { [--> inside
class JsonStream {
 public:
    using Take = std::function<void(const Value&, std::size_t bytes)>;
    using Refuse = std::function<void(const Garbled&)>;

    void feed(std::span<const std::byte> bytes, const Take& take, const Refuse& refuse);
    /// The bytes ended: a value that is open is refused.
    void finish(const Refuse& refuse);

 private:
    enum class State : std::uint8_t { between, inside, lost };

    void start(char c);
    void lose(std::string_view why);
    void tell_lost(const Refuse& refuse);
    bool inside(char c);  ///< false: the value is complete with this byte
    bool nest(char c);
    void complete(const Take& take, const Refuse& refuse);

    State state_{State::between};
    bool line_start_{true};
    bool in_text_{};
    bool escaped_{};
    char last_{};              ///< the last byte that is neither blank nor within a text
    std::uint64_t objects_{};  ///< one bit a level: it is an object
    std::size_t depth_{};
    std::string value_;
    std::string_view why_;  ///< what was lost, while it is
    std::size_t lost_bytes_{};
};

}  // namespace raiten::drivers::webhook
