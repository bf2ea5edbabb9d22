#pragma once

#include "drivers/poslog/poslog.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raiten::test {

using drivers::pos::Kind;
using drivers::pos::Transaction;

/// What a reader made of a log.
struct Heard {
    std::vector<Transaction> transactions;
    std::vector<drivers::poslog::Record> records;
    std::vector<Garbled> garbled;

    std::vector<std::string> numbers() const
    {
        std::vector<std::string> out;
        for (const auto& each : transactions) out.push_back(each.number);
        return out;
    }
};

inline std::span<const std::byte> bytes_of(std::string_view text)
{
    return std::as_bytes(std::span{text.data(), text.size()});
}

/// `piece_bytes` at a time.
inline Heard read_log(std::string_view log, std::size_t piece_bytes = std::string_view::npos)
{
    Heard heard;
    const auto reader =
        drivers::poslog::make_reader([&](const drivers::poslog::Record& record,
                                         const Transaction&) { heard.records.push_back(record); });
    const auto hear = [&](Transaction transaction) {
        heard.transactions.push_back(std::move(transaction));
    };
    const auto refuse = [&](const Garbled& garbled) { heard.garbled.push_back(garbled); };
    for (std::size_t at = 0; at < log.size();) {
        const auto piece = log.substr(at, piece_bytes);
        reader->feed(bytes_of(piece), hear, refuse);
        at += piece.size();
    }
    reader->finish(hear, refuse);
    return heard;
}

/// All that matters of what was heard, for comparing.
inline std::string text_of(const Heard& heard)
{
    std::string out;
    for (const auto& each : heard.transactions) {
        out += std::string{drivers::pos::text(each.kind)} + " " + each.number + " "
               + each.register_name + " " + each.store + " " + each.business_day + " "
               + each.total.text() + each.currency + " refers " + each.refers_to
               + " not here: " + std::string{each.not_here};
        if (each.at)
            out += " at " + std::to_string(each.at->time.time_since_epoch().count())
                   + (each.at->local ? "L" : "");
        for (const auto& member : each.members) out += " member " + member;
        for (const auto& line : each.lines)
            out += "\n  " + line.sku + "|" + line.name + "|" + line.quantity.text() + "|"
                   + line.amount.text() + "|" + line.category;
        out += "\n";
    }
    for (const auto& each : heard.garbled)
        out += "garbled " + std::string{each.why} + " " + std::to_string(each.bytes) + "\n";
    return out;
}

}  // namespace raiten::test
