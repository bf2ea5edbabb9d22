#pragma once

#include "daemon/app/memory_members.hpp"
#include "daemon/base/overloaded.hpp"
#include "daemon/engine/engine.hpp"
#include "tests/support/same_segments.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace raiten::test {

/// A store told in lines of text, and what it answered in lines of text.
///
///     10:00 see ann door -60            one sighting          (day+HH:MM[:SS], "5+10:00")
///     10:00-10:05 see ann door -60 7    one every 7 seconds, both ends included
///     10:00 tap ann desk                a check-in            (also: tap ann desk #id)
///     10:00 sale 1 1280 ann             receipt 1 at register "pos", for ann; without a name:
///                                       nobody's
///     10:00 void 1 | refund 1 500
///     10:00 withdraw ann                ann takes her consent back (confirm, reject: equipment)
///     10:00 stage ann new core          the night found her in another stage
///     10:00 expect ann 5+10:00 3        the night expects her then, after 3 visits
///     10:00 birthday ann
///     10:00 survey ann s1 9             she would recommend the store
///     10:00 lease camp 1 1000 5 9+00:00 head office leases 1000 yen and 5 pieces until then
///     10:00 redeem camp till            the newest coupon of that campaign
///     10:00 down door | up door
///     10:00 tick
///     … @10:07                          at the end of a line: when it arrived, if later
///
/// Readers: door (entrance), floor, till (register), all passive; desk (entrance), which is not.
/// Members: ann, bob, cid, all with a beacon and a card; sue, who is staff; "dee" is unknown.
class StoreDay {
 public:
    explicit StoreDay(VisitRules rules = {}, std::vector<Campaign> campaigns = {});

    /// Tells the lines in their order of arrival; the answers since the last call, one per line.
    std::vector<std::string> play(const std::string& script);
    /// Lets time pass until everything has settled.
    std::vector<std::string> settle();

    /// play, then settle.
    std::vector<std::string> whole(const std::string& script);

    /// The events of a script, for those who want to shuffle them.
    std::vector<Event> events(const std::string& script);
    std::vector<std::string> tell(const Event& event);

    /// Ends this engine and goes on with another one, by its snapshot; by `other` if that is given.
    Result<void> restart(std::optional<std::string> other = {});

    Engine& engine() { return *engine_; }
    MemberRecord member(const std::string& name) { return members_.load(ids_.at(name)); }
    app::MemoryMembers& members() { return members_; }
    static std::string text_of_effect(const Effect& effect);
    Verdict last_verdict{};
    std::string last_reason;
    std::vector<Effect> effects;
    Consequence last;
    Token token(const std::string& name, TokenKind kind) const;

 private:
    CouponId newest_coupon(const std::string& campaign) const;
    MemberNotice notice(const std::string& verb, const std::string& name);

    app::MemoryMembers members_;
    raiten::test::SameSegments segments_;
    std::map<std::string, MemberId> ids_;
    Engine::Setup setup_;
    std::unique_ptr<Engine> engine_;
};

}  // namespace raiten::test
