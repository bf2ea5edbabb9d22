#include "drivers/xml/allowance.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace raiten::drivers::xml {
namespace {

thread_local std::size_t* allowance = nullptr;

constexpr std::size_t header_bytes = alignof(std::max_align_t);

std::size_t size_of(const void* given)
{
    std::size_t size{};
    std::memcpy(&size, static_cast<const std::byte*>(given) - header_bytes, sizeof size);
    return size;
}

}  // namespace

Spending::Spending(std::size_t& left) : before_{std::exchange(allowance, &left)} {}

Spending::~Spending()
{
    allowance = before_;
}

void* take(std::size_t size)
{
    if (allowance != nullptr && size > *allowance) return nullptr;
    auto* block = static_cast<std::byte*>(std::malloc(size + header_bytes));
    if (block == nullptr) return nullptr;
    std::memcpy(block, &size, sizeof size);
    if (allowance != nullptr) *allowance -= size;
    return block + header_bytes;
}

void give_back(void* given)
{
    if (given == nullptr) return;
    if (allowance != nullptr) *allowance += size_of(given);
    std::free(static_cast<std::byte*>(given) - header_bytes);
}

void* resize(void* given, std::size_t size)
{
    if (given == nullptr) return take(size);
    void* other = take(size);
    if (other == nullptr) return nullptr;
    std::memcpy(other, given, std::min(size, size_of(given)));
    give_back(given);
    return other;
}

}  // namespace raiten::drivers::xml
