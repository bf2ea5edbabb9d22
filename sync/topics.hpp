#pragma once

#include "daemon/base/result.hpp"
#include "sync/outbox_port.hpp"

#include <string>
#include <string_view>

namespace raiten::sync {

inline constexpr std::size_t topic_name_bytes_max = 64;

/// Letters, digits, `-` and `_`, 1 to 64 of them: some clustered brokers refuse dots and blanks.
bool is_topic_name(std::string_view name);

/// The names under `raiten/v1/{tenant}/{store}/{device}/`.
class Topics {
 public:
    /// Refuses, saying which part, what is not a topic name.
    static Result<Topics> make(std::string_view tenant, std::string_view store,
                               std::string_view device);

    const std::string& prefix() const { return prefix_; }
    std::string status() const { return prefix_ + "status"; }
    std::string ack() const { return prefix_ + "ack"; }
    std::string command() const { return prefix_ + "command"; }

    /// coupon → `coupon`, visit → `visit`, summary → `summary/hourly` or `summary/daily`; the type
    /// of a summary decides, and any other summary-lane type (a gap record) goes to the hourly one.
    std::string of(const OutboxRow& row) const;

 private:
    explicit Topics(std::string prefix) : prefix_{std::move(prefix)} {}
    std::string prefix_;
};

}  // namespace raiten::sync
