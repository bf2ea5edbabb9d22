#include "drivers/ble/pcap.hpp"

namespace raiten::drivers::ble {
namespace {

constexpr std::size_t file_header_bytes = 24;
constexpr std::size_t record_header_bytes = 16;
constexpr std::uint32_t mark_micros = 0xa1b2c3d4;
constexpr std::uint32_t mark_nanos = 0xa1b23c4d;
constexpr std::uint32_t mark_pcapng = 0x0a0d0d0a;
constexpr std::uint32_t link_bits = 0x03ffffff;  ///< the others tell of check sequences

std::uint32_t reversed(std::uint32_t number)
{
    return number >> 24U | (number >> 8U & 0xff00U) | (number << 8U & 0xff0000U) | number << 24U;
}

}  // namespace

struct PcapRecords::Header {
    std::uint32_t seconds;
    std::uint32_t fraction;
    std::uint32_t included;
    std::uint32_t original;
};

std::uint32_t PcapRecords::number(Bytes bytes, std::size_t at) const
{
    return big_endian_ ? be32(bytes, at) : reversed(be32(bytes, at));
}

PcapRecords::Header PcapRecords::header_of(Bytes record) const
{
    return Header{number(record, 0), number(record, 4), number(record, 8), number(record, 12)};
}

Judgement PcapRecords::judge(Bytes start, bool doubtful, bool ended)
{
    if (!link_) return judge_file(start);
    if (start.size() < record_header_bytes) return Judgement::more_bytes_needed();
    const Header header = header_of(start);
    if (const std::string_view why = judge_header(header, doubtful); !why.empty())
        return Judgement::refuse(why);

    const std::size_t size = record_header_bytes + header.included;
    if (start.size() < size)
        return doubtful ? Judgement::more_bytes_needed() : Judgement::sound(size);
    const Bytes frame = start.subspan(record_header_bytes, header.included);
    if (header.included < header.original || length_agrees(*link_, frame))
        return Judgement::sound(size);
    if (doubtful) return Judgement::refuse("unlikely record");
    if (length_must_agree(*link_, frame))
        return Judgement::refuse("record length disagrees with its packet");

    // Damaged in the air, or in the file? The next record tells.
    const Bytes next = start.subspan(size);
    if (next.size() < record_header_bytes && !ended) return Judgement::more_bytes_needed();
    return begins_likely_record(next, ended)
               ? Judgement::sound(size)
               : Judgement::refuse("record length disagrees with its packet");
}

Judgement PcapRecords::judge_file(Bytes start)
{
    if (start.size() < file_header_bytes) return Judgement::more_bytes_needed();
    const auto hopeless = [](std::string_view why) {
        return Judgement{.refused = why, .hopeless = true};
    };
    const std::uint32_t mark = be32(start, 0);
    big_endian_ = mark == mark_micros || mark == mark_nanos;
    nanoseconds_ = mark == mark_nanos || mark == reversed(mark_nanos);
    if (!big_endian_ && mark != reversed(mark_micros) && mark != reversed(mark_nanos))
        return hopeless("not a pcap or pcapng file");
    const unsigned version = big_endian_ ? be16(start, 4) : le16(start, 4);
    if (version != 2) return hopeless("pcap of an unknown version");
    if (!link_type_of(number(start, 20) & link_bits))
        return hopeless("pcap of a link type that is not Bluetooth");
    return Judgement::sound(file_header_bytes);
}

std::string_view PcapRecords::judge_header(const Header& header, bool doubtful) const
{
    if (header.included > CaptureReader::record_bytes_max - record_header_bytes)
        return "record longer than any Bluetooth packet";
    if (header.included > header.original) return "record longer than its packet";
    if (header.fraction >= (nanoseconds_ ? 1'000'000'000U : 1'000'000U))
        return "record with an impossible time";
    if (doubtful
        && (header.included == 0 || header.included < header.original
            || !likely(Instant{std::chrono::seconds{header.seconds}}, last_)))
        return "unlikely record";
    return {};
}

bool PcapRecords::begins_likely_record(Bytes start, bool ended) const
{
    if (start.size() < record_header_bytes) return ended && start.empty();
    return judge_header(header_of(start), true).empty();
}

Opened PcapRecords::open(Bytes record)
{
    if (!link_) {
        link_ = link_type_of(number(record, 20) & link_bits);
        return {};
    }
    const Header header = header_of(record);
    const std::uint32_t per_milli = nanoseconds_ ? 1'000'000 : 1'000;
    last_ = Instant{std::chrono::seconds{header.seconds}} + Millis{header.fraction / per_milli};
    Opened opened = links_.open(*link_, record.subspan(record_header_bytes),
                                header.included == header.original);
    if (opened.packet) opened.packet->at = last_;
    return opened;
}

Judgement Pcap::judge(Bytes start, bool doubtful)
{
    if (std::holds_alternative<std::monostate>(format_)) {
        if (start.size() < 4) return Judgement::more_bytes_needed();
        if (be32(start, 0) == mark_pcapng)
            format_.emplace<PcapngBlocks>(links_);
        else
            format_.emplace<PcapRecords>(links_);
    }
    if (auto* blocks = std::get_if<PcapngBlocks>(&format_)) return blocks->judge(start, doubtful);
    return std::get<PcapRecords>(format_).judge(start, doubtful, ended());
}

Opened Pcap::open(Bytes record)
{
    if (auto* blocks = std::get_if<PcapngBlocks>(&format_)) return blocks->open(record);
    return std::get<PcapRecords>(format_).open(record);
}

}  // namespace raiten::drivers::ble
