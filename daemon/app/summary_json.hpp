#pragma once

#include "daemon/app/envelope.hpp"

#include <nlohmann/json_fwd.hpp>

namespace raiten::app {

/// For whom figures are written: `staff` of the store see all of them, as the visits themselves;
/// `head_office` what the summary says may be told, null elsewhere, and in `suppressed` the names
/// of what is withheld.
enum class Reader : std::uint8_t { staff, head_office };

/// The figures as JSON (schema `Summary` in openapi.json). Unique counts stand beside their sketch
/// as PostgreSQL's `hll` reads it ("\x…"), quantiles beside their digest as its `tdigest` does.
nlohmann::ordered_json summary_data(const Summary& summary, const Sender& sender, Reader reader);

}  // namespace raiten::app
