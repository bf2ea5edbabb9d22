#pragma once

#include "tests/support/mosquitto.hpp"
#include "tests/support/process.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::test {

/// What raitend answered; status 0: it was gone before its answer was whole.
struct HttpReply {
    int status{};
    std::string body;
};

/// A whole store in a folder that goes with the test: settings, key, campaigns, and the real
/// raitend, which can be stopped, killed and started again on the same ledger. Spoken to over its
/// unix socket, as the operator does (role admin).
class StoreBox {
 public:
    /// Time that moves with the events only, or this machine's.
    enum class Clock { events, system };

    /// `more` is TOML that follows the sections [store] to [campaigns].
    explicit StoreBox(Clock clock, const std::string& more = {});
    ~StoreBox();
    StoreBox(const StoreBox&) = delete;
    StoreBox& operator=(const StoreBox&) = delete;

    /// Starts raitend and returns when it says that it is ready; throws with its log if it ends
    /// before or says nothing for a minute.
    void start();
    /// Starts it and waits for its end: for what cannot start. The exit code.
    int run_to_end();
    bool running() const { return process_ != nullptr; }
    void signal(int number) const;
    /// SIGTERM; the exit code.
    int stop();
    /// SIGKILL, and waits until it is gone.
    void kill();
    /// Memory in use, from /proc.
    std::size_t resident_bytes() const;

    /// Calls raitend. With a fuse, raitend is killed when that long has passed since the request
    /// was sent and no answer came.
    using Fuse = std::optional<std::chrono::microseconds>;
    HttpReply get(const std::string& target) const;
    HttpReply post(const std::string& target, const std::string& json, Fuse fuse = {});
    HttpReply post_lines(const std::string& ndjson, Fuse fuse = {});
    /// Requests that are all sent before the first answer is read.
    struct Wish {
        std::string target;
        std::string json;
    };
    std::vector<HttpReply> post_at_once(const std::vector<Wish>& wishes, Fuse fuse = {});
    /// Any bytes on a connection of their own, our side ended; what came back until it ended.
    std::string raw(std::string_view bytes) const;

    /// A member with one token; throws if raitend refuses.
    void enrol(const std::string& member, const std::string& token);
    void write(const std::string& name, const std::string& text) const;
    void write_campaign(const std::string& id, const std::string& json) const;
    /// Every event of the stream after `cursor`, as `data` has it, until `last` holds.
    std::vector<std::string> stream(std::uint64_t cursor,
                                    const std::function<bool(const std::string&)>& last) const;

    std::string log() const;
    std::string file(const std::string& name) const { return folder_.file(name); }
    std::string socket() const { return file("api.sock"); }
    std::string config() const { return file("raiten.toml"); }

 private:
    std::unique_ptr<Process> launch();
    std::string request(const char* method, const std::string& target, const std::string& type,
                        const std::string& body) const;
    std::vector<HttpReply> ask(const std::vector<std::string>& requests, Fuse fuse);

    TempFolder folder_;
    int notify_{-1};  ///< where raitend says READY=1, as it does to systemd
    std::unique_ptr<Process> process_;
};

/// "raiten_http_refused_total{reason=\"bad\"}" in the text of /metrics; 0 where it is not there.
double metric(const std::string& page, const std::string& name);

}  // namespace raiten::test
