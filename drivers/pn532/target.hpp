#pragma once

#include "drivers/pn532/frame.hpp"
#include "drivers/refusal.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace raiten::drivers::pn532 {

/// One card in a module's answer to InListPassiveTarget.
struct Target {
    enum class Kind : std::uint8_t {
        type_a,  ///< ISO 14443 A at 106 kbit/s: number SENS_RES[2] SEL_RES n NFCID1[n] [ATS]
        felica   ///< at 212 or 424 kbit/s: number LL 01 IDm[8] PMm[8] [system code[2]]
    };
    Kind kind{};
    std::vector<std::byte> id;           ///< the UID or the IDm
    std::vector<std::byte> system_code;  ///< FeliCa's, where it was asked for
    std::byte sel_res{};                 ///< type A's
};

/// The parameters of D5 4B: how many targets, then each. Type A and FeliCa are told apart by what
/// stands behind the number; what is left behind the last target is kept out.
struct Targets {
    std::vector<Target> found;
    std::size_t bytes{};  ///< read, with the count
};

/// `whole`: nothing more will come, so that a card's ATS may be missing. The refusal `cut_short`
/// says that more bytes would do.
Taken<Targets> read_targets(Bytes parameters, bool whole = true);

inline constexpr Refusal cut_short{"a PN532 answer cut short"};

/// The card's token, or why it has none.
Taken<std::string> token_of(const Target& target);

}  // namespace raiten::drivers::pn532
