#include "daemon/app/ctl/decoder.hpp"

#include "daemon/app/nearest.hpp"

#include <algorithm>

namespace raiten::app::ctl {
namespace {

std::string joined(const std::vector<std::string>& words)
{
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

bool among(const std::vector<std::string>& words, const std::string& word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

const std::vector<std::string>& decoded_formats()
{
    static const std::vector<std::string> names{"btsnoop", "pklg",   "pcap",  "pcapng",
                                                "h4",      "escpos", "ndjson"};
    return names;
}

const std::vector<std::string>& known_formats()
{
    static const std::vector<std::string> names{"btsnoop",
                                                "pklg",
                                                "pcap",
                                                "pcapng",
                                                "h4",
                                                "escpos",
                                                "poslog",
                                                "smaregi",
                                                "square",
                                                "shopify",
                                                "epos",
                                                "rdm6300",
                                                "pn532",
                                                "scanner",
                                                "keyboard",
                                                "felica",
                                                "openmqttgateway",
                                                "espresense",
                                                "minew",
                                                "raddec",
                                                "ingics",
                                                "ndjson"};
    return names;
}

Result<std::unique_ptr<Decoder>> make_decoder(DecodeOptions options)
{
    const auto& format = options.format;
    const auto here = "this version decodes: " + joined(decoded_formats());
    if (!among(decoded_formats(), format)) {
        if (among(known_formats(), format))
            return Problem{"the format '" + format + "' is not decoded by this version", {}, here};
        const auto advice = advice_for(format, known_formats());
        return Problem{"there is no format '" + format + "'",
                       {},
                       advice.starts_with("did you mean") ? advice + " " + here : here};
    }
    if (format == "ndjson") {
        if (options.raw)
            return Problem{"--raw: ndjson has no layer below",
                           {},
                           "--raw is for btsnoop, pklg, pcap, pcapng, h4 and escpos"};
        return make_ndjson_decoder(std::move(options));
    }
    if (format == "escpos") return make_escpos_decoder(std::move(options));
    return make_bluetooth_decoder(std::move(options));
}

}  // namespace raiten::app::ctl
