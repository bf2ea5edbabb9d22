#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

/// The few bytes of HCI that an emulated controller takes apart and puts together.
namespace raiten::stage {

using Bytes = std::vector<std::byte>;

void put(Bytes& out, std::initializer_list<unsigned> values);
/// 0 beyond the end.
unsigned at(std::span<const std::byte> bytes, std::size_t index);
/// Little-endian, of up to eight bytes.
std::uint64_t le64(std::span<const std::byte> bytes);

bool advertising_report(const Bytes& h4);

/// A legacy advertising event as an extended one. The reports of a legacy event lie one behind the
/// other when there is one; recordings of several in one event are left as they are (nothing),
/// which only a legacy scan can hear.
std::optional<Bytes> extended_event(const Bytes& h4);

}  // namespace raiten::stage
