#include "daemon/simulator/truth_text.hpp"

#include "daemon/simulator/event_text.hpp"
#include "daemon/simulator/people.hpp"

#include <charconv>

namespace raiten::simulator {
namespace {

/// One object of one line. Nothing in a simulated store needs escaping.
class Object {
 public:
    explicit Object(std::string& out) : out_{out} { out_ += '{'; }
    void text(std::string_view key, std::string_view value)
    {
        begin(key);
        out_.append("\"").append(value).append("\"");
    }
    void raw(std::string_view key, std::string_view value)
    {
        begin(key);
        out_ += value;
    }
    void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
    void close() { out_ += '}'; }

    /// A list; `write` appends each thing.
    template <class Things, class Write>
    void list(std::string_view key, const Things& things, const Write& write)
    {
        begin(key);
        out_ += '[';
        bool first = true;
        for (const auto& thing : things) {
            if (!first) out_ += ',';
            first = false;
            write(thing);
        }
        out_ += ']';
    }

 private:
    void begin(std::string_view key)
    {
        if (!first_) out_ += ',';
        first_ = false;
        out_.append("\"").append(key).append("\":");
    }
    std::string& out_;
    bool first_{true};
};

class DayTruth {
 public:
    DayTruth(const Store& store, const Day& day, std::string& out)
        : store_{store}, day_{day}, time_{store.scenario().clock}, out_{out}
    {
    }

    void write()
    {
        const auto& truth = day_.truth;
        for (const auto& one : truth.outages) outage(one);
        for (const auto& one : truth.visits) visit(one);
        for (const auto& one : truth.purchases) purchase(one);
        for (const auto& one : truth.passers_by) passer_by(one);
        for (const auto& one : truth.shifts) {
            Object line{out_};
            line.text("type", "shift");
            line.text("member", store_.people()[one.person].name);
            span(line, one.span);
            end(line);
        }
        for (const auto& one : truth.fixtures) {
            Object line{out_};
            line.text("type", "fixture");
            line.text("member", store_.people()[one.person].name);
            line.text("token", store_.tag(day_, one.tag).token);
            span(line, one.span);
            end(line);
        }
    }

 private:
    void end(Object& line)
    {
        line.close();
        out_ += '\n';
    }
    void span(Object& line, const Span& one)
    {
        line.text("from", time_.text(one.from));
        line.text("to", time_.text(one.to));
    }
    void who(Object& line, const std::optional<std::uint32_t>& person)
    {
        if (person)
            line.text("member", store_.people()[*person].name);
        else
            line.raw("member", "null");
    }
    void tokens(Object& line, const std::vector<std::uint32_t>& tags)
    {
        line.list("tokens", tags, [&](std::uint32_t number) {
            out_ += '"' + store_.tag(day_, number).token + '"';
        });
    }

    void outage(const Outage& one)
    {
        Object line{out_};
        line.text("type", "outage");
        line.text("reader", store_.plan().readers[one.reader].name);
        span(line, one.span);
        end(line);
    }

    void visit(const TrueVisit& one)
    {
        Object line{out_};
        line.text("type", "visit");
        who(line, one.person);
        line.text("entered_at", time_.text(one.span.from));
        line.text("left_at", time_.text(one.span.to));
        line.flag("bought", one.bought);
        line.list("zones", one.zones, [&](const ZoneStay& stay) {
            Object zone{out_};
            zone.text("zone", text_of(stay.zone));
            span(zone, stay.span);
            zone.close();
        });
        line.list("away", one.away, [&](const Span& away) {
            Object out{out_};
            span(out, away);
            out.close();
        });
        tokens(line, one.tags);
        line.list("receipts", one.slips, [&](std::uint32_t number) {
            Object receipt{out_};
            receipt.text("pos", store_.plan().readers[day_.slips[number].reader].name);
            receipt.text("number", day_.slips[number].number);
            receipt.close();
        });
        end(line);
    }

    void purchase(const Purchase& one)
    {
        const auto& slip = day_.slips[one.slip];
        Object line{out_};
        line.text("type", "purchase");
        line.text("pos", store_.plan().readers[slip.reader].name);
        line.text("number", slip.number);
        line.text("kind", text_of(slip.kind));
        line.text("at", time_.text(slip.at));
        line.text("total", slip.total.text());
        who(line, one.person);
        line.flag("with_card", slip.card.has_value());
        if (one.visit) line.text("entered_at", time_.text(day_.truth.visits[*one.visit].span.from));
        end(line);
    }

    void passer_by(const PasserBy& one)
    {
        Object line{out_};
        line.text("type", "passer_by");
        who(line, one.person);
        span(line, one.span);
        std::array<char, 32> text{};
        const auto printed = std::to_chars(text.data(), text.data() + text.size(), one.nearest_m,
                                           std::chars_format::fixed, 1);
        line.raw("nearest_m", {text.data(), static_cast<std::size_t>(printed.ptr - text.data())});
        tokens(line, one.tags);
        end(line);
    }

    const Store& store_;
    const Day& day_;
    TimeText time_;
    std::string& out_;
};

}  // namespace

void write_truth(const Store& store, const Day& day, std::string& out)
{
    DayTruth{store, day, out}.write();
}

std::string members_csv(const Store& store)
{
    std::string out = "member,tokens,consent,birth_month,staff\n";
    for (const auto& person : store.people()) {
        out += person.name + ',';
        for (std::size_t n = 0; n < person.tags.size(); ++n)
            out += (n > 0 ? " " : "") + store.tags()[person.tags[n]].token;
        out += person.consent ? ",yes," : ",no,";
        out += std::to_string(person.birth_month) + (person.staff ? ",yes\n" : ",no\n");
    }
    return out;
}

std::string settings_toml(const Store& store, const SettingsText& text)
{
    std::string out =
        "# A simulated store. Its readers take their events from the local API:\n"
        "#   raitenctl replay --config raiten.toml --members members.csv events.ndjson\n"
        "# streams/ holds the same as device bytes: raitenctl decode btsnoop streams/ent-1.btsnoop\n"
        "[store]\ntenant = \"simulated\"\nstore = \"" + text.store + "\"\ndevice = \"device-1\"\n"
        "timezone = \"" + text.timezone + "\"\ncurrency = \"JPY\"\n\n"
        "[identity]\ntoken_key = " + text.token_key + "\n";
    for (const auto& reader : store.plan().readers) {
        out += "\n[[reader]]\nname = \"" + reader.name + "\"\nzone = \"";
        out += std::string{text_of(reader.zone)} + "\"\ndriver = \"api\"\n";
        if (reader.kind == Reader::Kind::bluetooth) out += "passive = true\n";
    }
    return out;
}

}  // namespace raiten::simulator
