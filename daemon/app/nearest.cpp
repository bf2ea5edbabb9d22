#include "daemon/app/nearest.hpp"

#include "daemon/base/nearest.hpp"

namespace raiten::app {
namespace {

constexpr std::size_t listed_max = 12;

}  // namespace

std::string advice_for(std::string_view word, const std::vector<std::string>& known)
{
    if (const auto meant = nearest(word, known)) return "did you mean '" + *meant + "'?";
    if (known.empty() || known.size() > listed_max) return {};
    std::string list = "known: ";
    for (const auto& candidate : known)
        list += (&candidate == &known.front() ? "" : ", ") + candidate;
    return list;
}

}  // namespace raiten::app
