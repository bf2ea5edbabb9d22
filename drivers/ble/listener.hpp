#pragma once

#include "drivers/ble/advertisement.hpp"
#include "drivers/ble/token.hpp"
#include "drivers/translator.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace raiten::drivers::ble {

/// HCI events in, sightings out: what the live scanner, an H4 dump and a capture file share.
class Listener {
 public:
    Listener() = default;
    explicit Listener(AllowList allow) : allow_{std::move(allow)} {}

    /// Takes a whole HCI event without its H4 type byte; those that are no reports are ignored.
    void take(Bytes event, const Tell& tell);

    /// Nothing more will come from this controller: unfinished advertisements are told.
    void finish(const Tell& tell);

 private:
    AdvertisementReader advertisements_;
    AllowList allow_;
};

}  // namespace raiten::drivers::ble

namespace raiten::drivers {

/// An H4 byte stream that somebody else recorded or controls (`decode h4`): listens, says nothing,
/// and after garbage goes on at the next plausible event. The live link is `make_ble_h4`.
/// `allow`: see Options.
std::unique_ptr<Translator> make_h4_tap(std::vector<std::string> allow = {});

}  // namespace raiten::drivers
