#pragma once

#include "drivers/ble/payload.hpp"
#include "tests/drivers/ble/shared_data.hpp"
#include "tests/drivers/ble/told.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <string>

/// Byte vectors out of other projects' tests: reading them, and building advertisements of them.
namespace raiten::test {

/// All vectors of one file, at least one; how many is printed.
inline nlohmann::json vectors(const std::filesystem::path& folder, const std::string& name)
{
    const auto bytes = read_file(folder / name);
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    auto out = nlohmann::json::parse(text, text + bytes.size());
    REQUIRE_FALSE(out.empty());
    std::printf("%-52s %4zu vectors\n", name.c_str(), out.size());
    return out;
}

inline std::string id_of(const nlohmann::json& vector)
{
    return vector.at("id").get<std::string>();
}

inline std::string case_of(const nlohmann::json& vector)
{
    return vector.at("source").at("case").get<std::string>();
}

inline std::string text_in(const nlohmann::json& object, const char* key)
{
    return object.contains(key) ? object.at(key).get<std::string>() : std::string{};
}

inline std::optional<std::filesystem::path> vectors_folder()
{
    return shared_folder("data/captures/ble/vectors");
}

/// One AD structure.
inline Octets structure(unsigned type, const Octets& data)
{
    REQUIRE(data.size() < 255);
    Octets out{static_cast<std::byte>(data.size() + 1), static_cast<std::byte>(type)};
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

struct Findings {
    std::string token;
    bool rotating{};
    Lines refused;
    bool beacon() const { return !token.starts_with("ble:"); }
};

inline Findings findings_in(const drivers::ble::Advertisement& heard)
{
    Findings out;
    const auto seen = drivers::ble::sighting(
        heard, [&](const Garbled& garbled) { out.refused.push_back(line(garbled)); });
    REQUIRE(seen.has_value());
    out.token = seen->token;
    out.rotating = seen->rotating;
    return out;
}

inline Findings findings_in(const Octets& advertising_data)
{
    drivers::ble::Advertisement heard;
    heard.data = advertising_data;
    return findings_in(heard);
}

/// Decoded without a complaint, and nobody's identity.
inline void check_noise(const Octets& advertising_data)
{
    const Findings found = findings_in(advertising_data);
    CHECK(found.token == "ble:00:00:00:00:00:00");
    CHECK(found.refused.empty());
}

/// The advertisements in an HCI event, without its H4 type byte.
inline std::vector<drivers::ble::Advertisement> heard_in_event(const Octets& event)
{
    drivers::ble::AdvertisementReader reader;
    std::vector<drivers::ble::Advertisement> heard;
    reader.take(
        event, [&](const drivers::ble::Advertisement& one) { heard.push_back(one); },
        [](const Garbled& garbled) { FAIL(line(garbled)); });
    return heard;
}

/// The structure of this type, as the last one holds it; nothing where there is none.
inline std::optional<Octets> structure_in(const Octets& advertising_data, unsigned type)
{
    std::optional<Octets> out;
    drivers::ble::split(drivers::ble::Bytes{advertising_data},
                        [&](const drivers::ble::AdStructure& ad) {
                            if (ad.type == type) out = Octets(ad.data.begin(), ad.data.end());
                        });
    return out;
}

}  // namespace raiten::test
