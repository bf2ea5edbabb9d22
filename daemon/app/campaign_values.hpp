#pragma once

#include "daemon/app/campaign_json.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>

namespace raiten::app {

/// Reads the single values of a campaign's JSON. Each one that is wrong becomes a problem with its
/// JSON pointer and with what to write instead; what is returned then is of no use.
class CampaignValues {
 public:
    using Json = nlohmann::json;
    explicit CampaignValues(std::vector<Problem>& problems) : problems_{problems} {}

    void blame(std::string pointer, std::string what, std::string advice);
    std::size_t blamed() const { return problems_.size(); }

    /// False if it is no object; a key that is not known is blamed, the others are read.
    bool object(const Json& value, const std::string& pointer,
                const std::vector<std::string>& known);
    std::string text(const Json& value, const std::string& pointer, std::size_t bytes_max,
                     bool may_be_empty);
    /// 1 to 64 letters, digits, - and _; nothing at all is blamed too.
    std::string name(const Json* value, const std::string& pointer);
    /// By language.
    std::map<std::string, std::string> languages(const Json& value, const std::string& pointer);
    Money money(const Json& value, const std::string& pointer);
    /// More than nothing, at most `most`.
    Millis duration(const Json& value, const std::string& pointer, Millis most);
    std::optional<Instant> instant(const Json& value, const std::string& pointer);
    std::chrono::minutes time_of_day(const Json* value, const std::string& pointer);
    double share(const Json& value, const std::string& pointer, double least,
                 const std::string& example);
    std::uint32_t count(const Json* value, const std::string& pointer);
    bool flag(const Json& value, const std::string& pointer);

 private:
    std::vector<Problem>& problems_;
};

/// "~" and "/" of a key as a JSON pointer has them, cut to a readable length.
std::string pointer_part(std::string_view key);
/// At most so many bytes, never half a letter, "…" where something is missing.
std::string cut_text(std::string_view text, std::size_t bytes_max);

}  // namespace raiten::app
