#include "daemon/wire/address.hpp"

#include <catch2/catch.hpp>

using namespace raiten::wire;

TEST_CASE("wire: an address in the config names a device", "[wire]")
{
    CHECK(parse_address("tcp:192.168.1.50:9100").value()
          == Address{TcpAddress{"192.168.1.50", 9'100}});
    CHECK(parse_address("tcp:printer.shop.example:9100").value()
          == Address{TcpAddress{"printer.shop.example", 9'100}});
    CHECK(parse_address("tcp:[::1]:0").value() == Address{TcpAddress{"::1", 0}});
    CHECK(parse_address("unix:/run/bt.sock").value() == Address{UnixAddress{"/run/bt.sock"}});
    CHECK(parse_address("serial:/dev/ttyUSB0@9600").value()
          == Address{SerialAddress{"/dev/ttyUSB0", 9'600, 8, 'N', 1, false}});
    CHECK(parse_address("serial:/dev/ttyACM0@115200,7E2,rtscts").value()
          == Address{SerialAddress{"/dev/ttyACM0", 115'200, 7, 'E', 2, true}});
    CHECK(parse_address("hci:0").value() == Address{HciAddress{0}});
    CHECK(parse_address("input:/dev/input/by-id/usb-Symbol-event-kbd").value()
          == Address{InputAddress{"/dev/input/by-id/usb-Symbol-event-kbd"}});
}

TEST_CASE("wire: what is written comes back when it is read", "[wire]")
{
    for (const auto* text :
         {"tcp:10.0.0.1:9100", "tcp:[fe80::1]:9100", "unix:/a b", "serial:/dev/ttyS1@19200,7O1",
          "hci:12", "input:/dev/input/event0", "serial:/dev/x@9600,8N2,rtscts"}) {
        CHECK(text_of(parse_address(text).value()) == text);
    }
}

TEST_CASE("wire: a wrong address says how to write a right one", "[wire]")
{
    for (const auto* text : {"",
                             "tcp:",
                             "tcp:host",
                             "tcp:host:",
                             "tcp::9100",
                             "tcp:host:70000",
                             "tcp:host:-1",
                             "tcp:host:91x",
                             "tcp:::1:9100",
                             "tcp:[::1:9100",
                             "tcp:a b:1",
                             "unix:",
                             "serial:@9600",
                             "serial:ttyUSB0@9600",
                             "serial:/dev/ttyUSB0",
                             "serial:/dev/x@9601",
                             "serial:/dev/x@9600,9N1",
                             "serial:/dev/x@9600,8N1,xonxoff",
                             "hci:",
                             "hci:hci0",
                             "hci:-1",
                             "hci:65535",
                             "input:",
                             "input:event0",
                             "http://x",
                             "TCP:a:1"}) {
        INFO(text);
        const auto address = parse_address(text);
        REQUIRE(address.has_error());
        CHECK_FALSE(address.error().advice.empty());
    }
    CHECK(parse_address("unix:/" + std::string(107, 'a')).has_error());
    CHECK(parse_address(std::string(100'000, 't')).has_error());
}
