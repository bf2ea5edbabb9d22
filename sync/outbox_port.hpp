#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/lane.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace raiten::sync {

/// One message for HQ, as it lies in the outbox.
struct OutboxRow {
    Lane lane{};
    std::uint64_t sequence{};  ///< from 1, gapless per (device, epoch, lane)
    std::string type;          ///< the CloudEvents type, such as "raiten.summary.daily.v1"
    std::string payload;       ///< the whole CloudEvents JSON, sent as it is
    std::optional<Instant> expires_at{};
};

/// What the courier asks of the durable outbox. All calls come on the courier's executor, none may
/// block it; they take effect in the order of the calls (a row that was dropped is not fetched
/// again), and `fetch` answers there too (at once or later, exactly once).
class OutboxPort {
 public:
    using Rows = Result<std::vector<OutboxRow>>;

    virtual ~OutboxPort() = default;

    /// Rows of the lane with sequence > `after`, ascending, at most `rows_max`; an empty answer
    /// means that there are no more for now, and Courier::outbox_grew tells when that changes.
    virtual void fetch(Lane lane, std::uint64_t after, std::size_t rows_max,
                       std::function<void(Rows)> answer) = 0;

    /// The highest sequence ever numbered in the lane, by this process or an earlier one, whether
    /// or not its row is still there; 0: none. HQ cannot have stored more than that.
    virtual std::uint64_t head(Lane lane) const = 0;

    /// Everything up to and including `through` in the lane is stored for good: delete it.
    virtual void settled(Lane lane, std::uint64_t through) = 0;

    /// These rows will never be sent ("expired", "too large: …"): replace them by a gap record.
    virtual void dropped(Lane lane, std::uint64_t from, std::uint64_t through,
                         std::string reason) = 0;
};

}  // namespace raiten::sync
