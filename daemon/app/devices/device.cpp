#include "daemon/app/devices/device.hpp"

#include "daemon/app/clock.hpp"
#include "daemon/app/log.hpp"
#include "daemon/app/token_text.hpp"
#include "daemon/base/overloaded.hpp"

#include <utility>

namespace raiten::app {
namespace {

/// Whether the reason is new.
bool count(ReaderHealth::Reasons& reasons, std::string_view why)
{
    return ++reasons[std::string{why}] == 1;
}

}  // namespace

Readers::Device::Device(const DeviceHouse& house, const ReaderSettings& settings)
    : house_{house}, settings_{settings}
{
    health_.name = settings.name;
    health_.zone = settings.zone;
    health_.driver = settings.driver;
    health_.format = settings.format;
    health_.state = "down";
    health_.reason = "not started";
}

void Readers::Device::set_state(const std::string& state, const std::string& reason)
{
    if (health_.state == state && health_.reason == reason) return;
    const bool was_up = health_.state == "up";
    health_.state = state;
    health_.reason = reason;
    if ((state == "up") == was_up) return;
    if (state == "up") {
        log::info("reader.up", {{"reader", name()}, {"reason", reason}});
    } else {
        ++health_.times_down;
        log::warning("reader.down", {{"reader", name()}, {"reason", reason}});
    }
    tell({wall_now(), {}, RawReaderState{name(), state == "up", reason}});
}

Lately& Readers::Device::lately()
{
    constexpr std::chrono::minutes half_hour{30};
    const Instant now = wall_now();
    if (now < half_hour_ || now >= half_hour_ + half_hour) {
        const bool next = now >= half_hour_ && now < half_hour_ + 2 * half_hour;
        before_ = next ? lately_ : Lately{};
        lately_ = {};
        half_hour_ = Instant{now.time_since_epoch() / half_hour * half_hour};
    }
    return lately_;
}

ReaderHealth Readers::Device::health()
{
    const Lately now = lately();
    health_.lately = {now.readings + before_.readings, now.garbled + before_.garbled,
                      now.flooded + before_.flooded};
    return health_;
}

void Readers::Device::count_reading(Instant at)
{
    ++health_.readings;
    ++lately().readings;
    health_.last_at = at;
}

void Readers::Device::count_garbled(std::string_view why)
{
    ++lately().garbled;
    if (count(health_.garbled, why))
        log::warning("reader.garbled", {{"reader", name()}, {"why", why}});
}

bool Readers::Device::floods(Instant arrival)
{
    const auto second = std::chrono::floor<std::chrono::seconds>(arrival.time_since_epoch());
    if (std::exchange(second_, second) != second) in_second_ = 0;
    if (++in_second_ <= sightings_a_second_max) return false;
    ++lately().flooded;
    if (health_.flooded++ == 0)
        log::warning("reader.flooding",
                     {{"reader", name()}, {"sightings_a_second_max", sightings_a_second_max}});
    return true;
}

void Readers::Device::take(const Reading& reading, Instant arrival, std::function<void()> durable)
{
    if (const auto* garbled = std::get_if<Garbled>(&reading)) {
        if (garbled->bytes > 0)
            count_garbled(garbled->why);
        else
            count(health_.ignored, garbled->why);
        if (durable) durable();
        return;
    }
    if (std::holds_alternative<TokenSeen>(reading) && floods(arrival)) return;
    count_reading(arrival);
    // Receipts happen when their register says, everything else on arrival.
    const auto* receipt = std::get_if<ReceiptRead>(&reading);
    const auto told = receipt ? told_at(reading, house_.clock, arrival) : std::nullopt;
    const auto& by = receipt && !settings_.till.pos.empty() ? settings_.till.pos : settings_.name;
    RawEvent event = event_of(reading, by, told.value_or(arrival)).value();
    if (auto* raw = std::get_if<RawReceipt>(&event.what))
        if (!raw->token.empty() && !normalise_token(raw->token)) {
            raw->token.clear();  // a sale is a sale, whoever it was
            count_garbled("a member's number that is no token");
        }
    tell(event, std::move(durable));
}

TokenSeen Readers::Device::on_a_par(TokenSeen seen) const
{
    if (seen.rssi_dbm) *seen.rssi_dbm += settings_.rssi_offset_db;
    return seen;
}

void Readers::Device::take_event(RawEvent event, Instant arrival)
{
    if (std::holds_alternative<RawSighting>(event.what) && floods(arrival)) return;
    if (!event.at) event.at = arrival;
    event.received_at.reset();
    count_reading(arrival);
    tell(event);
}

void Readers::Device::tell(const RawEvent& event, std::function<void()> durable)
{
    house_.callbacks.event(event, std::move(durable));
}

drivers::Options Readers::Device::options() const
{
    return driver_options(settings_, house_.settings.store.currency);
}

std::optional<RawEvent> event_of(const Reading& reading, const std::string& reader,
                                 std::optional<Instant> at)
{
    return std::visit(overloaded{
                          [&](const TokenSeen& seen) -> std::optional<RawEvent> {
                              RawSighting out{reader, seen.token, {}, seen.rotating};
                              if (seen.rssi_dbm)
                                  out.rssi_dbm = static_cast<std::int16_t>(*seen.rssi_dbm);
                              return RawEvent{at, {}, std::move(out)};
                          },
                          [&](const TokenShown& shown) -> std::optional<RawEvent> {
                              return RawEvent{at, {}, RawCheckIn{reader, shown.token, shown.id}};
                          },
                          [&](const ReceiptRead& read) -> std::optional<RawEvent> {
                              RawReceipt out{reader,     read.number,   read.kind,      read.token,
                                             read.total, read.currency, read.refers_to, {}};
                              for (const auto& line : read.lines)
                                  out.lines.push_back({line.sku, line.name, line.quantity,
                                                       line.amount, line.category});
                              return RawEvent{at, {}, std::move(out)};
                          },
                          [](const Garbled&) -> std::optional<RawEvent> { return std::nullopt; },
                      },
                      reading);
}

std::optional<Instant> told_at(const Reading& reading, const StoreClock& clock, Instant near)
{
    std::optional<ToldTime> told;
    if (const auto* seen = std::get_if<TokenSeen>(&reading)) told = seen->told_at;
    if (const auto* receipt = std::get_if<ReceiptRead>(&reading)) told = receipt->told_at;
    if (!told) return std::nullopt;
    return told->local ? clock.instant_of(told->time, near) : told->time;
}

drivers::Options driver_options(const ReaderSettings& settings, const std::string& currency)
{
    drivers::Options out;
    const auto& till = settings.till;
    out.currency = till.currency.empty() ? currency : till.currency;
    if (!till.member_prefix.empty()) out.member_kind = till.member_prefix;
    if (!settings.keyboard.empty()) out.keyboard = settings.keyboard;
    out.allow = settings.allow;
    out.store = till.store_number;

    if (const auto charset = drivers::escpos::find_charset(till.charset))
        out.escpos.text.charset = *charset;
    drivers::escpos::find_dialect(till.dialect, out.escpos.text.dialect);
    auto& patterns = out.escpos.patterns;
    const std::map<std::string, std::vector<std::string>*> lists{
        {"total", &patterns.total},     {"number", &patterns.number},
        {"member", &patterns.member},   {"member_barcode", &patterns.member_barcode},
        {"date", &patterns.date},       {"refers_to", &patterns.refers_to},
        {"void", &patterns.void_},      {"refund", &patterns.refund},
        {"reprint", &patterns.reprint}, {"not_a_receipt", &patterns.not_a_receipt},
        {"line", &patterns.line},       {"not_an_item", &patterns.not_an_item},
    };
    for (const auto& [key, own] : till.patterns) {
        const auto list = lists.find(key);
        if (list != lists.end() && !own.empty()) *list->second = own;
    }
    if (!till.member_prefix.empty()) patterns.member_prefix = till.member_prefix + ":";
    patterns.currency = out.currency;
    return out;
}

}  // namespace raiten::app
