#pragma once

#include <cstddef>
#include <cstdint>

/// The tables that make_code_pages writes into the build folder. Read them through code_pages.hpp.
namespace raiten::drivers::escpos::tables {

struct NamedPage {
    const char* name;
    char16_t upper_half[128];  ///< bytes 80..FF, 0 where the page has nothing
};

struct FourByteStretch {
    std::uint32_t linear;      ///< position of the first in the four-byte area
    std::uint32_t code_point;  ///< of the first; 0 = nothing assigned from here on
};

extern const NamedPage single_pages[];
extern const std::size_t single_pages_count;

/// Lead 81..FE by trail 40..FE.
extern const char16_t cp932[126 * 191];
extern const char16_t gbk[126 * 191];
extern const char16_t cp949[126 * 191];
extern const char16_t big5[126 * 191];
extern const std::uint32_t shift_jis_2004_table[126 * 191];

extern const FourByteStretch gb18030_stretches[];
extern const std::size_t gb18030_stretches_count;

}  // namespace raiten::drivers::escpos::tables
