#pragma once

#include <array>
#include <string_view>

namespace raiten::drivers::xml {

/// An encoding in the form in which expat asks for those that it does not know itself.
struct ByteMap {
    /// A first byte's character, or -1: none, -2, -3: it begins a code of so many bytes.
    std::array<int, 256> map;
    /// The character of a code of several bytes; -1: no such code.
    int (*convert)(void*, const char*);
};

/// False: we do not know it either.
bool describe_encoding(std::string_view name, ByteMap& encoding);

}  // namespace raiten::drivers::xml
