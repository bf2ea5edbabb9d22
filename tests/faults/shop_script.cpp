#include "tests/faults/shop_script.hpp"

#include "daemon/base/iso8601.hpp"
#include "tests/support/dice.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace raiten::test {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

namespace {

class Writer {
 public:
    Writer(std::uint64_t seed, int steps) : dice_{seed}
    {
        last_.fill(now_ - std::chrono::hours{100});
        for (int i = 0; i < steps; ++i) step();
        now_ += std::chrono::hours{4 * 24};
        Json tick{{"type", "tick"}, {"at", script_time(now_)}};
        acts_.push_back({Act::Kind::events, tick.dump() + "\n", {}, false});
    }
    std::vector<Act> take() { return std::move(acts_); }

 private:
    void step()
    {
        now_ += dice_.below(4) == 0 ? Millis{4h} : Millis{dice_.below(12) * 60'000 + 30'000};
        const auto who = static_cast<int>(dice_.below(script_members));
        auto& last = last_[static_cast<std::size_t>(who)];
        const bool away = now_ - last > Millis{4h};
        switch (dice_.below(4)) {
            case 0:
                if (away) {
                    seen_thrice(who);
                    break;
                }
                [[fallthrough]];
            case 1:
                acts_.push_back({Act::Kind::checkin, checkin(who, true).dump(), {}, true});
                break;
            case 2:
                crowded(who);
                break;
            default:
                buy(who, now_);
        }
        last = now_;
        if (dice_.below(4) == 0) {
            now_ += Millis{5'000};
            buy(who, now_);
        }
        if (dice_.below(8) == 0) give_back();
        if (dice_.below(2) == 0)
            acts_.push_back({Act::Kind::redeem, {}, script_member(who), false});
    }

    Json checkin(int who, bool keyed)
    {
        Json out{{"type", "checkin"},
                 {"at", script_time(now_)},
                 {"reader", "desk"},
                 {"token", script_token(who)}};
        if (keyed) out["id"] = "tap-" + std::to_string(++taps_);
        return out;
    }
    Json sighting(const std::string& token, const char* reader)
    {
        return {{"type", "sighting"},
                {"at", script_time(now_)},
                {"reader", reader},
                {"token", token},
                {"rssi", -60}};
    }
    /// The third sighting opens the visit: what comes before it is durable with it.
    void seen_thrice(int who)
    {
        const char* reader = dice_.below(2) == 0 ? "door" : "hall";
        std::string lines;
        for (int i = 0; i < 3; ++i) {
            now_ += Millis{10'000};
            lines += sighting(script_beacon(who), reader).dump() + "\n";
        }
        acts_.push_back({Act::Kind::events, lines, {}, false});
    }
    /// Two members at once, and a line that is none. No strangers: those of the last minute are
    /// lost with a kill, and an hour of strangers alone has a summary.
    void crowded(int who)
    {
        const auto other = static_cast<int>(dice_.below(script_members));
        std::string lines = checkin(who, true).dump() + "\n";
        lines += "this line is no event\n";
        lines += checkin(other, true).dump() + "\n";
        last_[static_cast<std::size_t>(other)] = now_;
        acts_.push_back({Act::Kind::events, lines, {}, false});
    }
    void buy(int who, Instant at)
    {
        const auto number = std::to_string(100 + ++receipts_);
        const auto total = std::to_string(100 * (1 + dice_.below(50)));
        Json out{{"at", script_time(at)}, {"pos", "reg-1"}, {"number", number},
                 {"kind", "sale"},        {"total", total}, {"currency", "JPY"},
                 {"lines", Json::array()}};
        out["token"] = script_token(who);
        out["lines"].push_back(
            {{"sku", "4901"}, {"name", "tea"}, {"quantity", "1"}, {"amount", total}});
        acts_.push_back({Act::Kind::receipt, out.dump(), {}, true});
        sold_.push_back({number, total, script_token(who)});
    }
    /// A void or a refund of something sold before.
    void give_back()
    {
        if (sold_.empty()) return;
        const auto sale = sold_[dice_.below(sold_.size())];
        std::erase_if(sold_, [&](const Sale& each) { return each.number == sale.number; });
        const bool refund = dice_.below(2) == 0;
        Json out{{"at", script_time(now_)},
                 {"pos", "reg-1"},
                 {"number", refund ? std::to_string(100 + ++receipts_) : sale.number},
                 {"kind", refund ? "refund" : "void"},
                 {"token", sale.token},
                 {"total", sale.total},
                 {"currency", "JPY"}};
        if (refund) out["refers_to"] = sale.number;
        acts_.push_back({Act::Kind::receipt, out.dump(), {}, true});
    }

    struct Sale {
        std::string number, total, token;
    };
    stage::Dice dice_;
    Instant now_ = script_start();
    std::array<Instant, script_members> last_{};
    std::vector<Sale> sold_;
    int taps_{};
    int receipts_{};
    std::vector<Act> acts_;
};

}  // namespace

std::string script_member(int number)
{
    return "m-" + std::to_string(number);
}

std::string script_token(int number)
{
    return "felica:012345670000000" + std::to_string(number);
}

std::string script_beacon(int number)
{
    return "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e/1/" + std::to_string(number + 1);
}

std::vector<Act> shop_script(std::uint64_t seed, int steps)
{
    return Writer{seed, steps}.take();
}

Instant script_start()
{
    using namespace std::chrono;
    return sys_days{year{2090} / 1 / 10} + hours{1};
}

std::string script_time(Instant at)
{
    return format_instant(at, std::chrono::minutes{540});
}

std::string script_readers()
{
    return R"(
[[reader]]
name = "door"
zone = "entrance"
driver = "api"
passive = true
[[reader]]
name = "hall"
zone = "floor"
driver = "api"
passive = true
[[reader]]
name = "desk"
zone = "floor"
driver = "api"
)";
}

std::string script_campaign()
{
    return R"({"id":"back","moment":"non_purchase_return","where":"streak >= 1",
"offers":[{"code":"B300","text":{"en":"300 off"},"value":"300","cost":"300"}],
"valid_for":"1d","control":0})";
}

std::string script_capped_campaign()
{
    return R"({"id":"capped","moment":"non_purchase_return","where":"streak >= 1",
"offers":[{"code":"C100","text":{"en":"100 off"},"value":"100","cost":"100"}],
"valid_for":"2d","control":0.3,"per_day":2,"budget":"1000"})";
}

}  // namespace raiten::test
