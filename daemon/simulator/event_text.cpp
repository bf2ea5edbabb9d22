#include "daemon/simulator/event_text.hpp"

#include "daemon/base/iso8601.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace raiten::simulator {
namespace {

constexpr std::size_t sighting_bytes_max = 512;  // a token has at most 256
constexpr std::size_t ms_at = 20;
constexpr std::string_view before_at = R"({"type":"sighting","at":")";
constexpr std::string_view before_received = R"(","received_at":")";
constexpr std::string_view before_rssi = R"(","rssi":)";
constexpr std::string_view rotating = R"(,"rotating":true)";

/// A line under way in a buffer that is large enough.
class Line {
 public:
    void add(std::string_view text)
    {
        std::memcpy(end_, text.data(), text.size());
        end_ += text.size();
    }
    void add(int number) { end_ = std::to_chars(end_, bytes_.data() + bytes_.size(), number).ptr; }
    void add(TimeText& time, Instant at)
    {
        time.put(at, end_);
        end_ += TimeText::size;
    }
    std::string_view text() const
    {
        return {bytes_.data(), static_cast<std::size_t>(end_ - bytes_.data())};
    }

 private:
    std::array<char, sighting_bytes_max> bytes_;
    char* end_{bytes_.data()};
};

/// Names and tokens of a simulated store hold nothing that JSON must escape.
std::string key(std::string_view name, std::string_view value)
{
    std::string out{",\""};
    out.append(name).append("\":\"").append(value).append("\"");
    return out;
}

std::string line_of(const ReceiptLine& line)
{
    std::string out = R"({"sku":")" + line.sku + '"';
    out += key("name", line.name);
    out += key("quantity", line.quantity.text());
    out += key("amount", line.amount.text());
    out += key("category", line.category);
    return out + "}";
}

}  // namespace

void TimeText::put(Instant at, char* out)
{
    const auto second = std::chrono::floor<std::chrono::seconds>(at);
    if (second != second_) {
        second_ = second;
        const auto text = format_instant(second, clock_.offset_at(second));
        std::copy_n(text.begin(), std::min(text.size(), shown_.size()), shown_.begin());
    }
    auto ms = static_cast<unsigned>((at - second).count());
    std::memcpy(out, shown_.data(), size);
    for (std::size_t n = ms_at + 2; n >= ms_at; --n, ms /= 10)
        out[n] = static_cast<char>('0' + ms % 10);
}

std::string TimeText::text(Instant at)
{
    std::string out(size, ' ');
    put(at, out.data());
    return out;
}

std::string_view text_of(ReceiptKind kind)
{
    switch (kind) {
        case ReceiptKind::sale:
            return "sale";
        case ReceiptKind::refund:
            return "refund";
        case ReceiptKind::void_:
            return "void";
    }
    return {};
}

EventText::EventText(const Store& store)
    : store_{store}, time_{store.scenario().clock}, largest_at_{Instant::min()}
{
    for (const auto& reader : store.plan().readers)
        readers_.push_back(R"(","reader":")" + reader.name + R"(","token":")");
}

std::size_t EventText::write(const Day& day, std::size_t begin, std::size_t count, std::string& out)
{
    const auto end = std::min(day.arrivals.size(), begin + count);
    for (auto n = begin; n < end; ++n) {
        const auto& arrival = day.arrivals[n];
        largest_at_ = std::max(largest_at_, arrival.at);
        if (arrival.kind == Arrival::Kind::sighting)
            sighting(day, arrival, out);
        else
            other(day, arrival, out);
    }
    return end;
}

void EventText::sighting(const Day& day, const Arrival& arrival, std::string& out)
{
    const auto& tag = store_.tag(day, arrival.number);
    Line line;
    line.add(before_at);
    line.add(time_, arrival.at);
    if (arrival.received_at != largest_at_) {
        line.add(before_received);
        line.add(time_, arrival.received_at);
    }
    line.add(readers_[arrival.reader]);
    line.add(tag.token);
    line.add(before_rssi);
    line.add(int{arrival.rssi_dbm});
    if (tag.rotating) line.add(rotating);
    line.add("}\n");
    out += line.text();
}

std::string EventText::times(const Arrival& arrival)
{
    auto out = key("at", time_.text(arrival.at));
    if (arrival.received_at != largest_at_)
        out += key("received_at", time_.text(arrival.received_at));
    return out;
}

void EventText::other(const Day& day, const Arrival& arrival, std::string& out)
{
    using Kind = Arrival::Kind;
    const auto& reader = store_.plan().readers[arrival.reader].name;
    if (arrival.kind == Kind::check_in) {
        out += R"({"type":"checkin")" + times(arrival) + key("reader", reader);
        out += key("token", store_.tag(day, arrival.number).token) + "}\n";
        return;
    }
    if (arrival.kind != Kind::receipt) {
        const bool up = arrival.kind == Kind::reader_up;
        out += R"({"type":"reader")" + times(arrival) + key("reader", reader);
        out += key("state", up ? "up" : "down") + (up ? "" : key("reason", "outage")) + "}\n";
        return;
    }
    const auto& slip = day.slips[arrival.number];
    out += R"({"type":"receipt")" + times(arrival) + key("pos", reader);
    out += key("number", slip.number) + key("kind", text_of(slip.kind));
    if (slip.card) out += key("token", store_.tag(day, *slip.card).token);
    out += key("total", slip.total.text()) + key("currency", "JPY");
    if (!slip.refers_to.empty()) out += key("refers_to", slip.refers_to);
    out += R"(,"lines":[)";
    for (std::size_t n = 0; n < slip.lines.size(); ++n)
        out += (n > 0 ? "," : "") + line_of(slip.lines[n]);
    out += "]}\n";
}

}  // namespace raiten::simulator
