#include "daemon/app/log.hpp"
#include "daemon/app/clock.hpp"
#include "daemon/app/devices/device.hpp"
#include "daemon/wire/folder.hpp"
#include "daemon/wire/listener.hpp"

#include <map>

namespace raiten::app {
namespace {

/// What a register writes about its sales: files that it leaves in a folder, or a connection on
/// which it sends them.
class LogDevice final : public Readers::Device {
 public:
    using Device::Device;

    Result<void> start() override
    {
        const auto listener = make_translator();
        if (!listener) return listener.error();
        return settings().folder.empty() ? start_listener() : start_folder();
    }
    void stop() override
    {
        if (folder_) folder_->stop();
        if (listener_) listener_->stop();
    }

 private:
    /// A file of which not everything is durable yet.
    struct Unfinished {
        std::uint64_t reading{};  ///< which one: a file that changed meanwhile is read again
        std::size_t receipts{};   ///< on their way into the ledger
        bool read{};              ///< to its end
    };

    Result<std::unique_ptr<drivers::Translator>> make_translator() const
    {
        return drivers::find_driver(settings().format)->listen(options());
    }

    Result<void> start_folder()
    {
        wire::FolderCallbacks on;
        on.on_up = [this] { set_state("up", "watching " + settings().folder); };
        on.on_down = [this](const std::string& reason) { set_state("down", reason); };
        on.on_file_begin = [this](const std::string& file) { begin(file); };
        on.on_bytes = [this](std::span<const std::byte> bytes) { feed(bytes); };
        on.on_file_end = [this](const std::string& file, bool whole, const std::string& reason) {
            end(file, whole, reason);
        };
        on.on_stuck = [this](const std::string& file, const std::string& reason) {
            log::warning("reader.stuck", {{"reader", name()}, {"file", file}, {"reason", reason}});
            count_garbled("a file that could not be put away");
        };
        wire::FolderSettings folder;
        folder.path = settings().folder;
        if (settings().delete_read) folder.after = wire::AfterReading::remove;
        folder_ = std::make_unique<wire::Folder>(house().executor, std::move(folder),
                                                 wire::FolderLimits{}, std::move(on));
        folder_->start();
        return {};
    }

    void begin(const std::string& file)
    {
        file_ = file;
        unfinished_[file] = {++readings_, 0, false};
        translator_ = std::move(*make_translator());
    }

    void feed(std::span<const std::byte> bytes)
    {
        translator_->feed(bytes, [this](const Reading& reading) { take_of_file(reading); });
    }

    void end(const std::string& file, bool whole, const std::string& reason)
    {
        if (!whole) {
            log::warning("reader.file", {{"reader", name()}, {"file", file}, {"reason", reason}});
            count_garbled("a file that could not be read whole");
            unfinished_.erase(file);
            return;
        }
        translator_->finish([this](const Reading& reading) { take_of_file(reading); });
        unfinished_[file].read = true;
        finish_if_durable(file);
    }

    /// The file is put away when all that it said is durable; after a crash it is read again, and
    /// what was known then is a duplicate.
    void take_of_file(const Reading& reading)
    {
        auto& unfinished = unfinished_[file_];
        ++unfinished.receipts;
        take(reading, wall_now(), [this, file = file_, number = unfinished.reading] {
            const auto found = unfinished_.find(file);
            if (found == unfinished_.end() || found->second.reading != number) return;
            --found->second.receipts;
            finish_if_durable(file);
        });
    }

    void finish_if_durable(const std::string& file)
    {
        const auto found = unfinished_.find(file);
        if (found == unfinished_.end() || !found->second.read || found->second.receipts > 0) return;
        unfinished_.erase(found);
        folder_->finished(file);
    }

    Result<void> start_listener()
    {
        wire::ListenerCallbacks on;
        on.on_open = [this](wire::ConnectionNumber number) {
            lines_[number] = std::move(*make_translator());
        };
        on.on_bytes = [this](wire::ConnectionNumber number, std::span<const std::byte> bytes) {
            lines_[number]->feed(bytes, tell_);
        };
        on.on_closed = [this](wire::ConnectionNumber number, const std::string&) {
            lines_[number]->finish(tell_);
            lines_.erase(number);
        };
        on.on_refused = [this](const std::string&) { count_garbled("too many connections"); };
        const auto& at = settings().listen;
        listener_ =
            std::make_unique<wire::Listener>(house().executor, wire::TcpAddress{at.host, at.port},
                                             wire::ListenerLimits{}, std::move(on));
        const auto port = listener_->start();
        if (!port) return port.error();
        const auto address = HostPort{at.host, *port}.text();
        set_state("up", "listening on " + address);
        log::info("reader.listening", {{"reader", name()}, {"address", address}});
        return {};
    }

    std::unique_ptr<wire::Folder> folder_;
    std::string file_;  ///< that is read now
    std::uint64_t readings_{};
    std::unique_ptr<drivers::Translator> translator_;
    std::map<std::string, Unfinished> unfinished_;

    std::unique_ptr<wire::Listener> listener_;
    std::map<wire::ConnectionNumber, std::unique_ptr<drivers::Translator>> lines_;
    drivers::Tell tell_{[this](const Reading& reading) { take(reading, wall_now()); }};
};

}  // namespace

MadeDevice make_log_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    return std::make_unique<LogDevice>(house, settings);
}

}  // namespace raiten::app
