#include "tests/bench/night/heap.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

std::atomic<std::size_t> held{0}, held_most{0};

namespace {

void* counted(std::size_t bytes)
{
    void* where = std::malloc(bytes == 0 ? 1 : bytes);
    if (where == nullptr) throw std::bad_alloc{};
    const auto now = held.fetch_add(malloc_usable_size(where)) + malloc_usable_size(where);
    auto most = held_most.load();
    while (now > most && !held_most.compare_exchange_weak(most, now)) {
    }
    return where;
}

void uncounted(void* where) noexcept
{
    if (where == nullptr) return;
    held.fetch_sub(malloc_usable_size(where));
    std::free(where);
}

}  // namespace

void* operator new(std::size_t bytes)
{
    return counted(bytes);
}
void* operator new[](std::size_t bytes)
{
    return counted(bytes);
}
void operator delete(void* where) noexcept
{
    uncounted(where);
}
void operator delete[](void* where) noexcept
{
    uncounted(where);
}
void operator delete(void* where, std::size_t) noexcept
{
    uncounted(where);
}
void operator delete[](void* where, std::size_t) noexcept
{
    uncounted(where);
}
