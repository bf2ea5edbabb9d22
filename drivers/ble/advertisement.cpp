#include "drivers/ble/advertisement.hpp"

#include "daemon/base/hex.hpp"

#include <algorithm>

namespace raiten::drivers::ble {
namespace {

constexpr int rssi_not_available = 127;

enum DataStatus : unsigned { complete = 0, more_to_come = 1, truncated = 2 };

std::optional<AddressType> address_type_of(std::byte number)
{
    switch (u8(number)) {
        case 0x00:
            return AddressType::public_;
        case 0x01:
            return AddressType::random;
        case 0x02:
            return AddressType::public_identity;
        case 0x03:
            return AddressType::random_identity;
        case 0xff:
            return AddressType::anonymous;
        default:
            return std::nullopt;
    }
}

std::optional<int> rssi_of(std::byte number)
{
    const int rssi = i8(number);
    if (rssi == rssi_not_available) return std::nullopt;
    return rssi;
}

/// Address type and address, as both kinds of report hold them; false for a type unknown to us.
bool read_address(Bytes type_and_address, Advertisement& report)
{
    const auto type = address_type_of(type_and_address[0]);
    if (!type) return false;
    report.address_type = *type;
    std::reverse_copy(type_and_address.begin() + 1, type_and_address.begin() + 7,
                      report.address.begin());
    return true;
}

void append(std::vector<std::byte>& to, Bytes bytes)
{
    to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::string text(const Address& address)
{
    const std::string digits = to_hex(address);
    std::string out;
    out.reserve(17);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && i % 2 == 0) out.push_back(':');
        out.push_back(digits[i]);
    }
    return out;
}

std::string_view text(AddressType type)
{
    switch (type) {
        case AddressType::public_:
            return "public";
        case AddressType::random:
            return "random";
        case AddressType::public_identity:
            return "public_identity";
        case AddressType::random_identity:
            return "random_identity";
        case AddressType::anonymous:
            return "anonymous";
    }
    return "";
}

bool rotates(const Advertisement& heard)
{
    constexpr unsigned static_bits = 0xc0;
    return heard.address_type == AddressType::random
           && (u8(heard.address[0]) & static_bits) != static_bits;
}

void AdvertisementReader::take(Bytes event, const Hear& hear, const Refuse& refuse)
{
    if (event.size() < 3 || u8(event[0]) != event_code::le_meta) return;
    const unsigned code = u8(event[2]);
    const bool legacy = code == subevent::advertising_report;
    if (!legacy && code != subevent::extended_advertising_report) return;

    if (u8(event[1]) != event.size() - 2)
        return refuse(Garbled{"event length disagrees with its packet", event.size()});
    const unsigned count = event.size() > 3 ? u8(event[3]) : 0;
    if (count == 0 || count > reports_per_event_max)
        return refuse(Garbled{"impossible number of advertising reports", event.size()});
    if (legacy)
        take_reports(event.subspan(4), count, hear, refuse);
    else
        take_extended(event.subspan(4), count, hear, refuse);
}

void AdvertisementReader::take_reports(Bytes reports, unsigned count, const Hear& hear,
                                       const Refuse& refuse)
{
    for (; count > 0; --count) {
        if (reports.size() < report_bytes || reports.size() < report_bytes + u8(reports[8]))
            return refuse(Garbled{"advertising report longer than its event", reports.size()});
        const std::size_t length = u8(reports[8]);

        ++reports_;
        if (read_address(reports.subspan(1, 7), report_)) {
            report_.event_type = static_cast<std::uint16_t>(u8(reports[0]));
            report_.rssi_dbm = rssi_of(reports[9 + length]);
            report_.truncated = false;
            report_.data.clear();
            append(report_.data, reports.subspan(9, length));
            hear(report_);
        } else {
            refuse(Garbled{"unknown address type", report_bytes + length});
        }
        reports = reports.subspan(report_bytes + length);
    }
    if (!reports.empty())
        refuse(Garbled{"bytes behind the last advertising report", reports.size()});
}

void AdvertisementReader::take_extended(Bytes reports, unsigned count, const Hear& hear,
                                        const Refuse& refuse)
{
    for (; count > 0; --count) {
        if (reports.size() < extended_report_bytes
            || reports.size() < extended_report_bytes + u8(reports[23]))
            return refuse(Garbled{"advertising report longer than its event", reports.size()});
        const std::size_t length = u8(reports[23]);

        ++reports_;
        if (read_address(reports.subspan(2, 7), report_)) {
            report_.event_type = le16(reports, 0);
            report_.rssi_dbm = rssi_of(reports[13]);
            const auto set = std::to_integer<std::uint8_t>(reports[11]);
            const unsigned status = (report_.event_type >> 5U) & 3U;
            take_piece(set, status, reports.subspan(extended_report_bytes, length), hear);
        } else {
            refuse(Garbled{"unknown address type", extended_report_bytes + length});
        }
        forget_stale(hear);
        reports = reports.subspan(extended_report_bytes + length);
    }
    if (!reports.empty())
        refuse(Garbled{"bytes behind the last advertising report", reports.size()});
}

/// `report_` holds all of the report but its data.
void AdvertisementReader::take_piece(std::uint8_t set, unsigned status, Bytes data,
                                     const Hear& hear)
{
    constexpr unsigned scan_response_bit = 8;
    const auto belongs = [&](const Unfinished& other) {
        return other.set == set && other.so_far.address == report_.address
               && other.so_far.address_type == report_.address_type
               && ((other.so_far.event_type ^ report_.event_type) & scan_response_bit) == 0;
    };
    const auto earlier = std::find_if(unfinished_.begin(), unfinished_.end(), belongs);

    report_.data.clear();
    if (earlier != unfinished_.end()) {
        std::swap(report_.data, earlier->so_far.data);
        if (!report_.rssi_dbm) report_.rssi_dbm = earlier->so_far.rssi_dbm;
        unfinished_.erase(earlier);
    }
    const std::size_t room = data_bytes_max - report_.data.size();
    append(report_.data, data.first(std::min(room, data.size())));

    const bool overflow = data.size() > room;
    report_.truncated = overflow || (status != complete && status != more_to_come);
    if (status != more_to_come || overflow) return hear(report_);

    if (unfinished_.size() == unfinished_max) give_up_oldest(hear);
    unfinished_.push_back(Unfinished{set, reports_, report_});
}

void AdvertisementReader::forget_stale(const Hear& hear)
{
    while (!unfinished_.empty() && reports_ - unfinished_.front().since > patience_reports)
        give_up_oldest(hear);
}

void AdvertisementReader::give_up_oldest(const Hear& hear)
{
    Advertisement left = std::move(unfinished_.front().so_far);
    unfinished_.erase(unfinished_.begin());
    left.truncated = true;
    hear(left);
}

void AdvertisementReader::finish(const Hear& hear)
{
    while (!unfinished_.empty()) give_up_oldest(hear);
}

}  // namespace raiten::drivers::ble
