#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

/// The past of a large store.
namespace raiten::bench {

inline constexpr std::uint64_t members = 200'000;
inline constexpr std::size_t visits_of_each = 10;
inline constexpr int days_of_past = 365;
inline constexpr std::uint32_t skus = 2'000;
inline constexpr int lines_of_receipt = 3;
inline constexpr Instant newest{std::chrono::seconds{1'795'000'000}};
inline constexpr const char* store_name = "shop/1/box";

/// Says what is wrong, and ends the program.
void stop_on(const Problem& problem);

/// A ledger's file with that many members and visits, half of them with a receipt.
void write_past(const std::string& path);

}  // namespace raiten::bench
