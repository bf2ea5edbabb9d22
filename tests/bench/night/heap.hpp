#pragma once

#include <atomic>
#include <cstddef>

/// What the whole program holds on the heap, in bytes, now and at most: operator new counts.
extern std::atomic<std::size_t> held, held_most;
