#pragma once

#include "daemon/model/token.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace raiten::app {

/// Remembers the keys of tokens that were heard lately, so that a resting beacon costs no HMAC.
/// Fixed in size; sets of four places, of which one that was not asked for lately gives way. A text
/// is kept only when it comes for the second time, so that a flood of addresses that come once
/// neither fills it nor drives out who is here (a doorkeeper as in TinyLFU, Einziger et al. 2017).
/// The memory is neither swapped nor dumped, as far as this process may ask for that, and is
/// overwritten at the end. Texts longer than 62 bytes are not kept.
class TokenCache {
 public:
    /// `entries` is rounded up to a power of two, at least 4.
    explicit TokenCache(std::size_t entries);
    ~TokenCache();
    TokenCache(TokenCache&& other) noexcept;
    TokenCache& operator=(TokenCache&&) = delete;
    TokenCache(const TokenCache&) = delete;
    TokenCache& operator=(const TokenCache&) = delete;

    /// `text` as it came in, not normalised.
    std::optional<Token> find(std::string_view text);
    void keep(std::string_view text, const Token& token);

    /// Whether the system granted that the memory is never swapped.
    bool locked() const { return locked_; }

 private:
    static constexpr std::size_t ways = 4;
    static constexpr std::size_t text_bytes_max = 62;

    struct Place {
        Token token;
        bool recent;
        std::uint8_t length;  ///< 0 is empty
        char text[text_bytes_max];
    };
    Place* set_of(std::string_view text) const;
    bool came_before(std::string_view text);

    /// Two bits a text, in 32 KB; forgotten after `doorkeeper_texts` of them.
    static constexpr std::size_t doorkeeper_bits = 256 * 1024;
    static constexpr std::size_t doorkeeper_texts = 16 * 1024;
    std::vector<std::uint64_t> doorkeeper_{std::vector<std::uint64_t>(doorkeeper_bits / 64)};
    std::size_t doorkeeper_count_{};

    std::size_t sets_{};
    std::size_t bytes_{};
    Place* places_{};
    std::size_t hand_{};
    bool locked_{};
};

}  // namespace raiten::app
