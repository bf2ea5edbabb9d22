#include "daemon/decision/arms.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace raiten {

Arms::Seen::iterator Arms::find(std::string_view code)
{
    return std::find_if(seen_.begin(), seen_.end(),
                        [&](const auto& seen) { return seen.first == code; });
}

void Arms::given(const std::string& code)
{
    const auto found = find(code);
    if (found != seen_.end()) {
        std::rotate(found, found + 1, seen_.end());
    } else {
        if (seen_.size() == codes_max) seen_.erase(seen_.begin());
        seen_.emplace_back(code, ArmCount{});
    }
    auto& count = seen_.back().second;
    if (count.given < std::numeric_limits<std::uint32_t>::max()) ++count.given;
}

void Arms::answered(const std::string& code)
{
    const auto found = find(code);
    if (found != seen_.end() && found->second.answered < found->second.given)
        ++found->second.answered;
}

void Arms::taken_back(const std::string& code, bool answered)
{
    const auto found = find(code);
    if (found == seen_.end()) return;
    auto& count = found->second;
    if (count.given > 0) --count.given;
    if (answered && count.answered > 0) --count.answered;
    count.answered = std::min(count.answered, count.given);
}

ArmCount Arms::count(std::string_view code) const
{
    for (const auto& [known, count] : seen_)
        if (known == code) return count;
    return {};
}

std::vector<double> Arms::probabilities(std::span<const std::string> codes)
{
    std::vector<ArmCount> asked;
    asked.reserve(codes.size());
    for (const auto& code : codes) asked.push_back(count(code));
    if (asked != last_asked_) {
        last_found_ = arm_probabilities(asked);
        last_asked_ = std::move(asked);
    }
    return last_found_;
}

bool Arms::sound() const
{
    if (seen_.size() > codes_max) return false;
    std::set<std::string_view> codes;
    for (const auto& seen : seen_) codes.insert(seen.first);
    return codes.size() == seen_.size();
}

}  // namespace raiten
