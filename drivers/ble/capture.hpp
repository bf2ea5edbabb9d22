#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "drivers/ble/hci.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace raiten::drivers::ble {

/// One HCI packet out of a capture file. The bytes are valid during the call only.
struct CapturedPacket {
    std::optional<Instant> at;  ///< as the file says, rounded down to the millisecond
    PacketType type{PacketType::event};
    bool from_controller{};
    std::uint64_t offset{};  ///< of the record in the file
    Bytes packet;            ///< header and parameters, without an H4 type byte
};

using TakePacket = std::function<void(const CapturedPacket&)>;

/// What was damaged and where ("byte 1234"): what could be read before and after it still counts.
using TellDamage = std::function<void(const Problem&)>;

/// The opinion about the record that begins with these bytes. With none of these set, more bytes
/// are needed.
struct Judgement {
    std::size_t record_bytes{};  ///< it is sound so far, and this long
    std::string_view refused{};  ///< it is no record
    bool hopeless{};             ///< with `refused`: not a file of this kind at all
    bool no_interest{};  ///< with `record_bytes`: passed over as it comes, whatever its size

    static Judgement more_bytes_needed() { return {}; }
    static Judgement sound(std::size_t bytes) { return {.record_bytes = bytes}; }
    static Judgement refuse(std::string_view why) { return {.refused = why}; }
};

/// What a sound record holds: a packet; or a reason why its contents were dropped; or neither.
struct Opened {
    std::optional<CapturedPacket> packet{};
    std::string_view refused{};
};

/// Reads a capture file of records, in pieces of any size and bounded memory. After a record that
/// makes no sense it looks for the next that does, byte by byte, and tells what it skipped.
class CaptureReader {
 public:
    virtual ~CaptureReader() = default;

    /// Larger records are taken for damage: an HCI packet has at most 64 KiB and a short header.
    static constexpr std::size_t record_bytes_max = std::size_t{64} * 1024 + 64;

    void feed(Bytes bytes, const TakePacket& take, const TellDamage& damaged);

    /// The file ended: a record that claims more than there is is searched for whole ones, and
    /// what is left over is told as damage.
    void finish(const TakePacket& take, const TellDamage& damaged);

 protected:
    /// `doubtful` asks for harder proof: the record was found by guessing where it begins.
    virtual Judgement judge(Bytes start, bool doubtful) = 0;

    /// A whole record that has been judged sound. Its packet is valid until the next call.
    virtual Opened open(Bytes record) = 0;

    bool ended() const { return ended_; }  ///< no more bytes will come

 private:
    std::size_t consume(Bytes bytes, const TakePacket& take, const TellDamage& damaged);
    void tell_skipped(const TellDamage& damaged);

    std::vector<std::byte> pending_;
    std::uint64_t offset_{};  ///< of the first pending byte in the file
    std::string_view why_skipping_;
    std::uint64_t skipped_{};
    std::size_t passing_over_{};
    bool ended_{};
    bool hopeless_{};
};

/// A time for a record that was found by guessing: within ten years of the last certain one, or
/// if there is none, between 2000 and 2100.
bool likely(Instant at, const std::optional<Instant>& last);

/// What a packet's opcode in the Linux monitor's format says it is; nothing for notes.
std::optional<PacketType> monitor_packet_type(unsigned opcode);

/// Whether the packet's own length agrees with the bytes there are. Takes header and parameters.
bool length_agrees(PacketType type, Bytes packet);

}  // namespace raiten::drivers::ble
