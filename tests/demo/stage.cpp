// raiten-stage: plays a scene in front of the real drivers: emulated Bluetooth controllers, a
// receipt printer, a cash register. It can also write the demo scene.

#include "tests/support/controller.hpp"
#include "tests/support/demo_scene.hpp"
#include "tests/support/printer.hpp"
#include "tests/support/register_till.hpp"
#include "tests/support/scene.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

namespace raiten::stage {
namespace {

namespace fs = std::filesystem;
namespace net = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr const char* usage = R"(usage: raiten-stage SCENE_DIR [options]     plays a scene
       raiten-stage --write DIR [--seed N]     writes the demo scene

  --h4 [NAME=]ADDRESS    a Bluetooth controller (H4) on unix:PATH or tcp:HOST:PORT; may be given
                         for each radio of the scene, by NAME or in the scene's order
  --printer-listen ADDR  a receipt printer on tcp:HOST:PORT; prints its address
  --till ADDRESS         the register prints there (the proxy's tcp:HOST:PORT)
  --speed N              plays N times faster (default 1)
  --refuse-extended      the controllers know legacy scanning only
  --at-once              does not wait until somebody scans
  --stay                 goes on after the end of the scene, until it is told to stop

The scene starts when a host first enables scanning. It ends with the cue "end", or on SIGINT or
SIGTERM.
)";

struct Options {
    fs::path scene;
    std::optional<fs::path> write;
    std::uint64_t seed{1};
    std::vector<std::pair<std::string, wire::Address>> radios;  ///< name or empty
    std::optional<wire::TcpAddress> printer;
    std::optional<wire::Address> till;
    double speed{1};
    bool refuse_extended{};
    bool at_once{};
    bool stay{};
};

template <class Number>
Result<Number> number_of(std::string_view text)
{
    Number value{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stop != text.data() + text.size())
        return Problem{"not a number: '" + std::string{text} + "'"};
    return value;
}

/// Options with a value. Nothing where the option is none of them.
std::optional<Problem> take(Options& options, std::string_view name, std::string_view value)
{
    if (name == "--write") {
        options.write = fs::path{value};
    } else if (name == "--seed") {
        const auto seed = number_of<std::uint64_t>(value);
        if (seed.has_error()) return seed.error();
        options.seed = seed.value();
    } else if (name == "--speed") {
        const auto speed = number_of<double>(value);
        if (speed.has_error()) return speed.error();
        if (!(speed.value() > 0)) return Problem{"--speed must be more than 0"};
        options.speed = speed.value();
    } else {
        const auto equals = name == "--h4" ? value.find('=') : std::string_view::npos;
        const bool named = equals != std::string_view::npos;
        const auto address = wire::parse_address(named ? value.substr(equals + 1) : value);
        if (address.has_error()) return address.error();
        const auto* tcp = std::get_if<wire::TcpAddress>(&address.value());
        if (name == "--h4")
            options.radios.emplace_back(named ? value.substr(0, equals) : "", address.value());
        else if (name == "--till")
            options.till = address.value();
        else if (name == "--printer-listen" && tcp)
            options.printer = *tcp;
        else
            return Problem{"cannot be used: " + std::string{name} + " " + std::string{value}};
    }
    return std::nullopt;
}

Result<Options> options_of(const std::vector<std::string_view>& words)
{
    Options options;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto word = words[i];
        if (word == "--refuse-extended")
            options.refuse_extended = true;
        else if (word == "--at-once")
            options.at_once = true;
        else if (word == "--stay")
            options.stay = true;
        else if (!word.starts_with("--") && options.scene.empty())
            options.scene = fs::path{word};
        else if (i + 1 == words.size())
            return Problem{"what is '" + std::string{word} + "'?"};
        else if (const auto problem = take(options, word, words[++i]))
            return *problem;
    }
    if (options.scene.empty() && !options.write) return Problem{"no scene is named"};
    return options;
}

/// Everything on stage.
class Stage {
 public:
    Stage(net::io_context& io, Options options) : io_{io}, options_{std::move(options)}, next_{io}
    {
    }

    Result<void> set_up()
    {
        const auto text = read_file(options_.scene / "scene.txt");
        if (text.has_error()) return text.error();
        // NOLINTNEXTLINE: bytes as text
        const std::string_view chars{reinterpret_cast<const char*>(text.value().data()),
                                     text.value().size()};
        auto cues = parse_timeline(chars);
        if (cues.has_error()) return cues.error();
        cues_ = std::move(cues.value());
        if (options_.printer) {
            printer_.emplace(io_.get_executor(), PrinterSettings{});
            const auto at = printer_->listen(*options_.printer);
            if (at.has_error()) return at.error();
            say("printer listens on " + text_of(wire::Address{at.value()}));
        }
        if (options_.till) till_.emplace(io_.get_executor(), *options_.till);
        return set_up_radios();
    }

    void start()
    {
        if (options_.at_once || radios_.empty()) begin();
    }

 private:
    Result<void> set_up_radios()
    {
        std::size_t order = 0;
        for (const auto& cue : cues_) {
            if (cue.what != "radio") continue;
            const auto address = address_of(cue.arguments[0], order++);
            if (!address) continue;
            const auto file = read_file(options_.scene / cue.arguments[1]);
            if (file.has_error()) return file.error();
            const auto recording = read_btsnoop(file.value());
            if (recording.has_error()) return recording.error();
            ControllerSettings settings;
            settings.speed = options_.speed;
            if (options_.refuse_extended) {
                settings.refuse_extended = Refusal::command_status;
                settings.claims_extended = false;
            }
            auto radio =
                std::make_unique<Controller>(io_.get_executor(), settings, recording.value());
            radio->on_air_started([this] { begin(); });
            const auto at = radio->listen(*address);
            if (at.has_error()) return at.error();
            say("radio " + cue.arguments[0] + " listens on " + text_of(at.value()));
            radios_.push_back(std::move(radio));
        }
        if (radios_.size() < options_.radios.size())
            return Problem{"the scene has no radio for one of the --h4"};
        return {};
    }

    std::optional<wire::Address> address_of(const std::string& name, std::size_t order) const
    {
        for (const auto& [wanted, address] : options_.radios)
            if (wanted == name) return address;
        if (order < options_.radios.size() && options_.radios[order].first.empty())
            return options_.radios[order].second;
        return std::nullopt;
    }

    void begin()
    {
        if (begun_) return;
        begun_ = true;
        zero_ = Clock::now();
        say("the scene begins");
        for (const auto& radio : radios_) radio->start_air();
        await_next();
    }

    void await_next()
    {
        if (at_ == cues_.size()) return over();
        const std::chrono::duration<double, std::milli> due{
            static_cast<double>(cues_[at_].at.count()) / options_.speed};
        next_.expires_at(zero_ + std::chrono::duration_cast<Clock::duration>(due));
        next_.async_wait([this](boost::system::error_code ec) {
            if (ec) return;
            const auto& cue = cues_[at_++];
            if (cue.what == "end") return over();
            perform(cue);
            await_next();
        });
    }

    void perform(const Cue& cue)
    {
        std::string words;
        for (const auto& word : cue.arguments) words += " " + word;
        if (cue.what == "note") say("-" + words);
        if (cue.what != "print" || !till_) return;
        const auto receipt = read_file(options_.scene / cue.arguments[0]);
        if (receipt.has_error()) return say(receipt.error().text());
        till_->print(receipt.value(), [this, words](const auto& answer) {
            say("the register printed" + words
                + (answer.has_error() ? ": failed: " + answer.error().text() : ""));
        });
    }

    void over()
    {
        say("the scene is over");
        if (!options_.stay) io_.stop();
    }

    void say(const std::string& what) const
    {
        const auto since = begun_ ? std::chrono::duration<double>{Clock::now() - zero_}.count() : 0;
        std::printf("%6.1f s  %s\n", since * options_.speed, what.c_str());
        std::fflush(stdout);
    }

    net::io_context& io_;
    Options options_;
    net::steady_timer next_;
    std::vector<Cue> cues_;
    std::size_t at_{};
    std::vector<std::unique_ptr<Controller>> radios_;
    std::optional<Printer> printer_;
    std::optional<RegisterTill> till_;
    Clock::time_point zero_;
    bool begun_{};
};

int fail(const Problem& problem)
{
    std::fprintf(stderr, "raiten-stage: %s\n", problem.text().c_str());
    return 2;
}

int write_demo(const fs::path& folder, std::uint64_t seed)
{
    const auto files = demo_scene(seed);
    if (files.has_error()) return fail(files.error());
    const auto written = write_scene(files.value(), folder);
    if (written.has_error()) return fail(written.error());
    std::printf("demo scene of seed %llu written to %s\n", static_cast<unsigned long long>(seed),
                folder.c_str());
    return 0;
}

int play(Options options)
{
    net::io_context io{1};
    net::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&io](boost::system::error_code ec, int) {
        if (!ec) io.stop();
    });
    Stage stage{io, std::move(options)};
    const auto ready = stage.set_up();
    if (ready.has_error()) return fail(ready.error());
    stage.start();
    io.run();
    return 0;
}

}  // namespace
}  // namespace raiten::stage

int main(int count, char** words)
{
    using namespace raiten::stage;
    const std::vector<std::string_view> given{words + 1, words + count};
    if (given.empty() || given[0] == "--help") {
        std::fputs(usage, given.empty() ? stderr : stdout);
        return given.empty() ? 2 : 0;
    }
    auto options = options_of(given);
    if (options.has_error()) return fail(options.error());
    if (options.value().write) return write_demo(*options.value().write, options.value().seed);
    return play(std::move(options.value()));
}
