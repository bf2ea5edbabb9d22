#pragma once

#include "daemon/base/result.hpp"
#include "daemon/model/rules.hpp"
#include "drivers/options.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::app::ctl {

/// Where a decoder's findings go.
struct DecodeSink {
    std::function<void(const std::string& line)> line;  ///< NDJSON, without line feed
    /// What was left out: why, how many bytes, and where it lies ("byte 12"), if that is known.
    std::function<void(std::string_view why, std::uint64_t bytes, std::string_view where)> skipped;
};

/// A recording in pieces of any size, in bounded memory, to lines of NDJSON.
class Decoder {
 public:
    virtual ~Decoder() = default;
    virtual void feed(std::span<const std::byte> bytes, const DecodeSink& sink) = 0;
    virtual void finish(const DecodeSink& sink) = 0;

    /// Packets, slips or lines that could be read, also those that make no event.
    std::uint64_t understood() const { return understood_; }

 protected:
    void count_understood() { ++understood_; }

 private:
    std::uint64_t understood_{};
};

struct DecodeOptions {
    std::string format;
    bool raw{};
    std::string reader;  ///< named in events
    StoreClock clock;    ///< in whose zone times are written
    drivers::Options driver;
};

/// Every format there is: recordings, the drivers' catalog, normalised events.
std::vector<std::string> decode_formats();

/// An unknown format, or one without a layer below for `raw`, is a problem of usage.
Result<std::unique_ptr<Decoder>> make_decoder(DecodeOptions options);

std::unique_ptr<Decoder> make_bluetooth_decoder(DecodeOptions options);
Result<std::unique_ptr<Decoder>> make_escpos_decoder(DecodeOptions options);
Result<std::unique_ptr<Decoder>> make_reading_decoder(DecodeOptions options);

/// One line a source transaction, judged; null where the format is none of drivers/pos/readers.
std::unique_ptr<Decoder> make_pos_raw_decoder(DecodeOptions options);
std::unique_ptr<Decoder> make_ndjson_decoder(DecodeOptions options);

}  // namespace raiten::app::ctl
