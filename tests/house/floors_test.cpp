#include "tests/house/floors.hpp"

#include "tests/house/tree.hpp"

#include <catch2/catch.hpp>

using namespace raiten::house;

namespace {

struct Planted {
    const char* file;
    const char* text;
};

}  // namespace

TEST_CASE("house: arrows only go down", "[house]")
{
    std::size_t seen = 0;
    for (const auto& file : files()) {
        if (!is_product(file) || !is_source(file)) continue;
        ++seen;
        for (const auto& violation : floor_violations(file, text_of(file))) FAIL_CHECK(violation);
    }
    CHECK(seen > 0);
}

TEST_CASE("house: every kind of wrong include is caught", "[house]")
{
    const auto planted = GENERATE(values<Planted>({
        {"daemon/base/x.hpp", "#include \"daemon/model/reading.hpp\""},
        {"daemon/model/x.hpp", "#include \"drivers/translator.hpp\""},
        {"daemon/scoring/x.cpp", "#include \"daemon/kpi/kpi.hpp\""},
        {"daemon/decision/x.cpp", "#include \"daemon/scoring/rfm.hpp\""},
        {"daemon/kpi/x.cpp", "#include \"daemon/engine/engine.hpp\""},
        {"daemon/engine/x.cpp", "#include \"daemon/ledger/ledger.hpp\""},
        {"drivers/ble/x.cpp", "#include \"daemon/engine/engine.hpp\""},
        {"daemon/ledger/x.cpp", "#include \"daemon/http/server.hpp\""},
        {"daemon/http/x.cpp", "#include \"daemon/ledger/ledger.hpp\""},
        {"daemon/wire/x.cpp", "#include \"drivers/translator.hpp\""},
        {"sync/x.cpp", "#include \"daemon/ledger/ledger.hpp\""},
        {"sync/x.cpp", "#include \"sync/hq/store.hpp\""},
        {"sync/hq/x.cpp", "#include \"daemon/app/app.hpp\""},
        {"daemon/wire/x.cpp", "#include \"daemon/app/app.hpp\""},
        {"daemon/app/x.cpp", "#include \"sync/hq/store.hpp\""},
        {"daemon/attic/x.cpp", "#include <vector>"},
        {"drivers/ble/x.cpp", "#include \"hci.hpp\""},
        {"drivers/ble/x.cpp", "  #  include  \"daemon/app/app.hpp\"  // hidden by blanks"},
        {"daemon/engine/x.cpp", "#include <boost/asio.hpp>"},
        {"daemon/engine/x.cpp", "#include <nlohmann/json.hpp>"},
        {"daemon/engine/x.cpp", "#include <fstream>"},
        {"daemon/scoring/x.cpp", "#include <random>"},
        {"daemon/kpi/x.cpp", "#include <sqlite3.h>"},
        {"daemon/base/x.cpp", "#include <openssl/evp.h>"},
        {"daemon/base/x.cpp", "#include <sys/socket.h>"},
        {"drivers/ble/x.cpp", "#include <boost/asio/buffer.hpp>"},
        {"drivers/ble/x.hpp", "#include <nlohmann/json.hpp>"},
        {"drivers/escpos/x.hpp", "#include <re2/re2.h>"},
        {"drivers/escpos/maker.cpp", "#include <iconv.h>"},
        {"daemon/engine/x.cpp", "#include <re2/re2.h>"},
        {"daemon/http/x.hpp", "#include <boost/beast/http.hpp>"},
        {"daemon/http/x.hpp", "#include <nlohmann/json.hpp>"},
        {"sync/x.hpp", "#include <mqtt/async_client.h>"},
        {"daemon/http/x.cpp", "#include <MQTTAsync.h>"},
        {"daemon/http/x.cpp", "#include <sqlite3.h>"},
        {"daemon/app/x.cpp", "#include <sqlite3.h>"},
    }));
    INFO(planted.file << ": " << planted.text);
    CHECK(floor_violations(planted.file, planted.text).size() == 1);
}

TEST_CASE("house: what the floor plan allows is left alone", "[house]")
{
    const auto honest = GENERATE(values<Planted>({
        {"daemon/base/x.hpp", "#include <vector>\n#include <boost/system/result.hpp>"},
        {"daemon/scoring/x.cpp", "#include <boost/math/special_functions/gamma.hpp>"},
        {"daemon/engine/x.cpp", "#include \"daemon/kpi/kpi.hpp\"\n#include <chrono>"},
        {"drivers/ble/x.cpp", "#include \"drivers/ble/hci.hpp\"\n#include <openssl/evp.h>"},
        {"drivers/gateway/x.cpp", "#include <nlohmann/json.hpp>"},
        {"drivers/escpos/make_code_pages.cpp", "#include <iconv.h>"},
        {"daemon/ledger/x.hpp", "#include <sqlite3.h>\n#include \"daemon/engine/ports.hpp\""},
        {"daemon/wire/x.hpp", "#include <boost/asio/awaitable.hpp>\n#include <random>"},
        {"daemon/http/x.hpp", "#include <nlohmann/json_fwd.hpp>"},
        {"sync/hq/x.cpp", "#include \"sync/lane.hpp\"\n#include <libpq-fe.h>"},
        {"daemon/app/x.cpp", "#include \"daemon/http/server.hpp\"\n#include \"sync/courier.hpp\""},
        {"daemon/base/x.hpp", "// #include <fstream> would be wrong here"},
    }));
    INFO(honest.file << ": " << honest.text);
    CHECK(floor_violations(honest.file, honest.text).empty());
}
