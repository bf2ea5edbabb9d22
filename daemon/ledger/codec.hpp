#pragma once

#include "daemon/model/reading.hpp"
#include "daemon/model/records.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// The lists inside of rows as JSON text, so that SQL (json_each) can read them too.
/// Times are milliseconds, money ten-thousandths. Bytes that are no UTF-8 become U+FFFD.
/// Reading gives nothing where the text is not what was written: the row is damaged.
namespace raiten::ledger {

/// {"floor":60000}
std::string zones_text(const std::map<std::string, Millis>& zones);
std::optional<std::map<std::string, Millis>> zones_of(const std::string& text);

/// 20000 20001: days since 1970
std::string days_text(const std::vector<std::chrono::sys_days>& days);
std::optional<std::vector<std::chrono::sys_days>> days_of(const std::string& text);

/// ["ent-1"]
std::string names_text(const std::vector<std::string>& names);
std::optional<std::vector<std::string>> names_of(const std::string& text);

/// [[pos, number, day, at, total, undone, currency, attribution, confidence]]
std::string receipts_text(const std::vector<VisitReceipt>& receipts);
std::optional<std::vector<VisitReceipt>> receipts_of(const std::string& text);

/// [[sku, name, quantity, amount, category]]
std::string lines_text(const std::vector<ReceiptLine>& lines);
std::optional<std::vector<ReceiptLine>> lines_of(const std::string& text);

}  // namespace raiten::ledger
