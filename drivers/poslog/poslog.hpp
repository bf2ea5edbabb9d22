#pragma once

#include "drivers/pos/transaction.hpp"
#include "drivers/poslog/record.hpp"

#include <functional>
#include <memory>

namespace raiten::drivers {
namespace poslog {

/// Beside each transaction, the record that it was concluded from; valid during the call.
using HearRecord = std::function<void(const Record&, const pos::Transaction&)>;

/// Transactions of a register's XML log (README.md). `hear_record` may be empty.
std::unique_ptr<pos::TransactionReader> make_reader(HearRecord hear_record = {});

}  // namespace poslog

std::unique_ptr<Translator> make_poslog(const Options& options);

}  // namespace raiten::drivers
