#pragma once

#include "tests/app/ctl/tool.hpp"
#include "tests/days/door.hpp"
#include "tests/support/process.hpp"

#include <memory>
#include <string>
#include <vector>

/// The written days (README.md) and the store in which they happen.
namespace raiten::test {

/// Names of the stories: the `*.ndjson` of this folder that have an `*.expected.ndjson`.
std::vector<std::string> stories();
/// "void" and ".ndjson" → the file's content.
std::string day_file(const std::string& name);
/// The last line of a day, a tick, and what comes before it.
std::string tick_of(const std::string& day);
std::string without_tick(const std::string& day);
/// The tick's own time, for --until.
std::string tick_time(const std::string& day);

/// Compares effects, a CloudEvent a line, with the compact lines of `expected`: as many of them,
/// in this order, and each field that is expected is what it should be. Otherwise says what is
/// not. An expected ">= X" stands for a number.
std::string differences(const std::string& effects, const std::string& expected);

/// A campaign whose budget head office leases: 60 a coupon, for whoever comes in.
inline constexpr std::string_view leased_campaign =
    R"({"id":"leased","moment":"visit_opened","offers":[{"code":"L","text":{"en":"L","ja":"L"},
    "value":"60","cost":"60"}],"valid_for":"400d","control":0,"leased":true,"budget":"1000000"})";

/// A copy of the written store in a folder of its own: settings, key, campaigns.
class Store {
 public:
    Store();
    const std::string& config() const { return config_; }
    std::string path(const std::string& name) const { return scratch_.path(name); }
    std::string file(const std::string& name, std::string_view content) const
    {
        return scratch_.file(name, content);
    }
    /// `raitenctl replay` with this store's settings and members; the events are its input.
    Ran replay(const std::string& events, const std::vector<std::string>& more = {}) const;
    Ran import_members() const;

 private:
    Scratch scratch_;
    std::string config_;
};

/// raitend, from its sd_notify READY=1 until this ends.
class Service {
 public:
    explicit Service(const Store& store);
    ~Service();
    const Door& door() const { return door_; }  ///< the operator's
    Door loopback() const;                      ///< TCP
    std::string log() const;
    /// SIGTERM; the exit code.
    int stop();

 private:
    std::string log_file_;
    Door door_;
    std::unique_ptr<Process> process_;
};

}  // namespace raiten::test
