#pragma once

#include "drivers/ble/capture.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace raiten::drivers::ble {

/// What lies in the records of a pcap or pcapng file (tcpdump.org/linktypes.html).
enum class LinkType : std::uint32_t {
    le_link_layer_user = 147,   ///< as le_link_layer; an Ubertooth's, mostly within PPI
    nordic_user = 157,          ///< as nordic
    hci_h4 = 187,               ///< TT packet
    ppi = 192,                  ///< 00 flags[1] LLLL type[4], fields to LLLL, frame of that type
    hci_h4_directed = 201,      ///< direction[4] (bit 0: from the controller), TT packet
    le_link_layer = 251,        ///< access address[4] PDU CRC[3]
    linux_monitor = 254,        ///< controller[2] opcode[2], packet; big endian
    le_link_layer_radio = 256,  ///< channel signal noise offences reference[4] flags[2], as 251
    nordic = 272                ///< board, LLLL version counter[2] kind, 0A flags channel signal
                                ///< counter[2] time[4], as 251
};

std::optional<LinkType> link_type_of(std::uint32_t number);

/// Whether a record's length agrees with the lengths that its contents state; where nothing is
/// stated it does.
bool length_agrees(LinkType link, Bytes frame);

/// Whether the lengths of sound records always agree: not so for what was heard from the air, whose
/// bytes may be damaged, nor for logs that shorten data packets.
bool length_must_agree(LinkType link, Bytes frame);

/// Turns records into HCI packets; frames from the air into the reports that a controller would
/// have sent.
class LinkReader {
 public:
    /// `whole`: the recorder kept all of the frame. The packet is valid until the next call.
    Opened open(LinkType link, Bytes frame, bool whole);

 private:
    std::vector<std::byte> event_;
};

}  // namespace raiten::drivers::ble
