#include "drivers/poslog/poslog.hpp"

#include "drivers/poslog/record_writer.hpp"
#include "drivers/xml/document.hpp"

#include <utility>

namespace raiten::drivers {
namespace poslog {
namespace {

class Reader final : public pos::TransactionReader {
 public:
    explicit Reader(HearRecord hear_record)
        : document_{{"Transaction", "POSLog", "KLog", "DigitalReceipt",
                     "TransactionLogLookupResponse", "Envelope"}},
          hear_record_{std::move(hear_record)}
    {
    }

    void feed(std::span<const std::byte> bytes, const Hear& hear, const Refuse& refuse) override
    {
        hearing(hear);
        document_.feed(bytes, writer_, refuse);
    }
    void finish(const Hear& hear, const Refuse& refuse) override
    {
        hearing(hear);
        document_.finish(writer_, refuse);
    }

 private:
    void hearing(const Hear& hear)
    {
        writer_.hear([this, &hear](const Record& record) {
            auto transaction = conclude(record);
            if (hear_record_) hear_record_(record, transaction);
            hear(std::move(transaction));
        });
    }

    xml::DocumentReader document_;
    RecordWriter writer_;
    HearRecord hear_record_;
};

}  // namespace

std::unique_ptr<pos::TransactionReader> make_reader(HearRecord hear_record)
{
    return std::make_unique<Reader>(std::move(hear_record));
}

}  // namespace poslog

std::unique_ptr<Translator> make_poslog(const Options& options)
{
    return pos::make_receipts(poslog::make_reader(), options);
}

}  // namespace raiten::drivers
