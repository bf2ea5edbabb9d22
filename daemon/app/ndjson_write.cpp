#include "daemon/app/ndjson.hpp"
#include "daemon/base/iso8601.hpp"
#include "daemon/base/overloaded.hpp"

#include <nlohmann/json.hpp>

namespace raiten::app {
namespace {

constexpr std::array<std::string_view, 3> receipt_kinds{"sale", "refund", "void"};

/// An object, key by key.
class Object {
 public:
    void raw(std::string_view key, std::string_view value)
    {
        text_ += text_.empty() ? "{\"" : ",\"";
        text_.append(key).append("\":").append(value);
    }
    void text(std::string_view key, const std::string& value)
    {
        raw(key,
            nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    void text_if(std::string_view key, const std::string& value)
    {
        if (!value.empty()) text(key, value);
    }
    std::string close() { return text_.empty() ? "{}" : std::move(text_) + "}"; }

 private:
    std::string text_;
};

std::string line_object(const RawLine& line)
{
    Object out;
    out.text_if("sku", line.sku);
    out.text_if("name", line.name);
    out.text("quantity", line.quantity.text());
    out.text("amount", line.amount.text());
    out.text_if("category", line.category);
    return out.close();
}

std::string lines_array(const std::vector<RawLine>& lines)
{
    std::string out = "[";
    for (const auto& line : lines) out += (out.size() > 1 ? "," : "") + line_object(line);
    return out + "]";
}

std::string_view type_of(const RawEvent& event)
{
    return std::visit(overloaded{
                          [](const RawSighting&) { return "sighting"; },
                          [](const RawCheckIn&) { return "checkin"; },
                          [](const RawReceipt&) { return "receipt"; },
                          [](const RawReaderState&) { return "reader"; },
                          [](const RawTick&) { return "tick"; },
                      },
                      event.what);
}

void put(Object& out, const RawSighting& s)
{
    out.text("reader", s.reader);
    out.text("token", s.token);
    out.raw("rssi", s.rssi_dbm ? std::to_string(*s.rssi_dbm) : "null");
    if (s.rotating) out.raw("rotating", "true");
}
void put(Object& out, const RawCheckIn& c)
{
    out.text("reader", c.reader);
    out.text("token", c.token);
    out.text_if("id", c.id);
}
void put(Object& out, const RawReceipt& r)
{
    out.text("pos", r.pos);
    out.text("number", r.number);
    out.text("kind", std::string{receipt_kinds[static_cast<std::size_t>(r.kind)]});
    out.text_if("token", r.token);
    out.text("total", r.total.text());
    out.text("currency", r.currency);
    out.text_if("refers_to", r.refers_to);
    out.raw("lines", lines_array(r.lines));
}
void put(Object& out, const RawReaderState& r)
{
    out.text("reader", r.reader);
    out.text("state", r.up ? "up" : "down");
    out.text_if("reason", r.reason);
}
void put(Object&, const RawTick&) {}

}  // namespace

std::string write_line(const RawEvent& event, std::chrono::minutes offset)
{
    Object out;
    out.text("type", std::string{type_of(event)});
    if (event.at)
        out.text("at", format_instant(*event.at, offset));
    else
        out.raw("at", "null");
    if (event.received_at) out.text("received_at", format_instant(*event.received_at, offset));
    std::visit([&out](const auto& what) { put(out, what); }, event.what);
    return out.close();
}

}  // namespace raiten::app
