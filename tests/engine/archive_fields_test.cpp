#include "daemon/base/keyed_hash.hpp"
#include "daemon/engine/backlog.hpp"
#include "daemon/engine/presence.hpp"
#include "daemon/engine/receipt_book.hpp"
#include "daemon/kpi/facts.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
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

/// What archive() lists: how many fields, and of which types.
struct Counter {
    static constexpr bool reading = false;
    std::size_t count{};
    std::string types;
    template <class... T>
    void operator()(const T&...)
    {
        count += sizeof...(T);
        types += typeid(std::tuple<T...>).name();
    }
};

template <class T>
Counter listed()
{
    Counter counter;
    T{}.archive(counter);
    return counter;
}
template <class... T>
std::string types_of()
{
    return (listed<T>().types + ...);
}

}  // namespace

TEST_CASE("archive() lists every field of every plain struct", "[engine]")
{
    CHECK(listed<TokenKey>().count == fields<TokenKey>());
    CHECK(listed<Token>().count == fields<Token>());
    CHECK(listed<ReceiptLine>().count == fields<ReceiptLine>());
    CHECK(listed<Receipt>().count == fields<Receipt>());
    CHECK(listed<VisitReceipt>().count == fields<VisitReceipt>());
    CHECK(listed<VisitRecord>().count == fields<VisitRecord>());
    CHECK(listed<CouponRecord>().count == fields<CouponRecord>());
    CHECK(listed<MemberRecord>().count == fields<MemberRecord>());
    CHECK(listed<MemberRecord::Link>().count == fields<MemberRecord::Link>());
    CHECK(listed<VisitRules>().count == fields<VisitRules>());
    CHECK(listed<StoreClock>().count == fields<StoreClock>());
    CHECK(listed<StoreClock::Offset>().count == fields<StoreClock::Offset>());
    CHECK(listed<Disclosed>().count == fields<Disclosed>());
    CHECK(listed<Summary>().count == fields<Summary>());
    CHECK(listed<Summary::Foreign>().count == fields<Summary::Foreign>());
    CHECK(listed<Summary::Receipts>().count == fields<Summary::Receipts>());
    CHECK(listed<Summary::Coupons>().count == fields<Summary::Coupons>());
    CHECK(listed<Summary::Zone>().count == fields<Summary::Zone>());
    CHECK(listed<SketchKey>().count == fields<SketchKey>());
    CHECK(listed<VisitFact>().count == fields<VisitFact>());
    CHECK(listed<ReceiptFact>().count == fields<ReceiptFact>());
    CHECK(listed<PeriodFacts>().count == fields<PeriodFacts>());
    CHECK(listed<Funnel>().count == fields<Funnel>());
    CHECK(listed<ArmCount>().count == fields<ArmCount>());
    CHECK(listed<ReaderInfo>().count == fields<ReaderInfo>());
    CHECK(listed<EngineCounts>().count == fields<EngineCounts>());
    CHECK(listed<ExitTimes::Model>().count == fields<ExitTimes::Model>());
    CHECK(listed<Source>().count == fields<Source>());
    CHECK(listed<Stay>().count == fields<Stay>());
    CHECK(listed<Stay::Stretch>().count == fields<Stay::Stretch>());
    CHECK(listed<Level>().count == fields<Level>());
    CHECK(listed<Guest>().count == fields<Guest>());
    CHECK(listed<Glimpsed>().count == fields<Glimpsed>());
    CHECK(listed<Glimpse>().count == fields<Glimpse>());
    CHECK(listed<Presence::Person>().count == fields<Presence::Person>());
    CHECK(listed<Backlog::Held>().count == fields<Backlog::Held>());
    CHECK(listed<ReceiptBook::Entry>().count == fields<ReceiptBook::Entry>());
}

TEST_CASE("another list of fields is another format", "[engine]")
{
    // If this fails, count `format` in daemon/engine/snapshot.cpp up, then put the digest here.
    const auto types =
        types_of<TokenKey, Token, ReceiptLine, Receipt, VisitReceipt, VisitRecord, CouponRecord,
                 MemberRecord, MemberRecord::Link, VisitRules, StoreClock, StoreClock::Offset,
                 Disclosed, Summary, Summary::Foreign, Summary::Receipts, Summary::Coupons,
                 Summary::Zone, SketchKey, VisitFact, ReceiptFact, PeriodFacts, Funnel, ArmCount,
                 ReaderInfo, EngineCounts, ExitTimes::Model, Source, Stay, Stay::Stretch, Level,
                 Guest, Glimpsed, Glimpse, Presence::Person, Backlog::Held, ReceiptBook::Entry>();
    CHECK(KeyedHash{0}.add(types).value() == 0x34b15ac5f6671623ULL);
}
