#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// How a log writes truths, times and numbers.
namespace raiten::drivers::poslog {

bool alike(std::string_view a, std::string_view b);  ///< whatever their case
bool yes(std::string_view text);

/// What web shops call themselves.
bool names_the_web(std::string_view text);

std::string_view trimmed(std::string_view text);
void cut_to(std::string& text, std::size_t bytes_max);  ///< without half a character at its end
void set_if_empty(std::string& into, std::string_view text);

/// An element that holds what a transaction is about: "RetailTransaction", "TenderControl", …
bool is_body(std::string_view local);

std::string as_offset(std::string_view text);  ///< "07:00:00" -> "+07:00"; empty: it is none
bool has_offset(std::string_view time);
bool is_no_number(std::string_view id);  ///< empty, or zeros alone

}  // namespace raiten::drivers::poslog
