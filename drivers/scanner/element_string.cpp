#include "drivers/scanner/element_string.hpp"

#include "drivers/scanner/ai_table.hpp"
#include "drivers/scanner/part_check.hpp"

#include <algorithm>
#include <utility>

namespace raiten::drivers::gs1 {
namespace {

/// The value must be made of the identifier's parts, each as long as it may be.
Taken<bool> check_value(const Ai& spec, std::string_view value)
{
    for (std::size_t i = 0; i < spec.count; ++i) {
        const Part& part = spec.parts[i];
        if (value.empty() && part.optional) return true;
        const std::size_t size = std::min<std::size_t>(part.max, value.size());
        if (size < part.min) return Refusal{"a GS1 value that is too short"};
        const auto good = check_part(part, value.substr(0, size));
        if (!good.has_value()) return good;
        value.remove_prefix(size);
    }
    if (!value.empty()) return Refusal{"a GS1 value that is too long"};
    return true;
}

}  // namespace

Taken<Elements> with_element(Elements elements, std::string_view ai, std::string_view value)
{
    const Ai* spec = find_ai(ai);
    if (spec == nullptr) return Refusal{"an unknown GS1 identifier"};
    const auto good = check_value(*spec, value);
    if (!good.has_value()) return good.error();
    elements.push_back({std::string{ai}, std::string{value}});
    return elements;
}

Taken<Elements> parse_elements(std::string_view text)
{
    if (text.empty()) return Refusal{"a GS1 code without elements"};
    Elements elements;
    while (!text.empty()) {
        const auto ai = leading_ai(text);
        if (!ai) return Refusal{"an unknown GS1 identifier"};
        const Ai& spec = *find_ai(*ai);
        text.remove_prefix(ai->size());

        const std::size_t until = std::min(text.find(separator), text.size());
        const std::size_t size = spec.predefined ? std::min(spec.length_max(), until) : until;
        auto more = with_element(std::move(elements), *ai, text.substr(0, size));
        if (!more.has_value()) return more;
        elements = std::move(*more);
        text.remove_prefix(size);
        if (!text.empty() && text[0] == separator) text.remove_prefix(1);
    }
    return elements;
}

Taken<Elements> parse_bracketed(std::string_view text)
{
    constexpr std::size_t ai_digits_max = 4;
    if (text.empty() || text[0] != '(') return Refusal{"no GS1 identifiers in brackets"};
    Elements elements;
    while (!text.empty()) {
        const std::size_t close = text.find(')');
        if (close == std::string_view::npos || close > ai_digits_max + 1)
            return Refusal{"no GS1 identifiers in brackets"};
        const std::string_view ai = text.substr(1, close - 1);
        text.remove_prefix(close + 1);

        std::string value;
        while (!text.empty() && text[0] != '(') {
            const bool escaped = text.starts_with("\\(");
            value.push_back(text[escaped ? 1 : 0]);
            text.remove_prefix(escaped ? 2 : 1);
        }
        auto more = with_element(std::move(elements), ai, value);
        if (!more.has_value()) return more;
        elements = std::move(*more);
    }
    return elements;
}

std::string notation(const Elements& elements)
{
    std::string out;
    bool separate = true;
    for (const Element& element : elements) {
        if (separate) out += '^';
        out += element.ai + element.value;
        const Ai* spec = find_ai(element.ai);
        separate = spec == nullptr || !spec->predefined;
    }
    return out;
}

const Element* find_element(const Elements& elements, std::string_view ai)
{
    const auto found = std::find_if(elements.begin(), elements.end(),
                                    [&](const Element& element) { return element.ai == ai; });
    return found == elements.end() ? nullptr : &*found;
}

}  // namespace raiten::drivers::gs1
