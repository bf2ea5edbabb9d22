#include "tests/simulator/radio_fit.hpp"

#include "tests/drivers/ble/shared_data.hpp"
#include "tests/support/dice.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

using namespace raiten;
using namespace raiten::test;

namespace {

void print(const simulator::Radio& radio)
{
    std::printf(
        "radio: %.1f dBm at 1 m, exponent %.2f, shadow %.1f dB for %.1f s, fading %.1f dB, "
        "body %.1f dB, carriers %.1f dB, readers %.1f dB, floor %.0f dBm\n",
        radio.level_1m_dbm, radio.path_loss_exponent, radio.shadow_sd_db, radio.shadow_seconds,
        radio.fading_sd_db, radio.body_db, radio.carrier_offset_sd_db, radio.reader_offset_sd_db,
        radio.floor_dbm);
}

}  // namespace

TEST_CASE("radio: the fit finds again what levels were made of", "[radio]")
{
    constexpr std::uint64_t seed = 20261122;
    INFO("seed " << seed);
    stage::Dice dice{seed};
    const simulator::Radio true_radio{.level_1m_dbm = -61,
                                      .path_loss_exponent = 2.2,
                                      .shadow_sd_db = 4,
                                      .shadow_seconds = 6,
                                      .fading_sd_db = 3,
                                      .body_db = 7,
                                      .carrier_offset_sd_db = 3,
                                      .reader_offset_sd_db = 4,
                                      .floor_dbm = -99};
    std::vector<Sample> samples;
    std::vector<double> offsets;
    for (int r = 0; r < 12; ++r) {
        const double offset = 4 * dice.normal();
        offsets.push_back(offset);
        double shadow = 4 * dice.normal();
        const double step = 0.25, keeps = std::exp(-step / 6);
        for (int n = 0; n < 4000; ++n) {
            shadow = keeps * shadow + 4 * std::sqrt(1 - keeps * keeps) * dice.normal();
            Sample sample{n * step,
                          "r" + std::to_string(r),
                          "tag",
                          "s" + std::to_string(r),
                          0,
                          dice.between(1, 15),
                          dice.share() < 0.4};
            sample.dbm = level_dbm(true_radio, sample.metres,
                                   offset + shadow + 3 * dice.normal() - (sample.behind ? 7 : 0));
            samples.push_back(sample);
        }
    }
    const auto found = fit_path_loss("made", samples);
    CHECK(found.exponent == Approx(2.2).margin(0.05));
    CHECK(found.body_db == Approx(7).margin(0.2));
    double mean = 0;
    for (const double offset : offsets) mean += offset / 12;
    CHECK(found.level_1m_dbm == Approx(-61 + mean).margin(0.5));
    for (std::size_t r = 0; r < 12; ++r) {
        double nearest = 1e9;  // readers come back in the order of their names
        for (const double each : found.readers_db)
            nearest = std::min(nearest, std::abs(each - (offsets[r] - mean)));
        CHECK(nearest < 1);
    }
    CHECK(found.residual_sd_db == Approx(5).margin(0.2));
    const auto parts = part_residuals(samples, found.residuals_db);
    CHECK(parts.sd_db == Approx(4).margin(0.4));
    CHECK(parts.seconds == Approx(6).margin(1.5));
    CHECK(parts.fading_sd_db == Approx(3).margin(0.3));
}

TEST_CASE("radio: nearer than a hand's breadth is not louder, and deviations add up", "[radio]")
{
    const auto radio = simulator::Radio::fitted();
    CHECK(level_dbm(radio, 1, 0) == Approx(radio.level_1m_dbm));
    CHECK(level_dbm(radio, 10, 2)
          == Approx(radio.level_1m_dbm - 10 * radio.path_loss_exponent + 2));
    CHECK(level_dbm(radio, 0, 0) == level_dbm(radio, 0.1, 0));
}

TEST_CASE("radio: the simulator's figures are those that the recordings give", "[shared][rssi]")
{
    const auto at = shared_folder("data/captures/rssi");
    if (!at) return;
    const auto fit = fit_radio(*at);
    std::printf("%-26s %7s %9s %9s %9s %6s\n", "data set", "n", "exponent", "1 m, dBm", "residual",
                "body");
    for (const auto& set : fit.sets)
        std::printf("%-26s %7zu %9.2f %9.1f %9.1f %6.1f\n", set.name.c_str(), set.samples,
                    set.exponent, set.level_1m_dbm, set.residual_sd_db, set.body_db);
    const auto& found = fit.radio;
    print(found);

    const auto radio = simulator::Radio::fitted();
    CHECK(radio.level_1m_dbm == Approx(found.level_1m_dbm).margin(0.051));
    CHECK(radio.path_loss_exponent == Approx(found.path_loss_exponent).margin(0.0051));
    CHECK(radio.shadow_sd_db == Approx(found.shadow_sd_db).margin(0.051));
    CHECK(radio.shadow_seconds == Approx(found.shadow_seconds).margin(0.051));
    CHECK(radio.fading_sd_db == Approx(found.fading_sd_db).margin(0.051));
    CHECK(radio.body_db == Approx(found.body_db).margin(0.051));
    CHECK(radio.carrier_offset_sd_db == Approx(found.carrier_offset_sd_db).margin(0.051));
    CHECK(radio.reader_offset_sd_db == Approx(found.reader_offset_sd_db).margin(0.051));
    CHECK(radio.floor_dbm == Approx(found.floor_dbm).margin(0.5));
}
