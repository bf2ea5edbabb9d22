#include "daemon/app/ctl/decoder.hpp"

#include "daemon/app/nearest.hpp"
#include "drivers/catalog.hpp"

#include <algorithm>
#include <array>

namespace raiten::app::ctl {
namespace {

/// A format that is more than a row of the drivers' catalog.
struct Special {
    std::string_view format;
    Result<std::unique_ptr<Decoder>> (*make)(DecodeOptions);
    bool raw;  ///< it has a layer below
};

Result<std::unique_ptr<Decoder>> bluetooth(DecodeOptions options)
{
    return make_bluetooth_decoder(std::move(options));
}

Result<std::unique_ptr<Decoder>> ndjson(DecodeOptions options)
{
    return make_ndjson_decoder(std::move(options));
}

constexpr std::array specials{
    Special{"btsnoop", &bluetooth, true},      Special{"pklg", &bluetooth, true},
    Special{"pcap", &bluetooth, true},         Special{"pcapng", &bluetooth, true},
    Special{"h4", &bluetooth, true},           Special{"escpos", &make_slip_decoder, true},
    Special{"epos", &make_slip_decoder, true}, Special{"ndjson", &ndjson, false},
};

std::string joined(const std::vector<std::string>& words)
{
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

}  // namespace

std::vector<std::string> decode_formats()
{
    std::vector<std::string> names;
    for (const auto& special : specials) names.emplace_back(special.format);
    for (const auto& row : drivers::catalog())
        if (std::find(names.begin(), names.end(), row.format) == names.end())
            names.emplace_back(row.format);
    return names;
}

Result<std::unique_ptr<Decoder>> make_decoder(DecodeOptions options)
{
    const auto& format = options.format;
    for (const auto& special : specials) {
        if (special.format != format) continue;
        if (options.raw && !special.raw) return Problem{"--raw: " + format + " has no layer below"};
        return special.make(std::move(options));
    }
    if (drivers::find_driver(format) == nullptr) {
        const auto known = decode_formats();
        const auto advice = advice_for(format, known);
        return Problem{"there is no format '" + format + "'",
                       {},
                       (advice.empty() ? "one of: " : advice + " one of: ") + joined(known)};
    }
    if (!options.raw) return make_reading_decoder(std::move(options));
    if (auto decoder = make_pos_raw_decoder(options)) return decoder;
    return Problem{"--raw: " + format + " has no layer below"};
}

}  // namespace raiten::app::ctl
