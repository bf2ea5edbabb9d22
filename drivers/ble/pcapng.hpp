#pragma once

#include "drivers/ble/capture.hpp"
#include "drivers/ble/link.hpp"

#include <vector>

namespace raiten::drivers::ble {

/// The blocks of a pcapng file (draft-ietf-opsawg-pcapng); numbers in the byte order of their
/// section:
///
///     type[4] size[4] body, filled to a multiple of 4 [size - 12] size[4]
///
///     0A0D0D0A section      1A2B3C4D 0001 minor[2] length[8], options
///     00000001 interface    link[2] 0000 largest[4], options; 9: ticks, 14: seconds to add
///     00000006 packet       interface[4] time[8] included[4] original[4] frame, options
///     00000002 packet, old  interface[2] drops[2] time[8] included[4] original[4] frame, options
///     00000003 packet       original[4] frame; of the first interface, without a time
///
/// Other blocks are passed over, whatever their size up to `passed_over_max`.
class PcapngBlocks {
 public:
    static constexpr std::size_t interfaces_max = 256;
    static constexpr std::size_t passed_over_max = std::size_t{16} << 20U;

    explicit PcapngBlocks(LinkReader& links) : links_{links} {}
    Judgement judge(Bytes start, bool doubtful) const;
    Opened open(Bytes block);

 private:
    struct Interface {
        std::optional<LinkType> link;
        std::uint32_t largest{};
        unsigned ticks{6};  ///< as in if_tsresol: 10^-n, or with the top bit 2^-n seconds
        std::int64_t seconds_to_add{};
    };
    struct Packet;

    Judgement judge_section(Bytes start) const;
    std::string_view judge_body(std::uint32_t type, Bytes block, bool doubtful) const;
    std::optional<Packet> packet_of(std::uint32_t type, Bytes block) const;
    Interface interface_of(Bytes block) const;
    std::uint16_t number16(Bytes bytes, std::size_t at) const;
    std::uint32_t number(Bytes bytes, std::size_t at) const;
    std::uint64_t number64(Bytes bytes, std::size_t at) const;

    LinkReader& links_;
    bool in_section_{};
    bool big_endian_{};
    std::vector<Interface> interfaces_;
    std::optional<Instant> last_;
};

}  // namespace raiten::drivers::ble
