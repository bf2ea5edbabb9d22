#include "daemon/app/identity.hpp"

#include "daemon/app/token_text.hpp"
#include "daemon/base/hex.hpp"
#include "daemon/base/keyed_hash.hpp"
#include "drivers/ble/enrolment.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <map>
#include <stdexcept>

namespace raiten::app {
namespace {

constexpr std::size_t digest_bytes = 32;
constexpr std::size_t makes_max = 1024;
constexpr std::string_view eid_prefix = "eddystone-eid:";
using Digest = std::array<unsigned char, digest_bytes>;

struct FreeMac {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

std::uint64_t big_endian(const Digest& digest, std::size_t from)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8U | digest[from + i];
    return value;
}

}  // namespace

Result<std::vector<drivers::ble::EnrolledTag>> read_tags(const std::string& name,
                                                         const Places& places)
{
    const auto file = read_secret(name, places, drivers::ble::enrolment_bytes_max);
    auto problem = file ? Problem{} : file.error();
    if (file) {
        auto tags = drivers::ble::read_enrolment(file->bytes());
        if (tags) return tags;
        problem = tags.error();
    }
    problem.where = "identity.eid_tags = \"" + name + "\""
                    + (problem.where.empty() ? "" : ", " + problem.where);
    return problem;
}

/// The key lives inside the MAC context, which libcrypto overwrites when it is freed.
class Pseudonyms::Impl {
 public:
    Impl(std::string_view key, std::size_t cached)
        : mac_{EVP_MAC_fetch(nullptr, "HMAC", nullptr)},
          keyed_{mac_ ? EVP_MAC_CTX_new(mac_.get()) : nullptr},
          cache{cached}
    {
        char digest[] = "SHA256";
        const std::array<OSSL_PARAM, 2> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_end()};
        if (!keyed_
            || EVP_MAC_init(keyed_.get(), reinterpret_cast<const unsigned char*>(key.data()),
                            key.size(), parameters.data())
                   != 1)
            throw std::runtime_error{"libcrypto has no HMAC-SHA-256"};
    }

    Digest digest(std::string_view text) const
    {
        Digest out{};
        std::size_t length = 0;
        const bool good =
            EVP_MAC_init(keyed_.get(), nullptr, 0, nullptr) == 1
            && EVP_MAC_update(keyed_.get(), reinterpret_cast<const unsigned char*>(text.data()),
                              text.size())
                   == 1
            && EVP_MAC_final(keyed_.get(), out.data(), &length, out.size()) == 1;
        if (!good || length != out.size()) throw std::runtime_error{"HMAC-SHA-256 failed"};
        return out;
    }

 private:
    std::unique_ptr<EVP_MAC, FreeMac> mac_;
    std::unique_ptr<EVP_MAC_CTX, FreeMac> keyed_;

 public:
    std::uint32_t model(std::string_view make)
    {
        const auto id = static_cast<std::uint32_t>(KeyedHash{0}.add(make).value());
        if (makes.size() < makes_max) makes.try_emplace(id, make);
        return id;
    }

    bool is_tag(std::string_view text) const
    {
        return tags && text.starts_with(eid_prefix)
               && tags->knows(std::string{text.substr(eid_prefix.size())});
    }

    TokenCache cache;
    std::optional<drivers::ble::EidResolver> tags;
    std::map<std::uint32_t, std::string> makes;
};

Pseudonyms::Pseudonyms(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Pseudonyms::~Pseudonyms() = default;
Pseudonyms::Pseudonyms(Pseudonyms&&) noexcept = default;
Pseudonyms& Pseudonyms::operator=(Pseudonyms&&) noexcept = default;

Result<Pseudonyms> Pseudonyms::make(Secret key, std::size_t cached)
{
    if (key.bytes().size() != token_key_bytes) return Problem{"a token key has 32 bytes"};
    return Result<Pseudonyms>{Pseudonyms{std::make_unique<Impl>(key.bytes(), cached)}};
}

Result<Pseudonyms> Pseudonyms::open(const Settings& settings, const Places& places)
{
    auto file = read_secret(settings.identity.token_key, places);
    if (!file) {
        auto problem = file.error();
        if (problem.advice.empty()) problem.advice = "identity.token_key; raitenctl init makes one";
        return problem;
    }
    auto key = parse_token_key(std::move(file).value());
    if (!key) {
        auto problem = key.error();
        problem.where = "identity.token_key = \"" + settings.identity.token_key + "\"";
        return problem;
    }
    auto made = make(std::move(key).value());
    if (!made) return made;
    if (const auto good = made.value().enrol_tags(settings.identity.eid_tags, places); !good)
        return good.error();
    return made;
}

Result<void> Pseudonyms::enrol_tags(const std::string& name, const Places& places)
{
    if (name.empty()) return {};
    const auto tags = read_tags(name, places);
    if (!tags) return tags.error();
    auto resolver = drivers::ble::EidResolver::make(tags.value());
    if (!resolver) return resolver.error();
    enrol(std::move(resolver).value());
    return {};
}

void Pseudonyms::enrol(drivers::ble::EidResolver tags)
{
    impl_->tags.emplace(std::move(tags));
}

Result<Token> Pseudonyms::heard(std::string_view text, bool rotating, Instant at)
{
    const auto eid = impl_->tags ? drivers::ble::eid_in(text) : std::nullopt;
    const auto name = eid ? impl_->tags->resolve(*eid, at) : std::nullopt;
    if (!name) {
        auto heard = token(text, rotating);
        // Anybody can send a tag's name into the air: as an EID it is nobody's.
        if (heard && heard->kind == TokenKind::eddystone_eid) heard->rotating = true;
        return heard;
    }
    auto own = token(std::string{eid_prefix} + *name);
    if (own) own->rotating = false;
    return own;
}

Result<Token> Pseudonyms::token(std::string_view text, bool rotating)
{
    auto known = impl_->cache.find(text);
    if (!known) {
        const auto normalised = normalise_token(text);
        if (!normalised) return normalised.error();
        const auto digest = impl_->digest(normalised.value().text);
        known = Token{{big_endian(digest, 0), big_endian(digest, 8)},
                      normalised.value().kind,
                      normalised.value().kind == TokenKind::eddystone_eid
                          && !impl_->is_tag(normalised.value().text),
                      impl_->model(app::make_of(normalised.value()))};
        impl_->cache.keep(text, *known);
    }
    known->rotating = known->rotating || rotating;
    return *known;
}

std::uint64_t Pseudonyms::derive_seed(std::string_view purpose) const
{
    return big_endian(impl_->digest(purpose), 0);
}

const TokenCache& Pseudonyms::cache() const
{
    return impl_->cache;
}

std::string Pseudonyms::make_of(std::uint32_t model) const
{
    const auto found = impl_->makes.find(model);
    return found == impl_->makes.end() ? std::string{} : found->second;
}

std::string member_name(const TokenKey& key)
{
    std::array<std::byte, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::byte>(key.high >> (56 - 8 * i) & 0xFFU);
        bytes[8 + i] = static_cast<std::byte>(key.low >> (56 - 8 * i) & 0xFFU);
    }
    return to_hex(bytes);
}

}  // namespace raiten::app
