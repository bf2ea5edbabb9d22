#include "drivers/scanner/scanner.hpp"

#include "drivers/scanner/code_line.hpp"

namespace raiten::drivers {
namespace {

class LineScanner final : public Translator {
 public:
    void feed(std::span<const std::byte> bytes, const Tell& tell) override
    {
        std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        while (!text.empty()) {
            constexpr std::string_view framing = "\r\n\t\x02\x03";
            const std::size_t size = text.find_first_of(framing);
            line_.add(text.substr(0, size));
            if (size == std::string_view::npos) return;
            const char mark = text[size];
            constexpr char stx = '\x02';
            if (mark != stx) line_.end(tell);
            text.remove_prefix(size + 1);
        }
    }

    void finish(const Tell& tell) override { line_.cut(tell); }

 private:
    CodeLine line_;
};

}  // namespace

std::unique_ptr<Translator> make_scanner()
{
    return std::make_unique<LineScanner>();
}

}  // namespace raiten::drivers
