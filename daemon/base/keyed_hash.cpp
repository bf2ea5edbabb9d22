#include "daemon/base/keyed_hash.hpp"

#include <bit>

namespace raiten {
namespace {

struct State {
    std::uint64_t &v0, &v1, &v2, &v3;

    void round()
    {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
};

}  // namespace

KeyedHash::KeyedHash(std::uint64_t key_low, std::uint64_t key_high)
    : v0_{key_low ^ 0x736f6d6570736575U},
      v1_{key_high ^ 0x646f72616e646f6dU},
      v2_{key_low ^ 0x6c7967656e657261U},
      v3_{key_high ^ 0x7465646279746573U}
{
}

void KeyedHash::compress(std::uint64_t word)
{
    State state{v0_, v1_, v2_, v3_};
    v3_ ^= word;
    state.round();
    state.round();
    v0_ ^= word;
    ++words_;
}

KeyedHash& KeyedHash::add(std::uint64_t value)
{
    compress(value);
    return *this;
}

KeyedHash& KeyedHash::add(std::string_view text)
{
    compress(text.size());
    std::uint64_t word = 0;
    unsigned filled = 0;
    for (const char c : text) {
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(c)) << (8U * filled);
        if (++filled == 8) {
            compress(word);
            word = 0;
            filled = 0;
        }
    }
    if (filled != 0) compress(word);
    return *this;
}

std::uint64_t KeyedHash::value() const
{
    KeyedHash last = *this;
    last.compress((words_ * 8U) << 56U);  // SipHash's final block: the length, here whole words
    State state{last.v0_, last.v1_, last.v2_, last.v3_};
    last.v2_ ^= 0xffU;
    for (int i = 0; i < 4; ++i) state.round();
    return last.v0_ ^ last.v1_ ^ last.v2_ ^ last.v3_;
}

}  // namespace raiten
