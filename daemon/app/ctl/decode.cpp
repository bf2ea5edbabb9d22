#include "daemon/app/ctl/command_line.hpp"
#include "daemon/app/ctl/commands.hpp"
#include "daemon/app/ctl/console.hpp"
#include "daemon/app/ctl/decoder.hpp"
#include "daemon/app/ctl/store.hpp"
#include "daemon/app/devices/device.hpp"
#include "daemon/app/store_clock.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>

namespace raiten::app::ctl {
namespace {

constexpr std::size_t part_bytes = 64 * 1024;
constexpr std::size_t reasons_max = 256;  ///< what is beyond is counted as "for other reasons"

struct Asked {
    std::string format;
    std::string file{"-"};
    std::string reader;
    std::string config;
    bool raw{};
    bool json{};
};

/// What was left out, by reason.
class Skipped {
 public:
    void count(std::string_view why, std::uint64_t bytes, std::string_view where)
    {
        auto found = reasons_.find(why);
        if (found == reasons_.end()) {
            const bool room = reasons_.size() < reasons_max;
            found = reasons_.try_emplace(room ? std::string{why} : "for other reasons").first;
        }
        auto& [times, sum, first] = found->second;
        if (times++ == 0) first = where;
        sum += bytes;
    }

    void report() const
    {
        for (const auto& [why, entry] : reasons_) {
            std::string line = "skipped " + std::to_string(entry.times) + ": " + why;
            if (entry.bytes > 0) line += " (" + std::to_string(entry.bytes) + " bytes)";
            if (!entry.first.empty()) line += ", first at " + entry.first;
            complain(line);
        }
    }

 private:
    struct Entry {
        std::uint64_t times{};
        std::uint64_t bytes{};
        std::string first;
    };
    std::map<std::string, Entry, std::less<>> reasons_;
};

class Input {
 public:
    explicit Input(const std::string& file)
        : number_{file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC)},
          owned_{file != "-"}
    {
    }
    ~Input()
    {
        if (owned_ && number_ >= 0) ::close(number_);
    }
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    int number() const { return number_; }
    std::optional<std::uint64_t> size() const
    {
        struct stat about {};
        if (::fstat(number_, &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
        return static_cast<std::uint64_t>(about.st_size);
    }

 private:
    int number_;
    bool owned_;
};

std::string formats_text()
{
    std::string all;
    for (const auto& format : decode_formats()) all += (all.empty() ? "" : ", ") + format;
    return all;
}

/// The configured reader of this format that was named, or the only one there is.
Result<const ReaderSettings*> find_reader(const Settings& settings, const Asked& asked)
{
    std::string known;
    std::size_t fitting = 0;
    const ReaderSettings* found = nullptr;
    for (const auto& reader : settings.readers) {
        if (reader.format != asked.format) continue;
        known += (known.empty() ? "" : ", ") + reader.name;
        ++fitting;
        if (asked.reader.empty() || reader.name == asked.reader) found = &reader;
    }
    if (!asked.reader.empty() && found == nullptr)
        return Problem{
            "there is no reader '" + asked.reader + "' of format " + asked.format,
            {},
            known.empty() ? "the configuration has none of this format" : "known: " + known};
    if (asked.reader.empty() && fitting > 1)
        return Problem{"which reader's settings?", {}, "--reader, one of: " + known};
    return found;
}

/// The store's zone, and the reader's own settings if it has any of this format.
int configure(const Asked& asked, DecodeOptions& options)
{
    const auto store = load_store(asked.config);
    if (!store) return exit_code::configuration;
    const auto& about = store->settings.store;
    auto clock = make_store_clock(about.timezone, about.day_start);
    if (!clock) return complain(clock.error(), exit_code::configuration);
    options.clock = std::move(*clock);
    const auto reader = find_reader(store->settings, asked);
    if (!reader) return complain(reader.error(), exit_code::usage);
    options.driver.currency = about.currency;
    if (*reader == nullptr) return exit_code::good;
    const auto& pos = (*reader)->till.pos;
    options.reader = pos.empty() ? (*reader)->name : pos;
    options.driver = driver_options(**reader, about.currency);
    return exit_code::good;
}

/// All of the input through the decoder, in pieces. False if it cannot be read to its end.
bool pour(const Input& input, Decoder& decoder, const DecodeSink& sink, Progress& progress)
{
    std::array<std::byte, part_bytes> part{};
    std::uint64_t done = 0;
    for (;;) {
        const auto n = ::read(input.number(), part.data(), part.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            decoder.finish(sink);
            return n == 0;
        }
        const auto bytes = static_cast<std::size_t>(n);
        decoder.feed(std::span{part}.first(bytes), sink);
        done += bytes;
        progress.show(done);
        // Whoever reads us live sees what is there when a part comes short.
        if (bytes < part.size()) std::fflush(stdout);
    }
}

int decode(const Asked& asked)
{
    DecodeOptions options{
        asked.format, asked.raw, asked.reader.empty() ? asked.format : asked.reader, {}, {}};
    if (!asked.config.empty())
        if (const int code = configure(asked, options); code != exit_code::good) return code;
    auto decoder = make_decoder(std::move(options));
    if (!decoder) return complain(decoder.error(), exit_code::usage);

    const auto name = asked.file == "-" ? std::string{"standard input"} : asked.file;
    const Input input{asked.file};
    if (input.number() < 0)
        return complain(Problem{std::string{"cannot be opened: "} + std::strerror(errno), name},
                        exit_code::no_input);
    Skipped skipped;
    const DecodeSink sink{[](const std::string& line) { print(line); },
                          [&](std::string_view why, std::uint64_t bytes, std::string_view where) {
                              skipped.count(why, bytes, where);
                          }};
    bool whole = false;
    int why = 0;
    {
        Progress progress{"decoding", "bytes", input.size()};
        whole = pour(input, **decoder, sink, progress);
        why = errno;
    }
    skipped.report();
    if (!whole)
        return complain(Problem{std::string{"cannot be read: "} + std::strerror(why), name},
                        exit_code::no_input);
    if ((*decoder)->understood() == 0)
        return complain(Problem{"nothing in it could be read as " + asked.format, name},
                        exit_code::bad_data);
    return exit_code::good;
}

}  // namespace

void add_decode(CLI::App& app, int& code)
{
    auto asked = std::make_shared<Asked>();
    auto* command =
        add_command(app, "decode", "Print what a recording of a device says, as NDJSON.",
                    "raitenctl decode btsnoop entrance.btsnoop\n"
                    "raitenctl decode --raw escpos receipt.bin\n"
                    "raitenctl decode poslog --config raiten.toml day.xml\n"
                    "mosquitto_sub -v -t espresense/devices/# | raitenctl decode espresense\n"
                    "nc -l 9100 | raitenctl decode escpos --reader reg-2");
    command->add_option("FORMAT", asked->format, "One of: " + formats_text() + ".")
        ->required()
        ->type_name("");
    command->add_option("FILE", asked->file, "The recording; - is standard input, the default.")
        ->type_name("");
    command->add_flag("--raw", asked->raw,
                      "One layer lower: advertising reports, printed slips, transactions.");
    command
        ->add_option("--reader", asked->reader,
                     "Reader (for receipts: register) that events name; else the format.")
        ->type_name("NAME");
    add_config(
        *command, asked->config,
        "Store settings: its time zone (else UTC), its currency, and the reader's own keys.");
    add_json(*command, asked->json, "Said for uniformity: the output always is JSON.");
    command->callback([asked, &code] { code = decode(*asked); });
}

}  // namespace raiten::app::ctl
