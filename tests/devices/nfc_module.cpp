#include "tests/devices/nfc_module.hpp"

#include <boost/asio/buffer.hpp>

#include <fcntl.h>

#include <numeric>

namespace raiten::test {
namespace {

std::string bytes(std::string_view hex)
{
    const auto raw = from_hex(hex).value();
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

/// What makes a sum of bytes zero.
char balance(std::string_view of)
{
    const auto add = [](unsigned sum, char c) { return sum + static_cast<unsigned char>(c); };
    return static_cast<char>(0x100U - (std::accumulate(of.begin(), of.end(), 0U, add) & 0xFFU));
}

const std::string start_code{"\x00\x00\xff", 3};

}  // namespace

NfcModule::NfcModule(boost::asio::io_context& io, const std::string& path)
    : line_{path}, device_{io, ::fcntl(line_.number(), F_DUPFD_CLOEXEC, 0)}
{
    read();
}

void NfcModule::read()
{
    device_.async_read_some(boost::asio::buffer(buffer_),
                            [this](const boost::system::error_code& ec, std::size_t size) {
                                if (ec) return;
                                heard_.append(buffer_.data(), size);
                                answer_all();
                                read();
                            });
}

void NfcModule::answer_all()
{
    // 00 00 FF LEN LCS data[LEN] DCS 00
    for (;;) {
        const auto at = heard_.find(start_code);
        if (at == heard_.npos || heard_.size() < at + 5) return;
        const std::size_t length = static_cast<unsigned char>(heard_[at + 3]);
        if (length == 0) {  // an acknowledgement: what was asked is called off
            heard_.erase(0, at + 6);
            continue;
        }
        if (heard_.size() < at + 7 + length) return;
        const auto data = heard_.substr(at + 5, length);
        const bool sound = balance(data) == heard_[at + 5 + length];
        heard_.erase(0, at + 7 + length);
        if (sound) answer(data);
    }
}

void NfcModule::answer(const std::string& command)
{
    line_.say(bytes("0000ff00ff00"));  // heard
    std::string found;
    if (command[1] == '\x02') found = bytes("32010607");  // IC, version 1.6, what it supports
    if (command[1] == '\x52') found = bytes("00");        // released
    if (command[1] == '\x4a') {
        const bool felica_212 = command.size() > 3 && command[3] == '\x01';
        if (felica_212) ++polls;
        found = felica_212 && !felica.empty() ? bytes("01011401" + felica + "8008") : bytes("00");
    }
    send(std::string{'\xd5', static_cast<char>(command[1] + 1)} + found);
}

void NfcModule::send(const std::string& data) const
{
    const std::string length(1, static_cast<char>(data.size()));
    line_.say(start_code + length + balance(length) + data + balance(data) + '\0');
}

}  // namespace raiten::test
