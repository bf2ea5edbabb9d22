#include "daemon/app/ctl/store_files.hpp"

#include "daemon/app/ctl/console.hpp"
#include "daemon/base/hex.hpp"
#include "daemon/base/keyed_hash.hpp"
#include "daemon/simulator/event_text.hpp"
#include "daemon/simulator/streams.hpp"
#include "daemon/simulator/truth_text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

namespace raiten::app::ctl {
namespace {

constexpr std::size_t events_at_once = 8'192;  // some 1.5 MB of text
constexpr mode_t readable = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
constexpr mode_t secret = S_IRUSR | S_IWUSR;

/// A new file. The first thing that goes wrong is kept.
class OutFile {
 public:
    OutFile(std::string path, mode_t mode)
        : path_{std::move(path)},
          file_{::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)}
    {
        if (file_ < 0) error_ = errno;
    }
    ~OutFile()
    {
        if (file_ >= 0) ::close(file_);
    }
    OutFile(const OutFile&) = delete;
    OutFile& operator=(const OutFile&) = delete;

    void write(std::span<const std::byte> bytes)
    {
        while (error_ == 0 && !bytes.empty()) {
            const auto n = ::write(file_, bytes.data(), bytes.size());
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) {
                error_ = n < 0 ? errno : EIO;
                return;
            }
            written_ += static_cast<std::uint64_t>(n);
            bytes = bytes.subspan(static_cast<std::size_t>(n));
        }
    }
    void write(std::string_view text) { write(bytes_of(text)); }
    std::uint64_t written() const { return written_; }

    Result<void> good() const
    {
        if (error_ == 0) return {};
        return Problem{std::string{"cannot be written: "} + std::strerror(error_), path_};
    }

 private:
    std::string path_;
    int file_;
    int error_{};
    std::uint64_t written_{};
};

/// 64 hex digits that follow from the seed: nothing here is worth hiding.
std::string token_key(std::uint64_t seed)
{
    std::string out;
    for (std::uint64_t part = 0; part < 4; ++part) {
        const auto word = KeyedHash{seed}.add("token key").add(part).value();
        std::array<std::byte, 8> bytes{};
        for (std::size_t n = 0; n < bytes.size(); ++n)
            bytes[n] = static_cast<std::byte>(word >> (8 * n) & 0xFFU);
        out += to_hex(bytes);
    }
    return out + "\n";
}

class Writing {
 public:
    Writing(simulator::Store& store, const StoreFiles& files)
        : store_{store},
          files_{files},
          text_{store},
          events_{files.folder + "/events.ndjson", readable},
          truth_{files.folder + "/truth.ndjson", readable}
    {
    }

    void once(std::uint64_t seed)
    {
        const auto key = files_.folder + "/token.key";
        const auto absolute = std::filesystem::absolute(key).lexically_normal().string();
        put("/token.key", token_key(seed), secret);
        put("/members.csv", simulator::members_csv(store_), readable);
        put("/raiten.toml",
            simulator::settings_toml(store_, {files_.name, files_.timezone, json_text(absolute)}),
            readable);
        for (const auto& reader : store_.plan().readers) {
            const auto name = simulator::stream_name(reader);
            if (name.empty() || files_.streams == 0) {
                streams_.push_back(nullptr);
                continue;
            }
            streams_.push_back(
                std::make_unique<OutFile>(files_.folder + "/streams/" + name, readable));
            streams_.back()->write(simulator::stream_head(reader));
        }
    }

    void day(std::uint32_t number)
    {
        store_.day(number, day_);
        for (std::size_t at = 0; at < day_.arrivals.size();) {
            buffer_.clear();
            at = text_.write(day_, at, events_at_once, buffer_);
            events_.write(buffer_);
        }
        buffer_.clear();
        simulator::write_truth(store_, day_, buffer_);
        truth_.write(buffer_);
        for (std::uint16_t reader = 0; number < files_.streams && reader < streams_.size();
             ++reader)
            if (streams_[reader])
                streams_[reader]->write(simulator::stream_of(store_, day_, reader));
        count();
    }

    Result<void> good() const
    {
        for (const auto& each : {events_.good(), truth_.good(), once_})
            if (!each) return each;
        for (const auto& stream : streams_)
            if (stream && !stream->good()) return stream->good();
        return {};
    }

    StoreTally tally() const
    {
        auto out = tally_;
        out.bytes += events_.written() + truth_.written();
        for (const auto& stream : streams_) out.bytes += stream ? stream->written() : 0U;
        return out;
    }

 private:
    void put(const char* name, std::string_view text, mode_t mode)
    {
        OutFile file{files_.folder + name, mode};
        file.write(text);
        tally_.bytes += file.written();
        if (once_ && !file.good()) once_ = file.good();
    }

    void count()
    {
        tally_.events += day_.arrivals.size();
        for (const auto& arrival : day_.arrivals)
            tally_.sightings += arrival.kind == simulator::Arrival::Kind::sighting ? 1U : 0U;
        for (const auto& visit : day_.truth.visits) tally_.visits += visit.person ? 1U : 0U;
        tally_.purchases += day_.truth.purchases.size();
    }

    simulator::Store& store_;
    const StoreFiles& files_;
    simulator::EventText text_;
    OutFile events_;
    OutFile truth_;
    std::vector<std::unique_ptr<OutFile>> streams_;  ///< null where there is none
    Result<void> once_;
    StoreTally tally_;
    simulator::Day day_;
    std::string buffer_;
};

}  // namespace

Result<StoreTally> write_store(simulator::Store& store, std::uint64_t seed, const StoreFiles& files,
                               const std::function<void(const StoreTally&)>& after_day)
{
    std::error_code error;
    std::filesystem::create_directories(files.folder + "/streams", error);
    if (error) return Problem{"cannot be made: " + error.message(), files.folder};
    Writing writing{store, files};
    writing.once(seed);
    for (std::uint32_t number = 0; number < files.days; ++number) {
        writing.day(number);
        if (const auto good = writing.good(); !good) return good.error();
        after_day(writing.tally());
    }
    if (const auto good = writing.good(); !good) return good.error();
    return writing.tally();
}

}  // namespace raiten::app::ctl
