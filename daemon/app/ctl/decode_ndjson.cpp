#include "daemon/app/ctl/decoder.hpp"
#include "daemon/app/ndjson.hpp"

#include <algorithm>

namespace raiten::app::ctl {
namespace {

/// Normalised events in any order of keys, to the same in the contract's order.
class NdjsonDecoder final : public Decoder {
 public:
    explicit NdjsonDecoder(DecodeOptions options) : options_{std::move(options)} {}

    void feed(std::span<const std::byte> bytes, const DecodeSink& sink) override
    {
        std::string_view left{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        while (!left.empty()) {
            const auto end = left.find('\n');
            const auto part = left.substr(0, end);
            // One byte beyond the limit is kept, so that parse_line() refuses the line.
            const auto room = ndjson_line_bytes_max + 1 - line_.size();
            line_ += part.substr(0, room);
            bytes_ += part.size();
            if (end == std::string_view::npos) return;
            take_line(sink);
            left.remove_prefix(end + 1);
        }
    }
    void finish(const DecodeSink& sink) override
    {
        if (bytes_ > 0) take_line(sink);
    }

 private:
    void take_line(const DecodeSink& sink)
    {
        ++number_;
        const bool blank = line_.find_first_not_of(" \t\r") == std::string::npos;
        if (!blank) take_event(sink);
        line_.clear();
        bytes_ = 0;
    }

    void take_event(const DecodeSink& sink)
    {
        const auto event = parse_line(line_);
        if (!event) {
            const auto& problem = event.error();
            sink.skipped(problem.where.empty() ? problem.what : problem.where + " " + problem.what,
                         bytes_, "line " + std::to_string(number_));
            return;
        }
        count_understood();
        const auto when = event->at ? event->at : event->received_at;
        sink.line(
            write_line(*event, when ? options_.clock.offset_at(*when) : std::chrono::minutes{}));
    }

    DecodeOptions options_;
    std::string line_;
    std::uint64_t bytes_{};
    std::uint64_t number_{};
};

}  // namespace

std::unique_ptr<Decoder> make_ndjson_decoder(DecodeOptions options)
{
    return std::make_unique<NdjsonDecoder>(std::move(options));
}

}  // namespace raiten::app::ctl
