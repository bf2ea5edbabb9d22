#pragma once

#include "drivers/escpos/escpos.hpp"

#include <string>
#include <vector>

namespace raiten::drivers {

/// What a store says about one device beyond its wire. Each driver takes what it knows.
struct Options {
    std::string currency;             ///< the store's, ISO 4217: where a device does not say
    std::string member_kind{"card"};  ///< kind of token that a register's member number is
    EscposSettings escpos;            ///< printed slips: charset, dialect, patterns
    std::string keyboard{"us"};       ///< layout that a keyboard-wedge scanner types in: us, jp
    /// Beacons that may be somebody: beginnings of tokens, such as "ibeacon:f7826da6-…" or
    /// "eddystone-uid:<namespace>"; others are noise. Empty: all are heard.
    std::vector<std::string> allow;
    std::string store;  ///< the store's own number in a register's log; "" takes every store's
};

}  // namespace raiten::drivers
