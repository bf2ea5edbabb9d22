#pragma once

#include "drivers/catalog.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace raiten::fuzz {

using Bytes = std::span<const std::byte>;

/// Which promise was broken, with the evidence; nothing: all were held.
using Fault = std::optional<std::string>;

/// Any bytes to a listening driver, whole and then cut into pieces whose sizes the last four bytes
/// choose. The same is told both times, all of it is sound (readings_text.hpp), and no more than
/// such an input can hold.
Fault listen_fault(const drivers::Driver& driver, Bytes input);

/// The same at every place where it can be cut in two. For small inputs: it takes quadratic time.
Fault cut_anywhere_fault(const drivers::Driver& driver, Bytes input);

/// A live device. The last eight bytes are its script, used again and again: the low six bits say
/// how many bytes come next (one more than that), the high two what happens then: nothing (0, 1),
/// the time limit runs out if there is one (2), the wire closes and opens again (3). Played
/// twice, the second time a byte at a time: as long as nothing is garbled, the same is told
/// both times. Once the thread is lost, what it asks and what it passes over meanwhile may depend
/// on the pieces; that it says little and tells nothing unsound does not.
Fault converse_fault(const drivers::Driver& driver, Bytes input);

/// What a driver tells of these bytes, fed whole, with `finish`.
std::string told_text(const drivers::Driver& driver, Bytes input);

}  // namespace raiten::fuzz
