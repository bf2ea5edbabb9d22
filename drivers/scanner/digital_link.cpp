#include "drivers/scanner/digital_link.hpp"

#include "drivers/scanner/ai_table.hpp"
#include "drivers/scanner/check_digit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace raiten::drivers::gs1 {
namespace {

constexpr Refusal no_link{"not a GS1 Digital Link"};

/// A primary key and the qualifiers that may stand behind it in the path: in this order, any of
/// them left out, all from one of the two rows.
struct Key {
    std::string_view ai;
    std::array<std::array<std::string_view, 3>, 2> qualifiers{};
};

constexpr std::array keys{
    Key{"00", {}},
    Key{"01", {{{"22", "10", "21"}, {"235", "", ""}}}},
    Key{"253", {}},
    Key{"255", {}},
    Key{"401", {}},
    Key{"402", {}},
    Key{"414", {{{"254", "", ""}, {"7040", "", ""}}}},
    Key{"415", {{{"8020", "", ""}, {}}}},
    Key{"417", {{{"7040", "", ""}, {}}}},
    Key{"8003", {}},
    Key{"8004", {{{"7040", "", ""}, {}}}},
    Key{"8006", {{{"22", "10", "21"}, {}}}},
    Key{"8010", {{{"8011", "", ""}, {}}}},
    Key{"8013", {}},
    Key{"8017", {{{"8019", "", ""}, {}}}},
    Key{"8018", {{{"8019", "", ""}, {}}}},
};

struct Word {
    std::string_view word;
    std::string_view ai;
};

/// Names that URI syntax 1.1 allowed in the path.
constexpr std::array words{
    Word{"gtin", "01"},   Word{"itip", "8006"},  Word{"cpid", "8010"},  Word{"gln", "414"},
    Word{"payTo", "415"}, Word{"party", "417"},  Word{"gsrnp", "8017"}, Word{"gsrn", "8018"},
    Word{"gcn", "255"},   Word{"sscc", "00"},    Word{"gdti", "253"},   Word{"ginc", "401"},
    Word{"gsin", "402"},  Word{"grai", "8003"},  Word{"giai", "8004"},  Word{"gmn", "8013"},
    Word{"cpv", "22"},    Word{"lot", "10"},     Word{"ser", "21"},     Word{"cpsn", "8011"},
    Word{"glnx", "254"},  Word{"refno", "8020"}, Word{"srin", "8019"},
};

const Key* find_key(std::string_view ai)
{
    const auto* found =
        std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.ai == ai; });
    return found == keys.end() ? nullptr : &*found;
}

std::string_view number_of(std::string_view ai)
{
    const auto* found =
        std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.word == ai; });
    return found == words.end() ? ai : found->ai;
}

/// Whether all of `ais` stand in the row, in its order.
bool in_order(const std::array<std::string_view, 3>& row, const std::vector<std::string_view>& ais)
{
    const auto* from = row.begin();
    for (const std::string_view ai : ais) {
        from = std::find(from, row.end(), ai);
        if (from == row.end()) return false;
        ++from;
    }
    return true;
}

bool are_qualifiers(const Key& key, const std::vector<std::string_view>& ais)
{
    return std::any_of(key.qualifiers.begin(), key.qualifiers.end(),
                       [&](const auto& row) { return in_order(row, ais); });
}

/// Whether an attribute is a qualifier that the path had room for.
bool belongs_into_path(const Key& key, const std::vector<std::string_view>& path,
                       std::string_view ai)
{
    return std::any_of(key.qualifiers.begin(), key.qualifiers.end(), [&](const auto& row) {
        return in_order(row, path) && std::find(row.begin(), row.end(), ai) != row.end();
    });
}

bool is_uri_character(char c)
{
    constexpr std::string_view others = "-._~:/?#[]@!$&'()*+,;=%";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || others.find(c) != std::string_view::npos;
}

bool is_authority(std::string_view text)
{
    constexpr unsigned port_max = 65'535;
    const std::string_view host = text.substr(0, text.find(':'));
    const bool good_host = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return is_uri_character(c)
               && std::string_view{"_~/?#[]@!$&'()*+,;=%"}.find(c) == std::string_view::npos;
    });
    if (!good_host || host.size() == text.size()) return good_host;
    const std::string_view port = text.substr(host.size() + 1);
    unsigned number = 0;
    const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), number);
    return failed == std::errc{} && end == port.data() + port.size() && number <= port_max;
}

int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> unescaped(std::string_view text, bool plus_is_blank)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_blank) {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = digit_of(text[i + 1]);
            const int low = digit_of(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        }
    }
    return out;
}

/// Leading zeros that a short item number left out.
std::string whole(std::string_view ai, std::string value)
{
    const bool item = ai == gtin && all_digits(value);
    const bool shortened = value.size() == 8 || value.size() == 12 || value.size() == 13;
    if (item && shortened) value.insert(0, 14 - value.size(), '0');
    return value;
}

/// Takes what stands before the next `mark` off the front, and the mark.
std::string_view take_until(std::string_view& text, std::string_view marks)
{
    const std::size_t end = std::min(text.find_first_of(marks), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end);
    return taken;
}

struct Link {
    Elements elements;
    const Key* key{};
    std::vector<std::string_view> qualifiers;  ///< in the path, views into `keys` and the URI
};

Taken<bool> add(Link& link, std::string_view ai, std::string_view escaped, bool in_query)
{
    auto value = unescaped(escaped, in_query);
    if (!value) return no_link;
    if (find_element(link.elements, ai) != nullptr)
        return Refusal{"a GS1 Digital Link that names an identifier twice"};
    auto more = with_element(std::move(link.elements), ai, whole(ai, std::move(*value)));
    if (!more.has_value()) return more.error();
    link.elements = std::move(more).value();
    return true;
}

Taken<Link> read_path(std::string_view path)
{
    struct Pair {
        std::string_view ai;
        std::string_view value;
    };
    std::vector<Pair> pairs;  // from the right
    Link link;
    while (link.key == nullptr) {
        const std::size_t before_value = path.rfind('/');
        if (before_value == std::string_view::npos || before_value == 0) return no_link;
        const std::size_t before_ai = path.rfind('/', before_value - 1);
        if (before_ai == std::string_view::npos) return no_link;
        const std::string_view ai =
            number_of(path.substr(before_ai + 1, before_value - before_ai - 1));
        if (find_ai(ai) == nullptr) return no_link;
        pairs.push_back({ai, path.substr(before_value + 1)});
        link.key = find_key(ai);
        path = path.substr(0, before_ai);
    }
    for (std::size_t i = pairs.size() - 1; i > 0; --i) link.qualifiers.push_back(pairs[i - 1].ai);
    if (!are_qualifiers(*link.key, link.qualifiers))
        return Refusal{"a GS1 Digital Link with a path that cannot be"};
    for (std::size_t i = pairs.size(); i > 0; --i) {
        const auto added = add(link, pairs[i - 1].ai, pairs[i - 1].value, false);
        if (!added.has_value()) return added.error();
    }
    return link;
}

Taken<bool> read_query(Link& link, std::string_view query)
{
    while (!query.empty()) {
        std::string_view pair = take_until(query, "&");
        if (!query.empty()) query.remove_prefix(1);
        const std::string_view name = take_until(pair, "=");
        if (pair.empty() || !all_digits(name)) continue;
        if (belongs_into_path(*link.key, link.qualifiers, name))
            return Refusal{"a GS1 Digital Link with a qualifier outside its path"};
        const auto added = add(link, name, pair.substr(1), true);
        if (!added.has_value()) return added;
    }
    return true;
}

}  // namespace

Taken<Elements> parse_digital_link(std::string_view uri)
{
    // All small or all capital (QR codes hold capitals more densely), as the syntax has it.
    constexpr std::array<std::string_view, 4> schemes{"https://", "http://", "HTTPS://", "HTTP://"};
    const auto* scheme = std::find_if(schemes.begin(), schemes.end(), [&](std::string_view start) {
        return uri.starts_with(start);
    });
    if (scheme == schemes.end() || !std::all_of(uri.begin(), uri.end(), is_uri_character))
        return no_link;
    uri.remove_prefix(scheme->size());
    uri = uri.substr(0, uri.find('#'));

    if (!is_authority(take_until(uri, "/?"))) return no_link;
    const std::string_view path = take_until(uri, "?");
    auto link = read_path(path);
    if (!link.has_value()) return link.error();
    if (!uri.empty()) uri.remove_prefix(1);
    const auto read = read_query(link.value(), uri);
    if (!read.has_value()) return read.error();
    return std::move(link.value().elements);
}

}  // namespace raiten::drivers::gs1
