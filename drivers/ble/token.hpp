#pragma once

#include "drivers/ble/advertisement.hpp"
#include "drivers/ble/frame.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::ble {

/// A token while it is being put together: no token of this driver needs memory before it is told.
class TokenText {
 public:
    static constexpr std::size_t chars_max = 64;  ///< the longest, an iBeacon's, has 56

    std::string_view view() const { return {chars_.data(), size_}; }
    bool empty() const { return size_ == 0; }
    void clear() { size_ = 0; }

    void add(std::string_view text);
    void add(char c) { chars_[size_++] = c; }
    void add_hex(Bytes bytes);
    void add_number(unsigned number);

 private:
    std::array<char, chars_max> chars_;
    std::size_t size_{};
};

/// `ibeacon:<uuid>/<major>/<minor>`, `eddystone-uid:<32 hex>` (namespace and instance),
/// `eddystone-eid:<16 hex>`, `altbeacon:<40 hex>`. Nothing for a frame that is nobody's identity.
/// `token` must be empty.
void write_token(const Frame& frame, TokenText& token);
std::string token_of(const Frame& frame);

/// `ble:<mac>`. `token` must be empty.
void write_token(const Address& address, TokenText& token);

/// Beacons that may be somebody, by the beginnings of their tokens; the case of letters is ignored.
/// Without any entry every beacon may. One look-up costs a binary search among the entries.
class AllowList {
 public:
    AllowList() = default;
    explicit AllowList(std::vector<std::string> beginnings);

    bool allows(std::string_view token) const;

 private:
    std::vector<std::string> beginnings_;  ///< sorted, none the beginning of another
};

}  // namespace raiten::drivers::ble
