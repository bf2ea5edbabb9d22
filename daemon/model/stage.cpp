#include "daemon/model/stage.hpp"

#include <array>

namespace raiten {
namespace {

constexpr std::array<std::string_view, stage_count> names{"new",  "light",   "middle",
                                                          "core", "at_risk", "dormant"};

}  // namespace

std::string_view text_of(Stage stage)
{
    return names[static_cast<std::size_t>(stage)];
}

std::optional<Stage> stage_named(std::string_view text)
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == text) return static_cast<Stage>(i);
    return std::nullopt;
}

}  // namespace raiten
