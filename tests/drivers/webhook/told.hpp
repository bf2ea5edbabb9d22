#pragma once

#include "drivers/catalog.hpp"
#include "drivers/pos/readers.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What a service's bytes say, in words that a test can compare.
namespace raiten::test {

inline std::span<const std::byte> bytes(std::string_view text)
{
    return std::as_bytes(std::span{text.data(), text.size()});
}

struct Told {
    std::vector<drivers::pos::Transaction> transactions;
    std::vector<Garbled> garbled;
};

/// `first` bytes at once, then the rest.
inline Told read(std::string_view format, std::string_view text,
                 std::size_t first = std::string_view::npos)
{
    Told told;
    const auto reader = drivers::pos::make_reader(format);
    if (reader == nullptr) FAIL("no reader for " << format);
    const auto hear = [&](drivers::pos::Transaction it) {
        told.transactions.push_back(std::move(it));
    };
    const auto refuse = [&](const Garbled& it) { told.garbled.push_back(it); };
    reader->feed(bytes(text.substr(0, first)), hear, refuse);
    if (first < text.size()) reader->feed(bytes(text.substr(first)), hear, refuse);
    reader->finish(hear, refuse);
    return told;
}

/// One line a transaction: "sale 55 USD 5.55 member=c1 at=… lines=2", with why it is none.
inline std::string line_of(const drivers::pos::Transaction& it)
{
    std::string line{drivers::pos::text(it.kind)};
    line += " " + it.number;
    if (!it.currency.empty()) line += " " + it.currency + " " + it.total.text();
    if (!it.store.empty()) line += " store=" + it.store;
    if (!it.register_name.empty()) line += " register=" + it.register_name;
    for (const auto& member : it.members) line += " member=" + member;
    if (!it.refers_to.empty()) line += " of=" + it.refers_to;
    if (!it.business_day.empty()) line += " day=" + it.business_day;
    if (it.at)
        line += (it.at->local ? " wall=" : " at=")
                + std::to_string(it.at->time.time_since_epoch().count());
    for (const auto& item : it.lines)
        line += " [" + item.sku + "|" + item.name + "|" + item.quantity.text() + "|"
                + item.amount.text() + (item.category.empty() ? "" : "|" + item.category) + "]";
    if (!it.not_here.empty()) line += " -- " + std::string{it.not_here};
    return line;
}

inline std::string text_of(const Told& told)
{
    std::string text;
    for (const auto& it : told.transactions) text += line_of(it) + "\n";
    for (const auto& it : told.garbled)
        text += "garbled " + std::to_string(it.bytes) + ": " + std::string{it.why} + "\n";
    return text;
}

/// What the catalog's driver tells of it: receipts, and why the others are none.
inline std::string receipts_of(std::string_view format, std::string_view text,
                               const drivers::Options& options = {})
{
    const auto* driver = drivers::find_driver(format);
    REQUIRE(driver != nullptr);
    const auto translator = driver->listen(options);
    REQUIRE(translator.has_value());
    std::string out;
    const auto tell = [&](const Reading& reading) {
        if (const auto* receipt = std::get_if<ReceiptRead>(&reading)) {
            constexpr const char* kinds[] = {"sale", "refund", "void"};
            out += std::string{kinds[static_cast<std::size_t>(receipt->kind)]} + " "
                   + receipt->number + " " + receipt->total.text() + " " + receipt->currency + " "
                   + receipt->token + "\n";
        } else {
            out += std::string{std::get<Garbled>(reading).why} + "\n";
        }
    };
    (*translator)->feed(bytes(text), tell);
    (*translator)->finish(tell);
    return out;
}

}  // namespace raiten::test
