#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::ble {

using Eid = std::array<std::byte, 8>;
using IdentityKey = std::array<std::byte, 16>;

/// A tag whose key we know. Its clock is a number of seconds, which starts anew after 2^32.
struct EnrolledTag {
    std::string name;  ///< its lasting identity, 16 hex digits
    IdentityKey identity_key{};
    unsigned rotation_exponent{};  ///< it takes a new EID every 2^this seconds; 0 to 15
    std::uint32_t counter{};       ///< its clock at `counted_at`
    Instant counted_at;
};

inline constexpr std::size_t enrolled_tags_max = 10'000;
inline constexpr unsigned rotation_exponent_max = 15;

/// What a tag sends while its clock shows `counter` (Eddystone-EID specification, "EID
/// computation"), K being its rotation exponent:
///
///     temporary key = AES-128(identity key, 00 x 11, FF, 00 00, bits 31-16 of the counter)
///     EID           = first 8 bytes of AES-128(temporary key, 00 x 11, K, counter with K low bits
///     0)
Eid eid_at(const IdentityKey& identity_key, unsigned rotation_exponent, std::uint32_t counter);

/// The EID in a token `eddystone-eid:<16 hex>`; nothing in any other.
std::optional<Eid> eid_in(std::string_view token);

/// Who sends a given EID now. It knows of every tag the EIDs of the current window, the one before
/// and the one after, for clocks that drift and observations that took their time. A look-up costs
/// one search in a table, found or not; when a tag's window turns, one EID is computed for it, and
/// at most three however far time jumps. A time up to `backwards_max` before the latest is taken
/// for the latest; one before that computes the table anew.
class EidResolver {
 public:
    static constexpr Millis backwards_max{60'000};

    /// Refuses more than `enrolled_tags_max` tags, exponents above `rotation_exponent_max`, and
    /// names that are not 16 hex digits or come twice (in small or large letters).
    static Result<EidResolver> make(std::vector<EnrolledTag> tags);

    EidResolver(EidResolver&&) noexcept;
    EidResolver& operator=(EidResolver&&) noexcept;
    ~EidResolver();  ///< forgets the keys for good

    /// Whether a tag has this name, in small letters.
    bool knows(const std::string& name) const;

    /// The tag's name, or nothing for a tag that is not ours.
    std::optional<std::string> resolve(const Eid& eid, Instant now);

    std::size_t tags() const;
    std::uint64_t computed() const;  ///< EIDs so far

 private:
    struct State;
    explicit EidResolver(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace raiten::drivers::ble
