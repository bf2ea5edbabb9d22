#include "drivers/webhook/webhook.hpp"

#include "drivers/webhook/json_stream.hpp"

namespace raiten::drivers::webhook {
namespace {

class JsonTransactions final : public pos::TransactionReader {
 public:
    explicit JsonTransactions(Service service) : service_{service} {}

    void feed(std::span<const std::byte> bytes, const Hear& hear, const Refuse& refuse) override
    {
        const auto take = [&](const Value& value, std::size_t size) {
            if (!service_(value, hear)) refuse({"JSON that this service does not send", size});
        };
        stream_.feed(bytes, take, refuse);
    }
    void finish(const Hear&, const Refuse& refuse) override { stream_.finish(refuse); }

 private:
    Service service_;
    JsonStream stream_;
};

}  // namespace

std::unique_ptr<pos::TransactionReader> make_json_transactions(Service service)
{
    return std::make_unique<JsonTransactions>(service);
}

}  // namespace raiten::drivers::webhook
