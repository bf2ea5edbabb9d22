#pragma once

#include "daemon/model/reading.hpp"
#include "daemon/model/records.hpp"
#include "daemon/model/summary.hpp"

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

/// 20000 20001
std::string counts_text(const std::vector<std::uint64_t>& counts);
std::optional<std::vector<std::uint64_t>> counts_of(const std::string& text);

/// ["ent-1"]
std::string names_text(const std::vector<std::string>& names);
std::optional<std::vector<std::string>> names_of(const std::string& text);

/// [0.25,-1]
std::string numbers_text(const std::vector<double>& numbers);
std::optional<std::vector<double>> numbers_of(const std::string& text);

/// [[pos, number, day, at, total, undone, currency, attribution, confidence, units]]
std::string receipts_text(const std::vector<VisitReceipt>& receipts);
std::optional<std::vector<VisitReceipt>> receipts_of(const std::string& text);

/// [[sku, name, quantity, amount, category]]
std::string lines_text(const std::vector<ReceiptLine>& lines);
std::optional<std::vector<ReceiptLine>> lines_of(const std::string& text);

/// {"floor":[visits, purchase_visits, dwell]}
std::string zone_figures_text(const std::map<std::string, Summary::Zone>& zones);
std::optional<std::map<std::string, Summary::Zone>> zone_figures_of(const std::string& text);

/// {"USD":[transactions, revenue]}
std::string currency_figures_text(const std::map<std::string, Summary::Foreign>& currencies);
std::optional<std::map<std::string, Summary::Foreign>> currency_figures_of(const std::string& text);

/// {"told":true,"rows":{"visits":digest}}; and the hashes, eight bytes each, lowest first.
std::string disclosed_text(const Disclosed& disclosed);
std::string released_text(const Disclosed& disclosed);
std::optional<Disclosed> disclosed_of(const std::string& text, const std::string& released);

}  // namespace raiten::ledger
