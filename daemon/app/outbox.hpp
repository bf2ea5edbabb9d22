#pragma once

#include "daemon/app/envelope.hpp"
#include "daemon/ledger/ledger.hpp"
#include "sync/outbox_port.hpp"

namespace raiten::app {

/// The ledger's outbox as the courier sees it. A gap record becomes an envelope of its own, so
/// that HQ learns which sequences will never come.
class Outbox final : public sync::OutboxPort {
 public:
    Outbox(ledger::Ledger& ledger, const Sender& sender) : ledger_{ledger}, sender_{sender} {}

    void fetch(Lane lane, std::uint64_t after, std::size_t rows_max,
               std::function<void(Rows)> answer) override;
    void settled(Lane lane, std::uint64_t through) override;
    void dropped(Lane lane, std::uint64_t from, std::uint64_t through, std::string reason) override;
    std::uint64_t head(Lane lane) const override;

 private:
    ledger::Ledger& ledger_;
    const Sender& sender_;
};

}  // namespace raiten::app
