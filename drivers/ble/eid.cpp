#include "drivers/ble/eid.hpp"

#include "daemon/base/hex.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <queue>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace raiten::drivers::ble {
namespace {

using Block = std::array<std::byte, 16>;

constexpr std::size_t name_bytes = 8;

/// AES-128 of single blocks, its context kept between them.
class Aes {
 public:
    Aes()
        : cipher_{EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)},
          context_{cipher_ ? EVP_CIPHER_CTX_new() : nullptr}
    {
        if (!context_) throw std::runtime_error{"libcrypto has no AES-128"};
    }

    Block operator()(const Block& key, const Block& text)
    {
        Block out{};
        int written = 0;
        const bool good =
            EVP_EncryptInit_ex2(context_.get(), cipher_.get(), chars(key.data()), nullptr, nullptr)
                == 1
            && EVP_CIPHER_CTX_set_padding(context_.get(), 0) == 1
            && EVP_EncryptUpdate(context_.get(), reinterpret_cast<unsigned char*>(out.data()),
                                 &written, chars(text.data()), static_cast<int>(text.size()))
                   == 1;
        if (!good || written != static_cast<int>(out.size()))
            throw std::runtime_error{"AES-128 failed"};
        return out;
    }

 private:
    static const unsigned char* chars(const std::byte* bytes)
    {
        return reinterpret_cast<const unsigned char*>(bytes);
    }
    struct Free {
        void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
        void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    };
    std::unique_ptr<EVP_CIPHER, Free> cipher_;
    std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
};

std::byte byte(std::uint32_t number)
{
    return static_cast<std::byte>(number & 0xffU);
}

Eid compute(Aes& aes, const IdentityKey& identity_key, unsigned exponent, std::uint32_t counter)
{
    Block salt{};
    salt[11] = std::byte{0xff};
    salt[14] = byte(counter >> 24U);
    salt[15] = byte(counter >> 16U);
    Block temporary = aes(identity_key, salt);

    const std::uint32_t start = counter >> exponent << exponent;
    Block text{};
    text[11] = byte(exponent);
    for (unsigned i = 0; i < 4; ++i) text[12 + i] = byte(start >> (24 - 8 * i));
    const Block sent = aes(temporary, text);
    OPENSSL_cleanse(temporary.data(), temporary.size());
    Eid out{};
    std::copy_n(sent.begin(), out.size(), out.begin());
    return out;
}

std::uint64_t number_of(const Eid& eid)
{
    return std::bit_cast<std::uint64_t>(eid);
}

/// Windows since the tag's clock showed 0, whatever it has wrapped to since.
std::int64_t window_at(const EnrolledTag& tag, Instant now)
{
    const auto passed = std::chrono::floor<std::chrono::seconds>(now - tag.counted_at).count();
    return (std::int64_t{tag.counter} + passed) >> tag.rotation_exponent;
}

Instant window_start(const EnrolledTag& tag, std::int64_t window)
{
    const auto width = std::int64_t{1} << tag.rotation_exponent;
    return tag.counted_at + std::chrono::seconds{window * width - std::int64_t{tag.counter}};
}

}  // namespace

Eid eid_at(const IdentityKey& identity_key, unsigned rotation_exponent, std::uint32_t counter)
{
    Aes aes;
    return compute(aes, identity_key, rotation_exponent, counter);
}

std::optional<Eid> eid_in(std::string_view token)
{
    constexpr std::string_view kind = "eddystone-eid:";
    if (!token.starts_with(kind)) return std::nullopt;
    const auto bytes = from_hex(token.substr(kind.size()));
    Eid out{};
    if (!bytes || bytes->size() != out.size()) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

struct EidResolver::State {
    /// A tag's window at the latest time, and what it sends in the one before, in this, in the
    /// next.
    struct Known {
        std::int64_t window{};
        std::array<std::uint64_t, 3> eids{};
    };
    struct Turn {
        Instant at;
        std::size_t tag;
        bool operator>(const Turn& other) const { return at > other.at; }
    };
    using Turns = std::priority_queue<Turn, std::vector<Turn>, std::greater<>>;

    std::vector<EnrolledTag> tags;
    std::unordered_set<std::string> names;
    std::vector<Known> known;
    std::unordered_map<std::uint64_t, std::size_t> owners;
    Turns turns;  ///< when each tag's window ends
    std::optional<Instant> latest;
    std::uint64_t computed{};
    Aes aes;

    ~State()
    {
        for (EnrolledTag& tag : tags)
            OPENSSL_cleanse(tag.identity_key.data(), tag.identity_key.size());
    }

    std::uint64_t sent_in(std::size_t tag, std::int64_t window)
    {
        const EnrolledTag& one = tags[tag];
        const auto counter = static_cast<std::uint32_t>(window << one.rotation_exponent);
        ++computed;
        return number_of(compute(aes, one.identity_key, one.rotation_exponent, counter));
    }

    void know(std::size_t tag, std::int64_t window)
    {
        Known& one = known[tag];
        const std::int64_t steps = window - one.window;
        const bool known_before = one.eids != std::array<std::uint64_t, 3>{};
        std::array<std::uint64_t, 3> eids{};
        for (std::size_t i = 0; i < eids.size(); ++i) {
            const std::int64_t earlier = static_cast<std::int64_t>(i) + steps;
            const bool there = known_before && earlier >= 0 && earlier < 3;
            eids[i] = there ? one.eids[static_cast<std::size_t>(earlier)]
                            : sent_in(tag, window - 1 + static_cast<std::int64_t>(i));
        }
        for (const std::uint64_t eid : one.eids) {
            const auto found = owners.find(eid);
            if (found != owners.end() && found->second == tag) owners.erase(found);
        }
        for (const std::uint64_t eid : eids) owners.emplace(eid, tag);
        one = Known{window, eids};
        turns.push(Turn{window_start(tags[tag], window + 1), tag});
    }

    /// Brings the table to the time.
    void reach(Instant now)
    {
        if (!latest || now < *latest - backwards_max) {
            turns = {};
            for (std::size_t tag = 0; tag < tags.size(); ++tag)
                know(tag, window_at(tags[tag], now));
            latest = now;
            return;
        }
        latest = std::max(now, *latest);
        while (!turns.empty() && turns.top().at <= *latest) {
            const std::size_t tag = turns.top().tag;
            turns.pop();
            know(tag, window_at(tags[tag], *latest));
        }
    }
};

EidResolver::EidResolver(std::unique_ptr<State> state) : state_{std::move(state)} {}
EidResolver::EidResolver(EidResolver&&) noexcept = default;
EidResolver& EidResolver::operator=(EidResolver&&) noexcept = default;
EidResolver::~EidResolver() = default;

Result<EidResolver> EidResolver::make(std::vector<EnrolledTag> tags)
{
    if (tags.size() > enrolled_tags_max)
        return Problem{"more than " + std::to_string(enrolled_tags_max) + " enrolled tags"};
    std::unordered_set<std::string> names;
    for (EnrolledTag& tag : tags) {
        const auto name = from_hex(tag.name);
        if (!name || name->size() != name_bytes)
            return Problem{"a tag's name is not 16 hex digits", "tag '" + tag.name + "'"};
        tag.name = to_hex(*name);
        if (!names.insert(tag.name).second)
            return Problem{"the tag is enrolled twice", "tag '" + tag.name + "'"};
        if (tag.rotation_exponent > rotation_exponent_max)
            return Problem{"a rotation exponent above 15", "tag '" + tag.name + "'"};
    }
    auto state = std::make_unique<State>();
    state->tags = std::move(tags);
    state->names = std::move(names);
    state->known.resize(state->tags.size());
    state->owners.reserve(3 * state->tags.size());
    return EidResolver{std::move(state)};
}

bool EidResolver::knows(const std::string& name) const
{
    return state_->names.count(name) > 0;
}

std::optional<std::string> EidResolver::resolve(const Eid& eid, Instant now)
{
    state_->reach(now);
    const auto found = state_->owners.find(number_of(eid));
    if (found == state_->owners.end()) return std::nullopt;
    return state_->tags[found->second].name;
}

std::size_t EidResolver::tags() const
{
    return state_->tags.size();
}

std::uint64_t EidResolver::computed() const
{
    return state_->computed;
}

}  // namespace raiten::drivers::ble
