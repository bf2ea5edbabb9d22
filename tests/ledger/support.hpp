#pragma once

#include "daemon/ledger/ledger.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

namespace raiten::ledger {

/// The value, or an exception that says what was wrong.
template <class T>
T value(Result<T> result)
{
    if (!result) throw std::runtime_error{result.error().text()};
    return std::move(result).value();
}

/// The event loop as far as a ledger sees it: what is posted runs when the test says so.
class TestLoop {
 public:
    Committer::Post post();
    /// Runs what is posted until `done` holds; false after a minute without it.
    bool run_until(const std::function<bool()>& done);

 private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> posted_;
};

class TempFolder {
 public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
    std::filesystem::path path_;
};

/// A ledger in a file, with its loop.
struct Opened {
    explicit Opened(const std::string& path, Committer::Options commit = {});
    /// Commits and waits until it is durable.
    void commit(Batch batch);
    std::vector<MemberId> enrol(const std::vector<Enrolment>& list);

    TestLoop loop;
    std::unique_ptr<Ledger> ledger;
};
Ledger::Options options_for(const std::string& path);

/// 2026-11-22T01:00:00Z and then some.
Instant at(Millis later);
Token token(std::uint64_t number, TokenKind kind = TokenKind::card);

VisitRecord some_visit(std::mt19937_64& random, MemberId member, const std::string& name,
                       std::uint32_t ordinal);
CouponRecord some_coupon(std::mt19937_64& random, MemberId member, const std::string& name);
Summary some_summary(std::mt19937_64& random, Summary::Bucket bucket, Instant from);

/// Every field in one line, so that equal lines are equal records.
std::string line(const VisitRecord& visit);
std::string line(const CouponRecord& coupon);
std::string line(const MemberRecord& member);
std::string line(const Summary& summary);
std::string line(const Remembered& remembered);

}  // namespace raiten::ledger
