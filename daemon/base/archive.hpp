#pragma once

#include "daemon/base/id.hpp"
#include "daemon/base/money.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

/// Values as bytes and back, for what one program writes and the same program reads. A type of ours
/// lists its fields once, for both directions:
///
///     template <class Archive> void archive(Archive& a) { a(id, opened_at, zones); }
///
/// Equal values give equal bytes, and no other bytes are read as that value: whatever was read
/// without a fault is written as the same bytes again.
///
///     unsigned, enum     7 bits a byte, lowest first, the top bit set on all but the last
///     signed             the same of 2n, or of -2n - 1 below zero
///     double             its 64 bits, lowest byte first
///     string, containers how many, then each; sets and maps ascending, also the unordered ones;
///                        a priority_queue as its elements take their turn
///     optional, pointer  0, or 1 and the value
///     pair, tuple, array one after the other; bitset: words of 64 bits
namespace raiten {

class ArchiveWriter {
 public:
    static constexpr bool reading = false;

    template <class... T>
    void operator()(const T&... values)
    {
        (put(values), ...);
    }
    const std::string& bytes() const& { return bytes_; }
    std::string bytes() && { return std::move(bytes_); }

 private:
    void number(std::uint64_t value)
    {
        for (; value > 0x7f; value >>= 7U) bytes_.push_back(static_cast<char>(value | 0x80U));
        bytes_.push_back(static_cast<char>(value));
    }

    template <class T>
    void put(const T& value)
    {
        if constexpr (std::is_enum_v<T>) {
            put(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (std::unsigned_integral<T>) {
            number(value);
        } else if constexpr (std::signed_integral<T>) {
            const auto wide = static_cast<std::int64_t>(value);
            number(static_cast<std::uint64_t>(wide) << 1U
                   ^ static_cast<std::uint64_t>(wide >> 63U));
        } else if constexpr (std::is_same_v<T, double>) {
            auto bits = std::bit_cast<std::uint64_t>(value);
            for (int i = 0; i < 8; ++i, bits >>= 8U) bytes_.push_back(static_cast<char>(bits));
        } else {
            const_cast<T&>(value).archive(*this);  // which only looks at it
        }
    }
    void put(const std::string& text)
    {
        number(text.size());
        bytes_ += text;
    }
    void put(const Money& money) { put(money.ten_thousandths()); }
    template <class Tag, class Rep>
    void put(const Id<Tag, Rep>& id)
    {
        put(id.value());
    }
    template <class Rep, class Period>
    void put(const std::chrono::duration<Rep, Period>& span)
    {
        put(span.count());
    }
    template <class Clock, class Duration>
    void put(const std::chrono::time_point<Clock, Duration>& at)
    {
        put(at.time_since_epoch());
    }
    template <class T>
    void put(const std::optional<T>& value)
    {
        put(value.has_value());
        if (value) put(*value);
    }
    template <class T>
    void put(const std::shared_ptr<const T>& value)
    {
        put(value != nullptr);
        if (value) put(*value);
    }
    template <class A, class B>
    void put(const std::pair<A, B>& both)
    {
        (*this)(both.first, both.second);
    }
    template <class... T>
    void put(const std::tuple<T...>& all)
    {
        std::apply(*this, all);
    }
    template <class T, std::size_t size>
    void put(const std::array<T, size>& all)
    {
        for (const auto& each : all) put(each);
    }
    template <std::size_t size>
    void put(const std::bitset<size>& bits)
    {
        const std::bitset<size> word{~0ULL};
        for (std::size_t from = 0; from < size; from += 64)
            number((bits >> from & word).to_ullong());
    }
    template <class Many>
    void put_each(const Many& many)
    {
        number(many.size());
        for (const auto& each : many) put(each);
    }
    template <class T>
    void put(const std::vector<T>& many)
    {
        put_each(many);
    }
    template <class T>
    void put(const std::deque<T>& many)
    {
        put_each(many);
    }
    template <class T>
    void put(const std::set<T>& many)
    {
        put_each(many);
    }
    template <class T>
    void put(const std::multiset<T>& many)
    {
        put_each(many);
    }
    template <class Key, class Value>
    void put(const std::map<Key, Value>& many)
    {
        put_each(many);
    }
    template <class Key, class Value>
    void put(const std::unordered_map<Key, Value>& many)
    {
        put_sorted(many, [](const auto& a, const auto& b) { return a.first < b.first; });
    }
    template <class T>
    void put(const std::unordered_set<T>& many)
    {
        put_sorted(many, std::less<T>{});
    }
    template <class T, class Compare>
    void put(const std::priority_queue<T, std::vector<T>, Compare>& queue)
    {
        using Queue = std::priority_queue<T, std::vector<T>, Compare>;
        struct Open : Queue {
            static const std::vector<T>& of(const Queue& closed) { return closed.*&Open::c; }
        };
        put_sorted(Open::of(queue), [](const T& a, const T& b) { return Compare{}(b, a); });
    }
    template <class Many, class Before>
    void put_sorted(const Many& many, Before before)
    {
        std::vector<const typename Many::value_type*> all;
        all.reserve(many.size());
        for (const auto& each : many) all.push_back(&each);
        std::sort(all.begin(), all.end(),
                  [&](const auto* a, const auto* b) { return before(*a, *b); });
        number(all.size());
        for (const auto* each : all) put(*each);
    }

    std::string bytes_;
};

/// Takes bytes apart again, and is not to be trusted with more than their size: what is read takes
/// a small multiple of it, whatever they say. After the first fault everything reads as zeros and
/// nothing, so a long run of fields is checked once, at its end. An enumerator is taken as it is.
class ArchiveReader {
 public:
    static constexpr bool reading = true;

    explicit ArchiveReader(std::string_view bytes) : rest_{bytes} {}

    template <class... T>
    void operator()(T&... values)
    {
        (get(values), ...);
    }
    /// No fault so far.
    bool good() const { return good_; }
    /// No fault, and nothing is left.
    bool done() const { return good_ && rest_.empty(); }
    void fail()
    {
        good_ = false;
        rest_ = {};
    }

 private:
    std::uint64_t number(std::uint64_t most)
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            const std::uint64_t part = byte & 0x7fU;
            if (part << shift >> shift != part) break;
            value |= part << shift;
            if ((byte & 0x80U) != 0) continue;
            if (value > most || (byte == 0 && shift > 0)) break;
            return value;
        }
        fail();
        return 0;
    }
    /// Whatever is counted takes a byte at least.
    std::size_t count() { return static_cast<std::size_t>(number(rest_.size())); }

    template <class T>
    void get(T& value)
    {
        if constexpr (std::is_enum_v<T>) {
            std::underlying_type_t<T> bare{};
            get(bare);
            value = static_cast<T>(bare);
        } else if constexpr (std::unsigned_integral<T>) {
            value = static_cast<T>(number(std::numeric_limits<T>::max()));
        } else if constexpr (std::signed_integral<T>) {
            constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
            const auto folded = number(most * 2 + 1);
            value = static_cast<T>(static_cast<std::int64_t>(folded >> 1U)
                                   ^ -static_cast<std::int64_t>(folded & 1U));
        } else if constexpr (std::is_same_v<T, double>) {
            std::uint64_t bits = 0;
            if (rest_.size() < 8) return fail();
            for (unsigned i = 0; i < 8; ++i)
                bits |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << 8 * i;
            rest_.remove_prefix(8);
            value = std::bit_cast<double>(bits);
        } else {
            value.archive(*this);
        }
    }
    void get(std::string& text)
    {
        const auto size = count();
        text = rest_.substr(0, size);
        rest_.remove_prefix(std::min(size, rest_.size()));
        if (text.size() != size) fail();
    }
    void get(Money& money)
    {
        std::int64_t amount{};
        get(amount);
        money = Money::from_ten_thousandths(amount);
    }
    template <class Tag, class Rep>
    void get(Id<Tag, Rep>& id)
    {
        Rep value{};
        get(value);
        id = Id<Tag, Rep>{value};
    }
    template <class Rep, class Period>
    void get(std::chrono::duration<Rep, Period>& span)
    {
        Rep value{};
        get(value);
        span = std::chrono::duration<Rep, Period>{value};
    }
    template <class Clock, class Duration>
    void get(std::chrono::time_point<Clock, Duration>& at)
    {
        Duration since{};
        get(since);
        at = std::chrono::time_point<Clock, Duration>{since};
    }
    template <class T>
    void get(std::optional<T>& value)
    {
        bool there{};
        get(there);
        value.reset();
        if (there) get(value.emplace());
    }
    template <class T>
    void get(std::shared_ptr<const T>& value)
    {
        bool there{};
        get(there);
        value.reset();
        if (!there) return;
        const auto fresh = std::make_shared<T>();
        get(*fresh);
        value = fresh;
    }
    template <class A, class B>
    void get(std::pair<A, B>& both)
    {
        (*this)(both.first, both.second);
    }
    template <class... T>
    void get(std::tuple<T...>& all)
    {
        std::apply(*this, all);
    }
    template <class T, std::size_t size>
    void get(std::array<T, size>& all)
    {
        for (auto& each : all) get(each);
    }
    template <std::size_t size>
    void get(std::bitset<size>& bits)
    {
        bits.reset();
        for (std::size_t from = 0; from < size; from += 64) {
            const auto most = size - from >= 64 ? ~0ULL : (1ULL << (size - from) % 64) - 1;
            bits |= std::bitset<size>{number(most)} << from;
        }
    }

    template <class Many>
    void get_each(Many& many)
    {
        many.clear();
        for (auto left = count(); left > 0 && good_; --left) get(many.emplace_back());
    }
    template <class T>
    void get(std::vector<T>& many)
    {
        get_each(many);
    }
    template <class T>
    void get(std::deque<T>& many)
    {
        get_each(many);
    }
    template <class T>
    void get(std::set<T>& many)
    {
        get_ascending(many, [](const T& a, const T& b) { return a < b; });
    }
    template <class T>
    void get(std::multiset<T>& many)
    {
        get_ascending(many, [](const T& a, const T& b) { return !(b < a); });
    }
    template <class Key, class Value>
    void get(std::map<Key, Value>& many)
    {
        get_mapped(many);
    }
    template <class Key, class Value>
    void get(std::unordered_map<Key, Value>& many)
    {
        get_mapped(many);
    }
    template <class T>
    void get(std::unordered_set<T>& many)
    {
        get_ascending(many, [](const T& a, const T& b) { return a < b; });
    }
    template <class Many, class InOrder>
    void get_ascending(Many& many, InOrder in_order)
    {
        many.clear();
        const typename Many::value_type* before = nullptr;
        for (auto left = count(); left > 0 && good_; --left) {
            typename Many::value_type value{};
            get(value);
            if (!good_ || (before && !in_order(*before, value))) return fail();
            before = &*many.insert(many.end(), std::move(value));
        }
    }
    template <class Map>
    void get_mapped(Map& many)
    {
        many.clear();
        const typename Map::key_type* before = nullptr;
        for (auto left = count(); left > 0 && good_; --left) {
            typename Map::key_type key{};
            get(key);
            if (!good_ || (before && !(*before < key))) return fail();
            const auto place = many.try_emplace(many.end(), std::move(key));
            before = &place->first;
            get(place->second);
        }
    }
    template <class T, class Compare>
    void get(std::priority_queue<T, std::vector<T>, Compare>& queue)
    {
        std::vector<T> all;
        get(all);
        if (!std::is_sorted(all.begin(), all.end(),
                            [](const T& a, const T& b) { return Compare{}(b, a); })) {
            return fail();
        }
        queue = std::priority_queue<T, std::vector<T>, Compare>{Compare{}, std::move(all)};
    }

    std::string_view rest_;
    bool good_{true};
};

}  // namespace raiten
