#pragma once

#include "drivers/ble/hci.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace raiten::drivers::ble {

/// Cuts an H4 byte stream (Core 5.4, Vol 4, Part A) into packets, however its bytes arrive.
///
///     TT HH..HH PP..PP
///
/// - T: 01 command, 02 ACL, 03 SCO, 04 event, 05 ISO; H, P: header and parameters, see hci.hpp
///
/// H4 has no frame mark: after an unknown type byte, or a length beyond `packet_bytes_max`, the
/// thread is lost and nothing tells where the next packet begins. What is hunted for then:
///
/// - `any_event`: a file cannot be asked again, so a plausible event header (Command Complete,
///   Command Status, Hardware Error, LE Meta) is taken for one.
/// - `reset_answer`: on a live link guessing is not needed: the caller sends Reset, and only the
///   answer to Reset ends the hunt.
///
/// The skipped bytes are refused with the reason, at the latest every `skipped_bytes_max`.
class H4 {
 public:
    enum class Hunt : std::uint8_t { any_event, reset_answer };

    /// A whole packet without its type byte; the bytes are valid during the call only.
    using Take = std::function<void(PacketType, Bytes)>;

    static constexpr std::size_t packet_bytes_max = 4096;  ///< header and parameters
    static constexpr std::size_t skipped_bytes_max = 4096;

    explicit H4(Hunt hunt) : hunt_{hunt} { packet_.reserve(packet_bytes_max + 1); }

    void feed(Bytes bytes, const Take& take, const Refuse& refuse);

    /// The stream ended: a half packet or an unfinished hunt is refused. Ready for a new stream.
    void finish(const Refuse& refuse);

    /// Takes everything from here on for noise until the hunt succeeds. Not from within `take`.
    void lose(std::string_view why);
    bool lost() const { return lost_; }
    /// How often the thread was lost, whether or not it was found again.
    std::uint64_t losses() const { return losses_; }

 private:
    void settle(const Take& take, const Refuse& refuse);
    std::size_t wanted() const;
    void lose_within_packet(std::string_view why, const Take& take, const Refuse& refuse);
    void hunt(std::byte byte, const Refuse& refuse);
    void report_skipped(const Refuse& refuse);

    Hunt hunt_;
    std::vector<std::byte> packet_;  ///< type byte and on; while lost: what might begin a packet
    bool lost_{};
    std::uint64_t losses_{};
    std::string_view why_lost_;
    std::size_t skipped_{};
};

}  // namespace raiten::drivers::ble
