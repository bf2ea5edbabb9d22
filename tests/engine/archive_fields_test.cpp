#include "daemon/engine/backlog.hpp"
#include "daemon/engine/presence.hpp"
#include "daemon/engine/receipt_book.hpp"
#include "daemon/kpi/facts.hpp"

#include <catch2/catch.hpp>

#include <type_traits>
#include <utility>

/// A field that is forgotten in archive() is a state that changes over a restart. Whatever is a
/// plain struct can be counted.
using namespace raiten;

namespace {

/// Becomes whatever field it stands for.
template <class Whole>
struct Any {
    template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Whole>) operator T&() const;
    template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Whole>) operator T&&() const;
};

template <class T, std::size_t... n>
constexpr bool takes(std::index_sequence<n...>)
{
    return requires
    {
        T{(static_cast<void>(n), Any<T>{})...};
    };
}

template <class T, std::size_t n = 64>
constexpr std::size_t fields()
{
    static_assert(std::is_aggregate_v<T>);
    if constexpr (n == 0) {
        return 0;
    } else if constexpr (takes<T>(std::make_index_sequence<n>{})) {
        return n;
    } else {
        return fields<T, n - 1>();
    }
}

/// How many fields archive() lists.
struct Counter {
    static constexpr bool reading = false;
    std::size_t count{};
    template <class... T>
    void operator()(const T&...)
    {
        count += sizeof...(T);
    }
};

template <class T>
std::size_t listed()
{
    Counter counter;
    T{}.archive(counter);
    return counter.count;
}

}  // namespace

TEST_CASE("archive() lists every field of every plain struct", "[engine]")
{
    CHECK(listed<TokenKey>() == fields<TokenKey>());
    CHECK(listed<Token>() == fields<Token>());
    CHECK(listed<ReceiptLine>() == fields<ReceiptLine>());
    CHECK(listed<Receipt>() == fields<Receipt>());
    CHECK(listed<VisitReceipt>() == fields<VisitReceipt>());
    CHECK(listed<VisitRecord>() == fields<VisitRecord>());
    CHECK(listed<CouponRecord>() == fields<CouponRecord>());
    CHECK(listed<MemberRecord>() == fields<MemberRecord>());
    CHECK(listed<MemberRecord::Link>() == fields<MemberRecord::Link>());
    CHECK(listed<VisitRules>() == fields<VisitRules>());
    CHECK(listed<StoreClock>() == fields<StoreClock>());
    CHECK(listed<StoreClock::Offset>() == fields<StoreClock::Offset>());
    CHECK(listed<Disclosed>() == fields<Disclosed>());
    CHECK(listed<Summary>() == fields<Summary>());
    CHECK(listed<Summary::Foreign>() == fields<Summary::Foreign>());
    CHECK(listed<Summary::Receipts>() == fields<Summary::Receipts>());
    CHECK(listed<Summary::Coupons>() == fields<Summary::Coupons>());
    CHECK(listed<Summary::Zone>() == fields<Summary::Zone>());
    CHECK(listed<SketchKey>() == fields<SketchKey>());
    CHECK(listed<VisitFact>() == fields<VisitFact>());
    CHECK(listed<ReceiptFact>() == fields<ReceiptFact>());
    CHECK(listed<PeriodFacts>() == fields<PeriodFacts>());
    CHECK(listed<Decisions::Spent>() == fields<Decisions::Spent>());
    CHECK(listed<ReaderInfo>() == fields<ReaderInfo>());
    CHECK(listed<EngineCounts>() == fields<EngineCounts>());
    CHECK(listed<ExitTimes::Model>() == fields<ExitTimes::Model>());
    CHECK(listed<Source>() == fields<Source>());
    CHECK(listed<Stay>() == fields<Stay>());
    CHECK(listed<Stay::Stretch>() == fields<Stay::Stretch>());
    CHECK(listed<Level>() == fields<Level>());
    CHECK(listed<Guest>() == fields<Guest>());
    CHECK(listed<Glimpsed>() == fields<Glimpsed>());
    CHECK(listed<Glimpse>() == fields<Glimpse>());
    CHECK(listed<Presence::Person>() == fields<Presence::Person>());
    CHECK(listed<Backlog::Held>() == fields<Backlog::Held>());
    CHECK(listed<ReceiptBook::Entry>() == fields<ReceiptBook::Entry>());
}
