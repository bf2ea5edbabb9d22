#include "tests/support/register_till.hpp"

#include "daemon/wire/dial.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <deque>

namespace raiten::stage {

namespace net = boost::asio;
using boost::system::error_code;
using Bytes = std::vector<std::byte>;

namespace {

constexpr auto no_throw = net::as_tuple(net::use_awaitable);
constexpr std::size_t answer_bytes_max = 4 * 1024 * 1024;

void rethrow(const std::exception_ptr& mistake)
{
    if (mistake) std::rethrow_exception(mistake);
}

}  // namespace

class RegisterTill::State : public std::enable_shared_from_this<RegisterTill::State> {
 public:
    State(net::any_io_executor executor, wire::Address printer, TillSettings settings)
        : executor_{executor},
          printer_{std::move(printer)},
          settings_{settings},
          pause_{executor},
          limit_{executor}
    {
    }

    void print(Bytes receipt, Done done)
    {
        waiting_.push_back({std::move(receipt), std::move(done)});
        if (busy_) return;
        busy_ = true;
        net::co_spawn(executor_, work(shared_from_this()), rethrow);
    }

    void stop()
    {
        stopped_ = true;
        pause_.cancel();
        limit_.cancel();
        if (dial_) dial_->cancel();
        if (line_) line_->close();
    }

 private:
    struct Receipt {
        Bytes bytes;
        Done done;
    };

    static net::awaitable<void> work(std::shared_ptr<State> self)
    {
        while (!self->waiting_.empty() && !self->stopped_) {
            const Receipt receipt = std::move(self->waiting_.front());
            self->waiting_.pop_front();
            const auto answer = co_await self->print_one(receipt.bytes);
            if (receipt.done && !self->stopped_) receipt.done(answer);
        }
        self->busy_ = false;
    }

    net::awaitable<Result<Bytes>> print_one(const Bytes& receipt)
    {
        Problem last{"not tried"};
        for (unsigned attempt = 0; attempt < settings_.attempts && !stopped_; ++attempt) {
            if (attempt > 0) {
                pause_.expires_after(settings_.pause);
                co_await pause_.async_wait(no_throw);
            }
            dial_ = std::make_shared<wire::Dial>(executor_);
            auto opened = co_await dial_->open(printer_, settings_.answer_wait);
            dial_.reset();
            if (opened.has_error()) {
                last = opened.error();
                continue;
            }
            line_ = std::move(opened.value());
            auto answer = co_await exchange(receipt);
            limit_.cancel();
            line_->close();
            line_.reset();
            if (answer.has_value()) co_return answer;
            last = answer.error();
        }
        co_return last;
    }

    net::awaitable<Result<Bytes>> exchange(const Bytes& receipt)
    {
        limit_.expires_after(settings_.answer_wait);
        limit_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec && self->line_) self->line_->close();
        });
        const auto sent = co_await line_->write(receipt);
        if (!sent.good()) co_return Problem{sent.failure, text_of(printer_)};
        line_->end_sending();
        Bytes answer;
        std::array<std::byte, 1'024> buffer{};
        for (;;) {
            const auto got = co_await line_->read_some(buffer);
            if (got.ended) co_return answer;
            if (!got.good()) co_return Problem{got.failure, text_of(printer_)};
            const auto piece = std::span{buffer}.first(got.size);
            if (answer.size() < answer_bytes_max)
                answer.insert(answer.end(), piece.begin(), piece.end());
        }
    }

    net::any_io_executor executor_;
    wire::Address printer_;
    TillSettings settings_;
    net::steady_timer pause_;
    net::steady_timer limit_;
    std::deque<Receipt> waiting_;
    std::shared_ptr<wire::Dial> dial_;
    std::shared_ptr<wire::Channel> line_;
    bool busy_{};
    bool stopped_{};
};

RegisterTill::RegisterTill(net::any_io_executor executor, wire::Address printer,
                           TillSettings settings)
    : state_{std::make_shared<State>(std::move(executor), std::move(printer), settings)}
{
}

RegisterTill::~RegisterTill()
{
    stop();
}

void RegisterTill::print(Bytes receipt, Done done)
{
    state_->print(std::move(receipt), std::move(done));
}
void RegisterTill::stop()
{
    state_->stop();
}

}  // namespace raiten::stage
