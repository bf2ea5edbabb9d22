#pragma once

#include "drivers/ble/link.hpp"
#include "drivers/ble/pcapng.hpp"

#include <variant>

namespace raiten::drivers::ble {

/// The older pcap format; all numbers in the byte order that the mark shows:
///
///     A1B2C3D4 (A1B23C4D: nanoseconds) 0002 0004 zone[4] accuracy[4] largest[4] link[4], then:
///     seconds[4] fraction[4] included[4] original[4] frame[included]
class PcapRecords {
 public:
    explicit PcapRecords(LinkReader& links) : links_{links} {}
    Judgement judge(Bytes start, bool doubtful, bool ended);
    Opened open(Bytes record);

 private:
    struct Header;

    Judgement judge_file(Bytes start);
    std::string_view judge_header(const Header& header, bool doubtful) const;
    Header header_of(Bytes record) const;
    std::uint32_t number(Bytes bytes, std::size_t at) const;
    bool begins_likely_record(Bytes start, bool ended) const;

    LinkReader& links_;
    std::optional<LinkType> link_;
    bool big_endian_{};
    bool nanoseconds_{};
    std::optional<Instant> last_;
};

/// pcap and pcapng files, told apart by their first bytes. HCI packets, and advertisements heard
/// from the air as the reports that a controller would have sent: see link.hpp and air.hpp.
class Pcap final : public CaptureReader {
 public:
    Pcap() = default;
    Pcap(const Pcap&) = delete;  // its format refers to its links
    Pcap& operator=(const Pcap&) = delete;

 private:
    Judgement judge(Bytes start, bool doubtful) override;
    Opened open(Bytes record) override;

    LinkReader links_;
    std::variant<std::monostate, PcapRecords, PcapngBlocks> format_;
};

}  // namespace raiten::drivers::ble
