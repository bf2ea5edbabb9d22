#pragma once

#include "drivers/translator.hpp"

#include <cstddef>
#include <string_view>

namespace raiten::drivers {

/// Bytes that belong to no frame, told as one `Garbled` for each run and for every `run_max`
/// within it, however the input was cut.
class Noise {
 public:
    static constexpr std::size_t run_max = 4096;

    /// `why` is a literal.
    explicit Noise(std::string_view why) : why_{why} {}

    void add(std::size_t bytes, const Tell& tell)
    {
        run_ += bytes;
        for (; run_ >= run_max; run_ -= run_max) tell(Garbled{why_, run_max});
    }

    /// The run ended: a frame was found, or the stream is over.
    void flush(const Tell& tell)
    {
        if (run_ > 0) tell(Garbled{why_, run_});
        run_ = 0;
    }

 private:
    std::string_view why_;
    std::size_t run_{};
};

}  // namespace raiten::drivers
