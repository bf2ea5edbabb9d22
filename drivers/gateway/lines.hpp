#pragma once

#include "drivers/ble/hci.hpp"
#include "drivers/gateway/outline.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace raiten::drivers::gateway {

/// The line by which a wire hands on one MQTT message: `TOPIC SP PAYLOAD LF`, the same as
/// `mosquitto_sub -v` prints. Line ends inside either become blanks.
std::string line_of(std::string_view topic, std::string_view payload);

/// Cuts a stream of lines into messages, wherever the bytes are cut:
///
///     home/gw1/BTtoMQTT/AABBCCDDEEFF {"id":"AA:BB:CC:DD:EE:FF","rssi":-70}    topic and payload
///     {"id":"AA:BB:CC:DD:EE:FF","rssi":-70}                                   payload alone
///     {"tst":"…","topic":"home/…","payload":{…}}                              a recorder's object
///     $GPRP,F72E909E785F,C82B96AE3B04,-50,0201…                               text
///
/// JSON may go on over several lines, as in a file written for people. Where it breaks off, it
/// costs the message and at most one more: the line at which it can be no JSON any more is read
/// anew as the beginning of a message. Several messages may stand in one line.
class Lines {
 public:
    struct Message {
        std::string_view topic;    ///< without blanks around; empty where there is none
        std::string_view payload;  ///< whole JSON by its brackets, or a line of text
        bool json{};
    };
    /// The message is valid during the call only.
    using Take = std::function<void(const Message&)>;

    static constexpr std::size_t message_bytes_max = 256 * 1024;

    void feed(ble::Bytes bytes, const Take& take, const ble::Refuse& refuse);
    /// The last line needs no end; JSON that is not whole is garbled.
    void finish(const Take& take, const ble::Refuse& refuse);

 private:
    enum class Where : std::uint8_t { text, json, skipping };

    void put(char c, const Take& take, const ble::Refuse& refuse);
    void put_text(char c, const Take& take);
    void put_json(char c, const Take& take, const ble::Refuse& refuse);
    void put_skipped(char c, const ble::Refuse& refuse);
    void begin_json(char bracket);
    void end_text(const Take& take);
    void damaged(char c, const Take& take, const ble::Refuse& refuse);
    void skip(std::string_view why, std::size_t so_far);

    Where where_{Where::text};
    Outline outline_;
    std::string topic_;
    std::string buffer_;         ///< the text or the JSON so far
    std::size_t line_at_{};      ///< where in the JSON its latest line begins; 0: the first
    std::string_view skip_why_;  ///< a literal
    std::size_t skipped_bytes_{};
};

}  // namespace raiten::drivers::gateway
