#include "tests/support/hci_bytes.hpp"

#include <algorithm>
#include <array>

namespace raiten::stage {

void put(Bytes& out, std::initializer_list<unsigned> values)
{
    for (const unsigned v : values) out.push_back(static_cast<std::byte>(v & 0xFFU));
}

unsigned at(std::span<const std::byte> bytes, std::size_t index)
{
    return index < bytes.size() ? std::to_integer<unsigned>(bytes[index]) : 0U;
}

std::uint64_t le64(std::span<const std::byte> bytes)
{
    std::uint64_t value = 0;
    for (std::size_t i = std::min<std::size_t>(bytes.size(), 8); i-- > 0;)
        value = value << 8U | at(bytes, i);
    return value;
}

bool advertising_report(const Bytes& h4)
{
    return h4.size() > 4 && at(h4, 0) == 4 && at(h4, 1) == 0x3E
           && (at(h4, 3) == 0x02 || at(h4, 3) == 0x0D);
}

namespace {

/// The extended report's event type for a legacy one (Vol 4 Part E 7.7.65.13).
unsigned extended_type(unsigned legacy)
{
    constexpr std::array<unsigned, 5> types{0x13, 0x15, 0x12, 0x10, 0x1B};
    return legacy < types.size() ? types[legacy] : 0x10;
}

/// One legacy report (type, address type, address[6], length, data, RSSI) as an extended event.
Bytes as_extended(std::span<const std::byte> report)
{
    const auto data = report.subspan(9, report.size() - 10);
    Bytes out;
    put(out, {4, 0x3E, static_cast<unsigned>(26 + data.size()), 0x0D, 1});
    put(out, {extended_type(at(report, 0)), 0, at(report, 1)});
    out.insert(out.end(), report.begin() + 2, report.begin() + 8);
    put(out, {1, 0, 0xFF, 0x7F, at(report, report.size() - 1), 0, 0, 0, 0, 0, 0, 0, 0, 0});
    put(out, {static_cast<unsigned>(data.size())});
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

}  // namespace

std::optional<Bytes> extended_event(const Bytes& h4)
{
    const std::span<const std::byte> report = std::span{h4}.subspan(5);
    if (at(h4, 4) != 1 || report.size() < 10 || report.size() != 10U + at(report, 8))
        return std::nullopt;
    return as_extended(report);
}

}  // namespace raiten::stage
