#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/ids.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>

namespace raiten {

/// The strongest unknown device at each register reader, second by second for about eight
/// minutes. It keeps no identities: only whether a stranger stood as near as the member.
class Crowd {
 public:
    void note(ReaderId reader, Instant at, std::int16_t rssi_dbm);
    std::optional<std::int16_t> strongest(Instant from, Instant to) const;
    template <class Archive>
    void archive(Archive& a)
    {
        a(readers_);
    }

 private:
    static constexpr std::size_t seconds_max = 512;
    struct Second {
        std::int64_t number{-1};
        std::int16_t rssi_dbm{};
        template <class Archive>
        void archive(Archive& a)
        {
            a(number, rssi_dbm);
        }
    };
    std::map<ReaderId, std::array<Second, seconds_max>> readers_;
};

}  // namespace raiten
