#pragma once

#include <cstddef>

namespace raiten::drivers::xml {

/// While it lives, take() and resize() on this thread take from `left`, and give_back() gives to
/// it. Expat's allocator knows no parser, so that the one that is at work has to say so.
class Spending {
 public:
    explicit Spending(std::size_t& left);
    ~Spending();
    Spending(const Spending&) = delete;
    Spending& operator=(const Spending&) = delete;

 private:
    std::size_t* before_;
};

/// As malloc, realloc and free; null where the allowance does not reach.
void* take(std::size_t size);
void* resize(void* given, std::size_t size);
void give_back(void* given);

}  // namespace raiten::drivers::xml
