// Recorded messages beside the repository, against what their keeper expects of them.
#include "tests/drivers/webhook/told.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace raiten;
using namespace raiten::test;
using nlohmann::json;

namespace {

std::string content(const std::filesystem::path& path)
{
    std::ifstream in{path, std::ios::binary};
    REQUIRE(in.good());
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string format_of(const std::string& file)
{
    return file.substr(0, file.find('_'));
}

bool is_purchase(const drivers::pos::Transaction& it)
{
    const auto judged = drivers::pos::judge(it, {});
    return judged.receipt && judged.receipt->kind == ReceiptKind::sale;
}

}  // namespace

TEST_CASE("webhook shared: every recorded message is what its keeper says", "[webhook][shared]")
{
    const char* named = std::getenv("RAITEN_SHARED");
    const auto root =
        (named != nullptr ? std::filesystem::path{named}
                          : std::filesystem::path{RAITEN_SOURCE_DIR} / ".." / "shared")
        / "data" / "captures" / "pos";
    if (!std::filesystem::is_regular_file(root / "json_expected.json")) {
        WARN("skipped: no shared data (" << root.string() << ")");
        return;
    }
    const auto expected = json::parse(content(root / "json_expected.json"));
    std::size_t seen = 0;
    for (const auto& [file, want] : expected.items()) {
        if (drivers::pos::make_reader(format_of(file)) == nullptr) continue;
        const auto text = content(root / file);
        const auto told = read(format_of(file), text);
        INFO(file << "\n" << text_of(told));
        ++seen;
        CHECK(told.garbled.empty());
        REQUIRE_FALSE(told.transactions.empty());
        const auto& first = told.transactions.front();
        // "null": nobody can know from the notice alone, and so it is no purchase here.
        const bool purchase = want.at("purchase").is_boolean() && want.at("purchase").get<bool>();
        for (const auto& it : told.transactions) CHECK(is_purchase(it) == purchase);
        if (want.contains("total")) CHECK(first.total.text(2) == want.at("total"));
        if (want.contains("currency")) CHECK(first.currency == want.at("currency"));
        if (want.contains("amount_minor"))
            CHECK(first.total.ten_thousandths()
                  == want.at("amount_minor").get<std::int64_t>() * 100);
        if (want.contains("location")) CHECK(first.store == want.at("location"));
        if (want.contains("payment_id")) CHECK(first.number == want.at("payment_id"));
        if (want.contains("member"))
            CHECK(first.members.at(0) == want.at("member"));
        else
            CHECK(first.members.empty());
        if (want.contains("order_id") && first.kind == drivers::pos::Kind::order)
            CHECK(first.number
                  == (want.at("order_id").is_string() ? want.at("order_id").get<std::string>()
                                                      : want.at("order_id").dump()));
        if (want.contains("time")) CHECK(first.at->time == Instant{Millis{1'634'153'673'524}});
        for (const auto& id : want.value("transaction_ids", json::array())) {
            const bool there = std::any_of(told.transactions.begin(), told.transactions.end(),
                                           [&](const auto& it) { return it.number == id; });
            CHECK(there);
        }
        for (std::size_t at = 0; at <= text.size(); at += 7)
            if (text_of(read(format_of(file), text, at)) != text_of(told)) {
                FAIL_CHECK("cut at byte " << at);
                break;
            }
    }
    CHECK(seen == 8);
}
