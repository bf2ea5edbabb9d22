#include "tests/fuzz/readings_text.hpp"

#include "daemon/base/overloaded.hpp"
#include "daemon/model/token.hpp"
#include "drivers/escpos/utf8.hpp"

#include <string_view>

namespace raiten::fuzz {
namespace {

std::string text_of(const std::optional<ToldTime>& at)
{
    if (!at) return "-";
    return std::to_string(at->time.time_since_epoch().count()) + (at->local ? " local" : "");
}

std::string text_of(const ReceiptRead& receipt)
{
    std::string line = "receipt " + receipt.number + "|"
                       + std::to_string(static_cast<int>(receipt.kind)) + "|" + receipt.token + "|"
                       + receipt.total.text() + "|" + receipt.currency + "|" + receipt.refers_to
                       + "|" + receipt.printed_at + "|" + text_of(receipt.told_at) + "\n";
    for (const auto& each : receipt.lines)
        line += "  " + each.sku + "|" + each.name + "|" + each.quantity.text() + "|"
                + each.amount.text() + "|" + each.category + "\n";
    return line;
}

bool is_clean(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto next = drivers::escpos::next_utf8(text, at);
        if (!next.valid || next.point < 0x20 || next.point == 0x7F) return false;
        at += next.bytes;
    }
    return true;
}

std::string_view fault_of_token(const std::string& token)
{
    if (!kind_of(token)) return "an unknown kind of token";
    if (token.find(':') + 1 == token.size()) return "a token without its value";
    if (token.size() > token_bytes_max) return "a token too long to be one";
    return is_clean(token) ? "" : "a token that is not clean text";
}

std::string_view fault_of(const ReceiptRead& receipt)
{
    if (receipt.total < Money{}) return "a total below zero";
    if (receipt.number.empty()) return "a receipt without a number";
    if (!receipt.token.empty())
        if (const auto fault = fault_of_token(receipt.token); !fault.empty()) return fault;
    bool clean = is_clean(receipt.number) && is_clean(receipt.currency)
                 && is_clean(receipt.refers_to) && is_clean(receipt.printed_at);
    for (const auto& each : receipt.lines)
        clean = clean && is_clean(each.sku) && is_clean(each.name) && is_clean(each.category);
    return clean ? "" : "a receipt with text that is not clean";
}

}  // namespace

void Told::operator()(const Reading& reading)
{
    ++count_;
    std::string_view fault;
    const auto before = text_.size();
    std::visit(overloaded{[&](const TokenSeen& seen) {
                              fault = fault_of_token(seen.token);
                              if (!is_clean(seen.heard_by)) fault = "a receiver's name, not clean";
                              text_ += "seen " + seen.token + "|"
                                       + (seen.rssi_dbm ? std::to_string(*seen.rssi_dbm) : "-")
                                       + (seen.rotating ? "|rotating|" : "||") + seen.heard_by + "|"
                                       + text_of(seen.told_at) + "\n";
                          },
                          [&](const TokenShown& shown) {
                              fault = fault_of_token(shown.token);
                              if (!is_clean(shown.id)) fault = "an act's number, not clean";
                              text_ += "shown " + shown.token + "|" + shown.id + "\n";
                          },
                          [&](const ReceiptRead& receipt) {
                              fault = fault_of(receipt);
                              text_ += text_of(receipt);
                          },
                          [&](const Garbled& garbled) {
                              garbled_[std::string{garbled.why}] += garbled.bytes;
                          }},
               reading);
    if (!fault.empty() && !unsound_)
        unsound_ = std::string{fault} + ": " + text_.substr(before, text_.size() - before - 1);
}

std::size_t Told::garbled_bytes() const
{
    std::size_t bytes = 0;
    for (const auto& [why, some] : garbled_) bytes += some;
    return bytes;
}

std::string Told::text() const
{
    std::string all = text_;
    for (const auto& [why, bytes] : garbled_)
        all += "garbled " + why + "|" + std::to_string(bytes) + "\n";
    return all;
}

}  // namespace raiten::fuzz
