#include "daemon/app/token_cache.hpp"

#include <openssl/crypto.h>

#include <sys/mman.h>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

namespace raiten::app {

TokenCache::TokenCache(std::size_t entries)
    : sets_{std::bit_ceil(std::max(entries, ways)) / ways}, bytes_{sets_ * ways * sizeof(Place)}
{
    void* memory =
        ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc{};
    ::madvise(memory, bytes_, MADV_DONTDUMP);
    locked_ = ::mlock2(memory, bytes_, MLOCK_ONFAULT) == 0;
    places_ = static_cast<Place*>(memory);  // zeroes are empty places
}

TokenCache::~TokenCache()
{
    if (places_ == nullptr) return;
    OPENSSL_cleanse(places_, bytes_);
    ::munmap(places_, bytes_);
}

TokenCache::TokenCache(TokenCache&& other) noexcept
    : doorkeeper_{std::move(other.doorkeeper_)},
      doorkeeper_count_{other.doorkeeper_count_},
      sets_{other.sets_},
      bytes_{other.bytes_},
      places_{std::exchange(other.places_, nullptr)},
      hand_{other.hand_},
      locked_{other.locked_}
{
}

TokenCache::Place* TokenCache::set_of(std::string_view text) const
{
    return places_ + (std::hash<std::string_view>{}(text) & (sets_ - 1)) * ways;
}

std::optional<Token> TokenCache::find(std::string_view text)
{
    if (text.empty() || text.size() > text_bytes_max) return std::nullopt;
    auto* set = set_of(text);
    for (std::size_t i = 0; i < ways; ++i) {
        auto& place = set[i];
        if (std::string_view{place.text, place.length} != text) continue;
        place.recent = true;
        return place.token;
    }
    return std::nullopt;
}

bool TokenCache::came_before(std::string_view text)
{
    const auto hash = std::hash<std::string_view>{}(text);
    bool all = true;
    for (const auto bit : {hash % doorkeeper_bits, (hash >> 32U) % doorkeeper_bits}) {
        auto& word = doorkeeper_[bit / 64];
        const auto mask = std::uint64_t{1} << bit % 64;
        all = all && (word & mask) != 0;
        word |= mask;
    }
    if (!all && ++doorkeeper_count_ == doorkeeper_texts) {
        doorkeeper_count_ = 0;
        std::fill(doorkeeper_.begin(), doorkeeper_.end(), 0);
    }
    return all;
}

void TokenCache::keep(std::string_view text, const Token& token)
{
    if (text.empty() || text.size() > text_bytes_max || !came_before(text)) return;
    auto* set = set_of(text);
    // Two rounds at most: in the first every place loses its mark.
    while (set[hand_ % ways].recent) set[hand_++ % ways].recent = false;
    Place* chosen = &set[hand_++ % ways];
    chosen->token = token;
    chosen->length = static_cast<std::uint8_t>(text.size());
    std::memcpy(chosen->text, text.data(), text.size());
}

}  // namespace raiten::app
