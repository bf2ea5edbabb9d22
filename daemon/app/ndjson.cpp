#include "daemon/app/ndjson.hpp"

#include "daemon/app/nearest.hpp"
#include "daemon/app/token_text.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/model/token.hpp"

#include <nlohmann/json.hpp>

#include <bitset>

namespace raiten::app {
namespace {

using nlohmann::json;

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t text_bytes_max = 1024;
constexpr int depth_max = 8;
constexpr std::int64_t rssi_least = -127;
constexpr std::int64_t rssi_most = 20;

/// The keys of an event; `printed_at` is evidence that is not kept.
constexpr std::array<std::string_view, 18> event_keys{
    "type",  "at",    "received_at", "reader",   "token",     "rssi",
    "id",    "pos",   "number",      "kind",     "total",     "currency",
    "lines", "state", "reason",      "rotating", "refers_to", "printed_at"};
constexpr std::array<std::string_view, 5> line_keys{"sku", "name", "quantity", "amount",
                                                    "category"};

/// A value that is no object and no list.
struct Field {
    enum class Held : std::uint8_t {
        absent,
        null,
        flag,
        whole,
        fraction,
        text,
        list,
        object
    } held{};
    std::string text;
    std::int64_t whole{};
    bool flag{};
};

template <std::size_t N>
struct Fields {
    const std::array<std::string_view, N>& keys;
    std::array<Field, N> values{};
    std::bitset<N> seen{};

    std::size_t place(std::string_view key) const
    {
        return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
    }
    const Field& operator[](std::string_view key) const { return values[place(key)]; }
};
using EventFields = Fields<event_keys.size()>;
using LineFields = Fields<line_keys.size()>;

/// Takes what the JSON parser tells, without building a tree: one object, and in it perhaps the
/// list "lines" of objects. Everything else that is nested is passed over.
class Collector final : public nlohmann::json_sax<json> {
 public:
    EventFields event{event_keys};
    std::vector<LineFields> lines;
    std::uint32_t ignored{};
    std::optional<Problem> problem;

    bool null() override
    {
        return put([](Field& f) { f.held = Field::Held::null; });
    }
    bool boolean(bool value) override
    {
        return put([&](Field& f) {
            f.held = Field::Held::flag;
            f.flag = value;
        });
    }
    bool number_integer(number_integer_t value) override { return put_whole(value); }
    bool number_unsigned(number_unsigned_t value) override
    {
        return put_whole(static_cast<std::int64_t>(
            std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max())));
    }
    bool number_float(number_float_t, const string_t&) override
    {
        return put([](Field& f) { f.held = Field::Held::fraction; });
    }
    bool string(string_t& value) override
    {
        return put([&](Field& f) {
            f.held = Field::Held::text;
            f.text = std::move(value);
        });
    }
    bool binary(binary_t&) override { return refuse("binary data"); }

    bool key(string_t& name) override
    {
        if (depth_ == 1) return take_key(event, name);
        if (in_line()) return take_key(lines.back(), name);
        return true;
    }

    bool start_object(std::size_t) override
    {
        if (depth_ == 0) return deeper();
        if (depth_ == 2 && in_lines_) {
            if (lines.size() == receipt_lines_max) return refuse("more than 512 lines");
            lines.emplace_back(LineFields{line_keys});
            return deeper();
        }
        mark(Field::Held::object);
        return deeper();
    }
    bool end_object() override { return shallower(); }
    bool start_array(std::size_t) override
    {
        if (depth_ == 0) return refuse("is a list, not an event");
        if (depth_ == 1 && target_ != nullptr && target_ == &event.values[event.place("lines")])
            in_lines_ = true;
        mark(Field::Held::list);
        return deeper();
    }
    bool end_array() override
    {
        if (depth_ == 2) in_lines_ = false;
        return shallower();
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override
    {
        problem = Problem{"is not JSON from here on", "byte " + std::to_string(position)};
        return false;
    }

 private:
    bool in_line() const { return in_lines_ && depth_ == 3; }

    bool refuse(std::string what)
    {
        problem = Problem{std::move(what)};
        return false;
    }
    bool deeper()
    {
        if (++depth_ > depth_max) return refuse("is nested too deeply");
        return true;
    }
    bool shallower()
    {
        --depth_;
        target_ = nullptr;
        return true;
    }
    void mark(Field::Held held)
    {
        if (target_ != nullptr) target_->held = held;
        target_ = nullptr;
    }

    template <std::size_t N>
    bool take_key(Fields<N>& fields, const std::string& name)
    {
        const auto place = fields.place(name);
        target_ = nullptr;
        if (place == N) {
            ++ignored;
            return true;
        }
        if (fields.seen[place]) {
            problem = Problem{"stands twice", std::string{fields.keys[place]}};
            return false;
        }
        fields.seen[place] = true;
        target_ = &fields.values[place];
        return true;
    }

    template <class Set>
    bool put(const Set& set)
    {
        if (depth_ == 0) return refuse("is not an event");
        if (depth_ == 2 && in_lines_) {
            problem = Problem{"holds something else than lines", "lines"};
            return false;
        }
        if (target_ != nullptr) set(*target_);
        target_ = nullptr;
        return true;
    }
    bool put_whole(std::int64_t value)
    {
        return put([&](Field& f) {
            f.held = Field::Held::whole;
            f.whole = value;
        });
    }

    int depth_{};
    bool in_lines_{};
    Field* target_{};
};

/// Reads fields as what they must be, and keeps the first that is not.
class Needs {
 public:
    void blame(std::string where, std::string what, std::string advice = {})
    {
        if (!problem_) problem_ = Problem{std::move(what), std::move(where), std::move(advice)};
    }
    const std::optional<Problem>& problem() const { return problem_; }

    static bool empty(const Field& field)
    {
        return field.held == Field::Held::absent || field.held == Field::Held::null;
    }

    std::string text(const Field& field, const std::string& where, std::size_t bytes_max)
    {
        if (empty(field)) return {};
        if (field.held != Field::Held::text)
            blame(where, "is not a text", "write it in quotes");
        else if (field.text.size() > bytes_max)
            blame(where, "is longer than " + std::to_string(bytes_max) + " bytes");
        else if (!is_plain_utf8(field.text))
            blame(where, "holds control characters");
        return field.text;
    }
    std::string needed_text(const Field& field, const std::string& where, std::size_t bytes_max)
    {
        if (empty(field) || (field.held == Field::Held::text && field.text.empty()))
            blame(where, "is missing");
        return text(field, where, bytes_max);
    }
    std::string token(const Field& field, const std::string& where, bool needed)
    {
        if (needed && empty(field)) blame(where, "is missing", "such as \"card:2900000000018\"");
        auto read = text(field, where, token_bytes_max);
        if (read.empty()) {
            if (needed) blame(where, "is missing", "such as \"card:2900000000018\"");
            return read;
        }
        if (const auto good = normalise_token(read); !good)
            blame(where, good.error().what, good.error().advice);
        return read;
    }
    Money money(const Field& field, const std::string& where, bool needed)
    {
        if (empty(field)) {
            if (needed) blame(where, "is missing", "such as \"1280\"");
            return {};
        }
        if (field.held == Field::Held::whole || field.held == Field::Held::fraction) {
            blame(where, "is a number",
                  "write it as a decimal string, such as \"1280\" or \"3.50\"");
            return {};
        }
        const auto read = text(field, where, name_bytes_max);
        if (problem_) return {};
        const auto amount = Money::parse(read);
        if (!amount) blame(where, "is not an amount", "such as \"1280\" or \"3.50\"");
        return amount ? *amount : Money{};
    }
    std::optional<Instant> instant(const Field& field, const std::string& where)
    {
        if (empty(field)) return std::nullopt;
        const auto read = parse_instant(text(field, where, name_bytes_max));
        if (read) return *read;
        blame(where, "is not a time",
              "write ISO 8601 with an offset, such as 2026-11-22T10:00:00.120+09:00");
        return std::nullopt;
    }
    std::optional<std::int16_t> level(const Field& field, const std::string& where)
    {
        if (empty(field)) return std::nullopt;
        const bool good = field.held == Field::Held::whole && field.whole >= rssi_least
                          && field.whole <= rssi_most;
        if (!good)
            blame(where, "is not a level",
                  "write whole dBm from -127 to 20, or null where it is not known");
        return good ? std::optional{static_cast<std::int16_t>(field.whole)} : std::nullopt;
    }
    bool flag(const Field& field, const std::string& where)
    {
        if (empty(field)) return false;
        if (field.held != Field::Held::flag) blame(where, "is neither true nor false");
        return field.flag;
    }

 private:
    std::optional<Problem> problem_;
};

RawSighting sighting(const EventFields& f, Needs& needs)
{
    RawSighting s;
    s.reader = needs.needed_text(f["reader"], "reader", name_bytes_max);
    s.token = needs.token(f["token"], "token", true);
    s.rssi_dbm = needs.level(f["rssi"], "rssi");
    s.rotating = needs.flag(f["rotating"], "rotating");
    return s;
}

RawCheckIn check_in(const EventFields& f, Needs& needs)
{
    RawCheckIn c;
    c.reader = needs.needed_text(f["reader"], "reader", name_bytes_max);
    c.token = needs.token(f["token"], "token", true);
    c.id = needs.text(f["id"], "id", text_bytes_max);
    return c;
}

RawReaderState reader_state(const EventFields& f, Needs& needs)
{
    RawReaderState r;
    r.reader = needs.needed_text(f["reader"], "reader", name_bytes_max);
    const auto state = needs.needed_text(f["state"], "state", name_bytes_max);
    if (state != "up" && state != "down") needs.blame("state", "is neither \"up\" nor \"down\"");
    r.up = state == "up";
    r.reason = needs.text(f["reason"], "reason", text_bytes_max);
    return r;
}

RawLine receipt_line(const LineFields& f, const std::string& where, Needs& needs)
{
    RawLine line;
    line.sku = needs.text(f["sku"], where + ".sku", text_bytes_max);
    line.name = needs.text(f["name"], where + ".name", text_bytes_max);
    line.quantity = needs.money(f["quantity"], where + ".quantity", false);
    line.amount = needs.money(f["amount"], where + ".amount", false);
    line.category = needs.text(f["category"], where + ".category", text_bytes_max);
    return line;
}

bool is_currency(std::string_view text)
{
    return text.size() == 3
           && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

RawReceipt receipt(const Collector& in, Needs& needs)
{
    const auto& f = in.event;
    RawReceipt r;
    r.pos = needs.needed_text(f["pos"], "pos", name_bytes_max);
    r.number = needs.needed_text(f["number"], "number", name_bytes_max);
    const auto kind = needs.needed_text(f["kind"], "kind", name_bytes_max);
    if (kind == "refund")
        r.kind = ReceiptKind::refund;
    else if (kind == "void")
        r.kind = ReceiptKind::void_;
    else if (kind != "sale")
        needs.blame("kind", "is neither \"sale\" nor \"refund\" nor \"void\"");
    r.token = needs.token(f["token"], "token", false);
    r.total = needs.money(f["total"], "total", true);
    if (r.total < Money{})
        needs.blame("total", "is negative", "kind says which way the money went");
    r.currency = needs.needed_text(f["currency"], "currency", name_bytes_max);
    if (!is_currency(r.currency))
        needs.blame("currency", "is not an ISO 4217 code", "such as \"JPY\"");
    r.refers_to = needs.text(f["refers_to"], "refers_to", name_bytes_max);
    const auto held = f["lines"].held;
    if (!Needs::empty(f["lines"]) && held != Field::Held::list)
        needs.blame("lines", "is not a list of lines");
    for (std::size_t i = 0; i < in.lines.size(); ++i)
        r.lines.push_back(receipt_line(in.lines[i], "lines[" + std::to_string(i) + "]", needs));
    return r;
}

}  // namespace

Result<RawEvent> parse_line(std::string_view line)
{
    if (line.size() > ndjson_line_bytes_max)
        return Problem{"is longer than " + std::to_string(ndjson_line_bytes_max) + " bytes"};
    if (line.find_first_not_of(" \t\r\n") == std::string_view::npos) return Problem{"is empty"};
    Collector in;
    if (!json::sax_parse(line, &in)) return in.problem.value_or(Problem{"is not JSON"});
    Needs needs;
    RawEvent event;
    event.ignored_keys = in.ignored;
    const auto type = needs.needed_text(in.event["type"], "type", name_bytes_max);
    event.at = needs.instant(in.event["at"], "at");
    event.received_at = needs.instant(in.event["received_at"], "received_at");
    if (type == "sighting")
        event.what = sighting(in.event, needs);
    else if (type == "checkin")
        event.what = check_in(in.event, needs);
    else if (type == "receipt")
        event.what = receipt(in, needs);
    else if (type == "reader")
        event.what = reader_state(in.event, needs);
    else if (type == "tick") {
        if (!event.at && !event.received_at) needs.blame("at", "is missing");
        event.what = RawTick{};
    } else
        needs.blame("type", "is not a kind of event",
                    advice_for(type, {"sighting", "checkin", "receipt", "reader", "tick"}));
    if (needs.problem()) return *needs.problem();
    return event;
}

}  // namespace raiten::app
