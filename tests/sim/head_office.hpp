#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/model/lane.hpp"
#include "tests/sim/clockwork.hpp"
#include "tests/sim/trace.hpp"
#include "tests/support/dice.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace raiten::sim {

inline constexpr std::string_view sim_tenant = "sim", sim_store = "tokyo-1", sim_device = "box";

/// One connection as the broker sees it. `tell` may be called for as long as it is `up`.
struct Line {
    std::uint64_t number{};
    bool up{true};
    bool stalled{};  ///< takes what comes, and answers nothing
    bool subscribed{};
    std::string will;
    Millis arrives_at{};  ///< what is sent later never arrives earlier
    Millis answers_at{};
    std::array<std::uint64_t, lanes.size()> last{};  ///< sequence last published
    std::function<void(std::string topic, std::string payload)> deliver;
    std::function<void(std::string why)> lost;
};

/// A broker and the receiver behind it, with everything that may go wrong between a store and
/// them. The broker forgets; what HQ has stored it has for good. README.md says what each may do.
class HeadOffice {
 public:
    struct Faults {
        double refuses_connection{};
        double silent{};         ///< connections that are never answered
        double breaks{};         ///< publishes that break the connection
        double stalls{};         ///< publishes after which nothing is answered any more
        double turns_down{};     ///< publishes refused with "quota exceeded"
        double doubles{};        ///< messages given to HQ twice
        double withholds_ack{};  ///< words of HQ that never come
        Millis latency_max{40};
        bool down{};  ///< no broker
        bool mute{};  ///< HQ stores, and says nothing
    };

    HeadOffice(std::uint64_t seed, Clockwork& clock, Trace& trace);
    ~HeadOffice();
    HeadOffice(const HeadOffice&) = delete;
    HeadOffice& operator=(const HeadOffice&) = delete;

    /// The one that links connect to.
    static HeadOffice& here();

    Faults faults;

    // ---- the broker, as links use it (link.cpp)

    using Answer = std::function<void(const char* refusal)>;  ///< nullptr: well
    void connect(const std::shared_ptr<Line>& line, Answer answer);
    void subscribe(const std::shared_ptr<Line>& line, Answer answer);
    void publish(const std::shared_ptr<Line>& line, std::string topic, std::string payload,
                 bool retained, Answer answer);
    /// `gently`: with a DISCONNECT, so that the will is not sent.
    void hang_up(const std::shared_ptr<Line>& line, bool gently);

    /// Every connection breaks; with `forgets`, so does the broker's memory.
    void crash(bool forgets);

    // ---- what the oracle looks at

    struct Message {
        std::uint64_t epoch{};
        Lane lane{};
        std::uint64_t from{};  ///< of a gap; else the sequence itself
        std::uint64_t sequence{};
        std::string id;
        std::string type;
        std::string payload;
    };
    using Place = std::pair<Lane, std::uint64_t>;
    const std::map<Place, Message>& stored() const { return stored_; }
    /// What the broker acknowledged to the store, whether or not HQ got it.
    const std::map<Place, Message>& taken() const { return taken_; }
    std::uint64_t contiguous(Lane lane) const
    {
        return contiguous_[static_cast<std::size_t>(lane)];
    }
    /// Of the retained `status`: nothing if it was forgotten.
    std::optional<bool> online() const { return online_; }

 private:
    Millis latency();
    void later(Millis span, std::function<void()> what);
    void arrived(const std::shared_ptr<Line>& line, const std::string& topic,
                 const std::string& payload, bool retained);
    void in_order(Line& line, const Message& message);
    void queue(const Message& message);
    void deliver_next(std::uint64_t memory);
    void store(const Message& message);
    void speak();
    void end(std::shared_ptr<Line> line, bool with_will);
    static void advance(const std::map<Place, Message>& messages, Lane lane,
                        std::uint64_t& through);

    stage::Dice dice_;
    Clockwork& clock_;
    Trace& trace_;
    std::shared_ptr<Line> line_;
    std::uint64_t lines_{};
    std::uint64_t memory_{};  ///< counts what the broker forgot
    std::deque<Message> queue_;
    std::deque<std::string> words_;  ///< acks for a store that is away
    std::optional<bool> online_;
    std::map<Place, Message> taken_;
    std::map<Place, Message> stored_;
    std::array<std::uint64_t, lanes.size()> contiguous_{};
    std::array<std::uint64_t, lanes.size()> taken_through_{};
    std::uint64_t epoch_{};
};

}  // namespace raiten::sim
