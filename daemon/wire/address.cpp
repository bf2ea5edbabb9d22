#include "daemon/wire/address.hpp"

#include "daemon/base/overloaded.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace raiten::wire {
namespace {

constexpr std::size_t address_bytes_max = 512;
constexpr std::size_t unix_path_bytes_max = 107;
constexpr unsigned hci_index_max = 65'534;  // the kernel's own word for "none" is one more
constexpr std::array<unsigned, 18> baud_rates{
    1'200,   2'400,   4'800,   9'600,   19'200,    38'400,    57'600,    115'200,   230'400,
    460'800, 500'000, 576'000, 921'600, 1'000'000, 1'500'000, 2'000'000, 3'000'000, 4'000'000};

Problem wrong(std::string_view text, std::string advice)
{
    return Problem{
        "not a device address: '" + std::string{text.substr(0, 64)} + "'", {}, std::move(advice)};
}

template <class Number>
std::optional<Number> number_of(std::string_view text)
{
    Number value{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

Result<Address> parse_tcp(std::string_view text, std::string_view rest)
{
    constexpr auto advice = "write tcp:HOST:PORT, such as tcp:192.168.1.50:9100 or tcp:[::1]:9100";
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos) return wrong(text, advice);
    auto host = rest.substr(0, colon);
    const auto port = number_of<std::uint16_t>(rest.substr(colon + 1));
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool numbered_v6 = host.find(':') != std::string_view::npos;
    const bool spaced = host.find_first_of(" \t\r\n[]") != std::string_view::npos;
    if (host.empty() || spaced || !port || numbered_v6 != bracketed) return wrong(text, advice);
    return Address{TcpAddress{std::string{host}, *port}};
}

Result<Address> parse_unix(std::string_view text, std::string_view rest)
{
    if (rest.empty() || rest.size() > unix_path_bytes_max
        || rest.find('\0') != std::string_view::npos) {
        return wrong(text, "write unix:PATH with a path of at most 107 bytes");
    }
    return Address{UnixAddress{std::string{rest}}};
}

/// "8N1"
bool read_framing(std::string_view option, SerialAddress& serial)
{
    if (option.size() != 3 || (option[0] != '7' && option[0] != '8')
        || std::string_view{"NEO"}.find(option[1]) == std::string_view::npos
        || (option[2] != '1' && option[2] != '2')) {
        return false;
    }
    serial.data_bits = static_cast<unsigned>(option[0] - '0');
    serial.parity = option[1];
    serial.stop_bits = static_cast<unsigned>(option[2] - '0');
    return true;
}

Result<Address> parse_serial(std::string_view text, std::string_view rest)
{
    constexpr auto advice =
        "write serial:/dev/ttyX@BAUD[,8N1][,rtscts] with a standard rate, such as"
        " serial:/dev/ttyUSB0@9600";
    const auto at = rest.rfind('@');
    if (at == std::string_view::npos || at == 0 || rest[0] != '/') return wrong(text, advice);
    SerialAddress serial;
    serial.path = std::string{rest.substr(0, at)};
    auto options = rest.substr(at + 1);
    const auto next = [&options] {
        const auto comma = options.find(',');
        const auto option = options.substr(0, comma);
        options = comma == std::string_view::npos ? std::string_view{} : options.substr(comma + 1);
        return option;
    };
    const auto baud = number_of<unsigned>(next());
    if (!baud || std::find(baud_rates.begin(), baud_rates.end(), *baud) == baud_rates.end())
        return wrong(text, advice);
    serial.baud = *baud;
    while (!options.empty()) {
        const auto option = next();
        if (option == "rtscts")
            serial.rts_cts = true;
        else if (!read_framing(option, serial))
            return wrong(text, advice);
    }
    return Address{std::move(serial)};
}

Result<Address> parse_hci(std::string_view text, std::string_view rest)
{
    const auto index = number_of<std::uint16_t>(rest);
    if (!index || *index > hci_index_max) return wrong(text, "write hci:0 for the controller hci0");
    return Address{HciAddress{*index}};
}

Result<Address> parse_input(std::string_view text, std::string_view rest)
{
    if (rest.empty() || rest[0] != '/' || rest.find('\0') != std::string_view::npos)
        return wrong(text,
                     "write input:PATH, such as input:/dev/input/by-id/usb-scanner-event-kbd");
    return Address{InputAddress{std::string{rest}}};
}

}  // namespace

Result<Address> parse_address(std::string_view text)
{
    const auto rest_after = [&](std::string_view scheme) -> std::optional<std::string_view> {
        if (!text.starts_with(scheme)) return std::nullopt;
        return text.substr(scheme.size());
    };
    if (text.size() > address_bytes_max) return wrong(text, "at most 512 bytes");
    if (const auto rest = rest_after("tcp:")) return parse_tcp(text, *rest);
    if (const auto rest = rest_after("unix:")) return parse_unix(text, *rest);
    if (const auto rest = rest_after("serial:")) return parse_serial(text, *rest);
    if (const auto rest = rest_after("hci:")) return parse_hci(text, *rest);
    if (const auto rest = rest_after("input:")) return parse_input(text, *rest);
    return wrong(text, "begin with tcp:, unix:, serial:, hci: or input:");
}

std::string text_of(const Address& address)
{
    const auto tcp = [](const TcpAddress& a) {
        const bool v6 = a.host.find(':') != std::string::npos;
        return "tcp:" + (v6 ? "[" + a.host + "]" : a.host) + ":" + std::to_string(a.port);
    };
    const auto serial = [](const SerialAddress& a) {
        std::string text = "serial:" + a.path + "@" + std::to_string(a.baud) + ",";
        text += std::to_string(a.data_bits) + a.parity + std::to_string(a.stop_bits);
        return a.rts_cts ? text + ",rtscts" : text;
    };
    return std::visit(
        overloaded{tcp, [](const UnixAddress& a) { return "unix:" + a.path; }, serial,
                   [](const HciAddress& a) { return "hci:" + std::to_string(a.index); },
                   [](const InputAddress& a) { return "input:" + a.path; }},
        address);
}

}  // namespace raiten::wire
