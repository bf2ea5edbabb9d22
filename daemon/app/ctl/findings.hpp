#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>

namespace raiten::app::ctl {

/// What the doctor says about one thing.
enum class Grade : std::uint8_t { ok, warn, fail };

struct Finding {
    std::string about;  ///< "ledger", "reader ent-1", …
    Grade grade{};
    std::string what;
    std::string advice{};
};

using TellFinding = std::function<void(const Finding&)>;

/// How long a certificate (the first in a PEM file) is still good: fails when it is over, warns
/// in its last 30 days.
Finding certificate_finding(const std::string& about, const std::string& file, Instant now);

/// Fails below 64 MiB of room for `folder`, warns below 512 MiB.
Finding disk_finding(const std::string& folder);

/// Fails where the machine's clock cannot be right, warns where nothing sets it.
Finding clock_finding(Instant now, bool synchronised);

/// Everything that a running raitend says about itself: the body of GET /api/v1/status.
/// `head_office`: one is configured.
void status_findings(const std::string& body, bool head_office, Instant now,
                     const TellFinding& tell);

/// One of the status's readers: down, silent for longer than its kind ever is, garbling more than
/// it tells, or flooding.
void reader_findings(const nlohmann::ordered_json& reader, Instant now, const TellFinding& tell);

}  // namespace raiten::app::ctl
