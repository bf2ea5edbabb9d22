#include "daemon/app/shop.hpp"
#include "daemon/app/store_clock.hpp"
#include "daemon/ledger/segments.hpp"
#include "tests/support/mosquitto.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

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

/// A shop with a ledger on its disk, and one member, "m", who has a card.
struct Kept {
    const test::TempFolder folder;
    Calls calls;
    std::unique_ptr<ledger::Ledger> ledger;
    std::optional<Pseudonyms> pseudonyms;
    ledger::SegmentMatcher segments;
    std::optional<Shop> shop;

    Kept()
    {
        ledger::Ledger::Options options;
        options.path = folder.file("raiten.db");
        options.store = "acme/ginza/box-1";
        auto opened = ledger::Ledger::open(std::move(options), [this](std::function<void()> call) {
            calls.post(std::move(call));
        });
        REQUIRE(opened.has_value());
        ledger = std::move(opened).value();
        auto made = Pseudonyms::make(Secret{std::string(token_key_bytes, 'k')});
        REQUIRE(made.has_value());
        pseudonyms.emplace(std::move(made).value());
        Shop::Setup setup;
        setup.sender.clock = make_store_clock("Asia/Tokyo", std::chrono::minutes{0}).value();
        setup.sender.currency = "JPY";
        setup.engine.clock = setup.sender.clock;
        shop.emplace(std::move(setup), *pseudonyms, segments, ledger.get(), Shop::Callbacks{});
        REQUIRE(shop->resume().has_value());
        bool enrolled = false;
        ledger::Enrolment member;
        member.name = "m";
        member.tokens = {pseudonyms->token("card:1").value()};
        REQUIRE(shop->enrol({member}, [&](const Result<void>&) { enrolled = true; }).has_value());
        while (!enrolled) calls.run_one();
    }
    ~Kept() { ledger->stop(); }
};

constexpr Instant morning{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
const RawEvent tap{morning, {}, RawCheckIn{"desk", "card:1", "tap-1"}};

}  // namespace

/// Whoever hears "that is known already" must be able to rely on it as on the first answer: it is
/// given when the first is durable, not before.
TEST_CASE("a double is answered when the first is durable, not before", "[faults]")
{
    Kept kept;
    std::vector<Verdict> answers;
    const Shop::Done hear = [&](const Result<Answer>& answer) {
        answers.push_back(answer.value().verdict);
    };
    kept.shop->admit(tap, morning, hear);
    kept.shop->admit(tap, morning, hear);
    CHECK(answers.empty());
    while (answers.size() < 2) kept.calls.run_one();
    CHECK(answers == std::vector{Verdict::accepted, Verdict::duplicate});

    // Once it is durable there is nothing to wait for.
    kept.shop->admit(tap, morning, hear);
    CHECK(answers.size() == 3);
}

TEST_CASE("what falls due while a night is told is kept as at any other time", "[faults][nights]")
{
    Kept kept;
    bool there = false;
    kept.shop->admit(tap, morning,
                     [&](const Result<Answer>& answer) { there = answer.has_value(); });
    while (!there) kept.calls.run_one();

    // Nobody let time pass since, so that the night's first word is also the visit's end.
    NightSlice slice;
    const auto member = kept.shop->members().member_of(kept.pseudonyms->token("card:1")->key);
    REQUIRE(member.has_value());
    slice.moves.push_back({*member, "m", Stage::fresh, Stage::light, 1});
    bool told = false;
    kept.shop->take_scores(std::move(slice), morning + std::chrono::hours{6},
                           [&](bool durable) { told = durable; });
    while (!told) kept.calls.run_one();

    const auto page = kept.ledger->visits({});
    REQUIRE(page.has_value());
    REQUIRE(page->visits.size() == 1);
    CHECK(page->visits[0].state == VisitState::settled);
    const auto record = kept.ledger->member("m");
    REQUIRE(record.has_value());
    CHECK(record.value()->settled_visits == 1);
}
