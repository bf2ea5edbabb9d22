#pragma once

#include "drivers/pos/transaction.hpp"

#include <memory>
#include <string_view>

namespace raiten::drivers::pos {

/// The reader of a register's log or of a POS service's messages, by the name of its format; null
/// where that is none.
std::unique_ptr<TransactionReader> make_reader(std::string_view format);

}  // namespace raiten::drivers::pos
