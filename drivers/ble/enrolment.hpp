#pragma once

#include "drivers/ble/eid.hpp"

#include <string_view>
#include <vector>

namespace raiten::drivers::ble {

inline constexpr std::size_t enrolment_bytes_max = std::size_t{2} << 20U;

/// Reads the file of enrolled tags: comma-separated text whose first line names the columns.
///
///     name,identity_key,rotation_exponent,counter,counted_at
///     00112233445566aa,000102030405060708090a0b0c0d0e0f,10,65280,2026-11-22T10:00:00+09:00
///
/// - name: the tag's lasting identity, 16 hex digits; identity_key: 32 hex digits
/// - counter: what the tag's clock showed at `counted_at`
///
/// Empty lines and a byte-order mark are passed over. The first wrong line is told by its number,
/// never with its contents: they hold keys.
Result<std::vector<EnrolledTag>> read_enrolment(std::string_view text);

}  // namespace raiten::drivers::ble
