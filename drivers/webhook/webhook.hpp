#pragma once

#include "drivers/pos/transaction.hpp"
#include "drivers/webhook/json_value.hpp"

#include <memory>

namespace raiten::drivers::webhook {

/// Tells every transaction in one JSON value of a service: a webhook's body, an answer of its API
/// (one record, several, in an envelope or bare). False: nothing that this service sends.
using Service = bool (*)(const Value& value, const pos::TransactionReader::Hear& hear);

bool read_square(const Value& value, const pos::TransactionReader::Hear& hear);
bool read_shopify(const Value& value, const pos::TransactionReader::Hear& hear);
bool read_smaregi(const Value& value, const pos::TransactionReader::Hear& hear);

/// JSON values one behind the other, each read by that service.
std::unique_ptr<pos::TransactionReader> make_json_transactions(Service service);

}  // namespace raiten::drivers::webhook
