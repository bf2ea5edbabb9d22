#pragma once

#include "tests/drivers/poslog/log.hpp"

#include <catch2/catch.hpp>

#include <string>

/// What a register writes.
namespace raiten::test {

inline const std::string head =
    "<RetailStoreID>42</RetailStoreID><WorkstationID>3</WorkstationID>"
    "<SequenceNumber>86</SequenceNumber><BusinessDayDate>2026-11-21</BusinessDayDate>"
    "<EndDateTime>2026-11-22T00:10:00</EndDateTime><CurrencyCode>JPY</CurrencyCode>";

inline std::string sold(const std::string& sku, const std::string& amount,
                        const std::string& attributes = "", const std::string& more = "")
{
    return "<LineItem " + attributes + "><SequenceNumber>1</SequenceNumber><Sale><ItemID>" + sku
           + "</ItemID><Description>Tea</Description><ExtendedAmount>" + amount
           + "</ExtendedAmount><Quantity>1</Quantity>" + more + "</Sale></LineItem>";
}

inline std::string returned(const std::string& sku, const std::string& amount,
                            const std::string& more = "")
{
    return "<LineItem><Return><ItemID>" + sku + "</ItemID><ExtendedAmount>" + amount
           + "</ExtendedAmount><Quantity>1</Quantity>" + more + "</Return></LineItem>";
}

inline std::string grand(const std::string& amount)
{
    return "<Total TotalType=\"TransactionGrandAmount\">" + amount + "</Total>";
}

inline std::string tender(const std::string& amount, const std::string& more = "")
{
    return "<LineItem><Tender TenderType=\"Cash\"><Amount>" + amount + "</Amount>" + more
           + "</Tender></LineItem>";
}

inline std::string retail(const std::string& body, const std::string& attributes = "",
                          const std::string& transaction_attributes = "")
{
    return "<Transaction " + transaction_attributes + ">" + head + "<RetailTransaction "
           + attributes + ">" + body + "</RetailTransaction></Transaction>";
}

inline std::string log_of(const std::string& transactions)
{
    return "<?xml version=\"1.0\"?>\n<POSLog xmlns=\"http://www.nrf-arts.org/IXRetail/namespace/\">"
           + transactions + "</POSLog>\n";
}

/// The one transaction of a log.
inline Transaction only(const std::string& log)
{
    INFO(log);
    const auto heard = read_log(log);
    CHECK(heard.garbled.empty());
    REQUIRE(heard.transactions.size() == 1);
    return heard.transactions[0];
}

}  // namespace raiten::test
