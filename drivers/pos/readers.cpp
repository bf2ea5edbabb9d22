#include "drivers/pos/readers.hpp"

#include "drivers/poslog/poslog.hpp"
#include "drivers/webhook/webhook.hpp"

namespace raiten::drivers::pos {
namespace {

struct Row {
    std::string_view format;
    std::unique_ptr<TransactionReader> (*make)();
};

constexpr Row rows[] = {
    {"poslog", [] { return poslog::make_reader(); }},
    {"smaregi", [] { return webhook::make_json_transactions(&webhook::read_smaregi); }},
    {"square", [] { return webhook::make_json_transactions(&webhook::read_square); }},
    {"shopify", [] { return webhook::make_json_transactions(&webhook::read_shopify); }},
};

}  // namespace

std::unique_ptr<TransactionReader> make_reader(std::string_view format)
{
    for (const auto& row : rows)
        if (row.format == format) return row.make();
    return nullptr;
}

}  // namespace raiten::drivers::pos
