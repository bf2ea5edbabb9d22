#pragma once

#include "daemon/app/secret.hpp"
#include "daemon/app/token_cache.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/token.hpp"
#include "drivers/ble/eid.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace raiten::app {

/// Turns what readers see into pseudonyms, under the tenant token key: the same token is the same
/// TokenKey in every store of a tenant. Here raw tokens end: nothing below or behind this sees
/// one. The key is never shown, and is overwritten at the end.
class Pseudonyms {
 public:
    static constexpr std::size_t cache_entries = 32 * 1024;

    /// `key` as parse_token_key() gives it: 32 bytes.
    static Result<Pseudonyms> make(Secret key, std::size_t cached = cache_entries);
    /// The key and the enrolled tags that the settings name, from where they lie.
    static Result<Pseudonyms> open(const Settings& settings, const Places& places);
    ~Pseudonyms();
    Pseudonyms(Pseudonyms&&) noexcept;
    Pseudonyms& operator=(Pseudonyms&&) noexcept;

    /// Tags whose rotating EIDs are theirs from now on.
    void enrol(drivers::ble::EidResolver tags);
    /// Those in the file or credential of `identity.eid_tags`; "" is none.
    Result<void> enrol_tags(const std::string& name, const Places& places);

    /// The token of what a reader heard at `at`: an EID of an enrolled tag becomes the tag's own
    /// token, any other EID stays one that changes by itself.
    Result<Token> heard(std::string_view text, bool rotating, Instant at);

    /// The first 128 bits of HMAC-SHA-256(key, normalised text); see token_text.hpp. `rotating`:
    /// the reader knows that the address changes by itself. An eddystone-eid always does, unless it
    /// is the name of an enrolled tag: by that a member is enrolled.
    /// A wrong form is a problem, which never repeats the token.
    Result<Token> token(std::string_view text, bool rotating = false);

    /// A number that only the holder of the key can know, for ids and draws: the first 64 bits of
    /// HMAC-SHA-256(key, purpose). No token begins like a purpose.
    std::uint64_t derive_seed(std::string_view purpose = "raiten ids v1") const;

    const TokenCache& cache() const;

    /// The make of tag behind Token::model, as in "ibeacon:<uuid>"; "" if none was heard so far.
    std::string make_of(std::uint32_t model) const;

 private:
    class Impl;
    explicit Pseudonyms(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The purpose of the seed by which members are drawn alike in all stores of the tenant.
inline constexpr std::string_view control_groups{"raiten control groups v1"};

/// What a member is called who enrolled with this token and was given no other name: 32 digits.
std::string member_name(const TokenKey& key);

}  // namespace raiten::app
