#include "daemon/app/shop.hpp"
#include "daemon/app/store_clock.hpp"
#include "daemon/ledger/segments.hpp"
#include "tests/support/mosquitto.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>

/// Whoever hears "that is known already" must be able to rely on it as on the first answer: it is
/// given when the first is durable, not before.
using namespace raiten;
using namespace raiten::app;

namespace {

/// What the ledger's thread wants to have called, one call at a time.
class Calls {
 public:
    void post(std::function<void()> call)
    {
        const std::lock_guard hold{mutex_};
        calls_.push_back(std::move(call));
        came_.notify_one();
    }
    void run_one()
    {
        std::unique_lock hold{mutex_};
        REQUIRE(came_.wait_for(hold, std::chrono::seconds{20}, [this] { return !calls_.empty(); }));
        auto call = std::move(calls_.front());
        calls_.pop_front();
        hold.unlock();
        call();
    }

 private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<std::function<void()>> calls_;
};

}  // namespace

TEST_CASE("a double is answered when the first is durable, not before", "[faults]")
{
    const test::TempFolder folder;
    Calls calls;
    ledger::Ledger::Options options;
    options.path = folder.file("raiten.db");
    options.store = "acme/ginza/box-1";
    auto ledger = ledger::Ledger::open(
        std::move(options), [&calls](std::function<void()> call) { calls.post(std::move(call)); });
    REQUIRE(ledger.has_value());
    auto pseudonyms = Pseudonyms::make(Secret{std::string(token_key_bytes, 'k')});
    REQUIRE(pseudonyms.has_value());
    ledger::SegmentMatcher segments;
    Shop::Setup setup;
    setup.sender.clock = make_store_clock("Asia/Tokyo", std::chrono::minutes{0}).value();
    setup.sender.currency = "JPY";
    setup.engine.clock = setup.sender.clock;
    Shop shop{std::move(setup), *pseudonyms, segments, ledger->get(), {}};
    REQUIRE(shop.resume().has_value());
    const auto token = pseudonyms->token("card:1");
    bool enrolled = false;
    ledger::Enrolment member;
    member.name = "m";
    member.tokens = {token.value()};
    REQUIRE(shop.enrol({member}, [&](const Result<void>&) { enrolled = true; }).has_value());
    while (!enrolled) calls.run_one();

    const Instant at{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
    const RawEvent tap{at, {}, RawCheckIn{"desk", "card:1", "tap-1"}};
    std::vector<Verdict> answers;
    const Shop::Done hear = [&](const Result<Answer>& answer) {
        answers.push_back(answer.value().verdict);
    };
    shop.admit(tap, at, hear);
    shop.admit(tap, at, hear);
    CHECK(answers.empty());
    while (answers.size() < 2) calls.run_one();
    CHECK(answers == std::vector{Verdict::accepted, Verdict::duplicate});

    // Once it is durable there is nothing to wait for.
    shop.admit(tap, at, hear);
    CHECK(answers.size() == 3);
    (*ledger)->stop();
}
