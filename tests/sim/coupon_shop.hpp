#pragma once

#include "tests/sim/clockwork.hpp"
#include "tests/sim/daemon.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/head_office.hpp"
#include "tests/support/temp_folder.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace raiten::sim {

/// A store on the simulated disk in which the test decides what happens. Whoever tells it something
/// waits for the answer and, where the store was gone before it came, tells it to the next life
/// again. Throws Broken.
class CouponShop {
 public:
    CouponShop(std::uint64_t seed, std::vector<Campaign> campaigns, int members);
    ~CouponShop();
    CouponShop(const CouponShop&) = delete;
    CouponShop& operator=(const CouponShop&) = delete;

    enum class End : std::uint8_t {
        kill,       ///< what was written stays
        power_cut,  ///< what was not synced is kept, lost or torn
        whole,      ///< asked to: the engine's whole state is left to the next life
    };
    /// At the nth write, cut, sync or removal of the disk from now on this life ends; as soon as
    /// the next one has written `again` times (0: never), that one too.
    void light_fuse(std::uint64_t nth, End how, std::uint64_t again = 0);
    /// Whether the first of the two has burnt.
    bool burnt() const { return !lit_ && lives_ > 1; }
    void restart(End how);

    void pass(Millis span);
    Instant now() const;

    using Ask = std::function<void(app::Shop&, Instant, const app::Shop::Done&)>;
    app::Answer tell(const Ask& ask);
    app::Answer check_in(int member, const std::string& id);
    app::Answer check_in(int member, const std::string& id, Instant at);
    app::Answer receipt(int member, const std::string& number, ReceiptKind kind);
    app::Answer receipt(int member, const std::string& number, ReceiptKind kind, Instant at);
    app::Answer redeem(CouponId coupon, const std::string& where);
    app::Answer deliver(CouponId coupon);
    app::Answer withdraw(int member);

    /// All coupons in the ledger's file, in order of decision.
    std::vector<CouponRecord> coupons();
    /// How each campaign stands, as the engine says it; Broken where the coupons in the ledger's
    /// file say otherwise.
    std::string standings();
    /// What the file holds of coupons and of the outbox; Broken where numbers have gaps or come
    /// twice, where a coupon's life is no life, or where there are two for one occasion.
    std::string books();

    int lives() const { return lives_; }
    int whole_lives() const { return whole_; }

 private:
    void start();
    void end(bool power_cut);
    void turn();
    void settle();
    app::Answer admit(Instant at, const decltype(app::RawEvent::what)& what);

    Trace trace_;
    Clockwork clock_;
    Disk disk_;
    MountedDisk mounted_;
    HeadOffice office_;
    test::TempFolder folder_;  ///< holds the lock only
    Daemon::World world_;
    stage::Dice dice_;
    std::unique_ptr<Daemon> daemon_;
    bool lit_{};
    bool power_{};
    std::uint64_t again_{};
    bool starting_{};
    int lives_{};
    int whole_{};
};

}  // namespace raiten::sim
