// A register's day through the POSLog reader, beside expat alone over the same bytes in the same
// run: empty handlers of the same kinds, the same pieces. Then a log without end, made while it is
// read: memory must not grow with it. Run it from a release build.
#include "drivers/poslog/poslog.hpp"
#include "tests/bench/bench.hpp"
#include "tests/support/dice.hpp"

#include <expat.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace raiten;
using namespace raiten::bench;

namespace {

constexpr std::size_t document_bytes = 50'000'000;
constexpr std::size_t piece_bytes = 64 * 1024;
constexpr int rounds = 7;

/// Seconds of work of one call.
double worked(void (*work)(const std::string&), const std::string& document)
{
    const double start = worked_seconds();
    work(document);
    return worked_seconds() - start;
}

/// A grocery's basket as a register writes it: a few lines, each with what we read and as much
/// that we pass over, rewards, a card.
class Register {
 public:
    explicit Register(std::uint64_t seed) : dice_{seed} {}

    static std::string head()
    {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<POSLog "
               "xmlns=\"http://www.nrf-arts.org/IXRetail/namespace/\" xmlns:x=\"urn:x\">";
    }

    void append_transaction(std::string& log)
    {
        ++sequence_;
        const auto lines = 1 + dice_.below(20);
        log += "<Transaction><RetailStoreID>9</RetailStoreID><WorkstationID>"
               + std::to_string(1 + sequence_ % 9) + "</WorkstationID><SequenceNumber>"
               + std::to_string(sequence_)
               + "</SequenceNumber><BusinessDayDate>2026-11-22</BusinessDayDate>"
                 "<EndDateTime>2026-11-22T15:15:25</EndDateTime><OperatorID "
                 "OperatorName=\"Ann\">91</OperatorID><CurrencyCode>EUR</CurrencyCode>"
                 "<RetailTransaction Version=\"2.1\">";
        for (std::uint64_t n = 1; n <= lines; ++n) append_line(log, n);
        log += "<LineItem EntryMethod=\"MSR\"><SequenceNumber>" + std::to_string(lines + 1)
               + "</SequenceNumber><Tender TenderType=\"CreditDebit\" TypeCode=\"Sale\">"
                 "<TenderID>12</TenderID><Amount>10.70</Amount><Authorization "
                 "HostAuthorized=\"true\"><RequestedAmount>10.70</RequestedAmount>"
                 "<AuthorizationCode>734277</AuthorizationCode></Authorization></Tender>"
                 "</LineItem><LineItem><x:LoyaltyMembership><x:LoyaltyID Type=\"Membership\">"
               + std::to_string(40'000'000 + dice_.below(100'000))
               + "</x:LoyaltyID></x:LoyaltyMembership></LineItem>"
                 "<Total TotalType=\"TransactionGrandAmount\">10.70</Total>"
                 "<Total TotalType=\"TransactionTaxAmount\">0.94</Total>"
                 "</RetailTransaction></Transaction>";
    }

 private:
    void append_line(std::string& log, std::uint64_t n)
    {
        const auto code = std::to_string(100'000 + dice_.below(900'000));
        log += "<LineItem EntryMethod=\"Scanned\" x:weightItem=\"false\"><SequenceNumber>"
               + std::to_string(n)
               + "</SequenceNumber><Sale ItemType=\"Stock\"><POSIdentity POSIDType=\"GTIN\">"
                 "<POSItemID>00000000"
               + code + "</POSItemID><Qualifier>6</Qualifier></POSIdentity><ItemID>00000000"
               + code
               + "</ItemID><MerchandiseHierarchy Level=\"Department\" "
                 "x:DepartmentDescription=\"Department6\">6</MerchandiseHierarchy>"
                 "<Description>APPLE &amp; PEAR ORGANIC</Description>"
                 "<RegularSalesUnitPrice>2.99</RegularSalesUnitPrice>"
                 "<ExtendedAmount>1.26</ExtendedAmount><DiscountAmount>0.00</DiscountAmount>"
                 "<Quantity>0.42</Quantity><x:OperatorSequence>2</x:OperatorSequence>"
                 "<x:Itemizers FoodStampable=\"true\" Itemizer1=\"true\">112</x:Itemizers>"
                 "</Sale></LineItem>";
    }

    stage::Dice dice_;
    std::uint64_t sequence_{};
};

std::string make_document()
{
    std::string log = Register::head();
    Register till{20261122};
    while (log.size() < document_bytes) till.append_transaction(log);
    return log + "</POSLog>";
}

void our_reader(const std::string& document)
{
    std::size_t transactions = 0;
    const auto reader = drivers::poslog::make_reader();
    const auto hear = [&](drivers::pos::Transaction) { ++transactions; };
    const auto refuse = [](const Garbled& lost) {
        std::fprintf(stderr, "lost: %.*s\n", static_cast<int>(lost.why.size()), lost.why.data());
        std::exit(1);
    };
    const auto bytes = std::as_bytes(std::span{document.data(), document.size()});
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes)
        reader->feed(bytes.subspan(at, std::min(piece_bytes, bytes.size() - at)), hear, refuse);
    reader->finish(hear, refuse);
    keep(transactions);
}

void expat_alone(const std::string& document)
{
    const XML_Parser parser = XML_ParserCreate(nullptr);
    XML_SetElementHandler(
        parser, [](void*, const char*, const char**) {}, [](void*, const char*) {});
    XML_SetCharacterDataHandler(parser, [](void*, const char*, int) {});
    XML_SetCommentHandler(parser, [](void*, const char*) {});
    XML_SetProcessingInstructionHandler(parser, [](void*, const char*, const char*) {});
    XML_SetStartDoctypeDeclHandler(parser,
                                   [](void*, const char*, const char*, const char*, int) {});
    for (std::size_t at = 0; at < document.size(); at += piece_bytes) {
        const auto size = std::min(piece_bytes, document.size() - at);
        void* buffer = XML_GetBuffer(parser, static_cast<int>(size));
        std::memcpy(buffer, document.data() + at, size);
        const bool last = at + size == document.size();
        if (XML_ParseBuffer(parser, static_cast<int>(size), last) == XML_STATUS_ERROR) std::exit(1);
    }
    XML_ParserFree(parser);
}

long resident_kilobytes()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/// Before anything large was made: the largest resident size is what counts.
void endless_log(std::size_t megabytes)
{
    const auto reader = drivers::poslog::make_reader();
    std::size_t transactions = 0;
    const auto hear = [&](drivers::pos::Transaction) { ++transactions; };
    const auto refuse = [](const Garbled&) { std::exit(1); };
    Register till{20261122};
    std::string piece = Register::head();
    long early = 0;
    std::size_t fed = 0;
    while (fed < megabytes * 1'000'000) {
        while (piece.size() < piece_bytes) till.append_transaction(piece);
        reader->feed(std::as_bytes(std::span{piece.data(), piece.size()}), hear, refuse);
        fed += piece.size();
        piece.clear();
        if (early == 0 && fed > 5'000'000) early = resident_kilobytes();
    }
    keep(transactions);
    print("memory after 5 of 500 MB", static_cast<double>(early), "KiB",
          {"at its end", static_cast<double>(resident_kilobytes())}, 0.95);
}

}  // namespace

int main()
{
    endless_log(500);

    const auto document = make_document();
    const auto megabytes = static_cast<double>(document.size()) / 1e6;
    // Both in each round: what disturbs one disturbs the other.
    double ours = 1e9;
    double alone = 1e9;
    for (int round = 0; round < rounds; ++round) {
        alone = std::min(alone, worked(expat_alone, document));
        ours = std::min(ours, worked(our_reader, document));
    }
    print("POSLog, 50 MB", megabytes / ours, "MB/s", {"expat alone", megabytes / alone}, 0.5);
}
