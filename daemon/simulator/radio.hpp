#pragma once

namespace raiten::simulator {

/// How strongly readers hear tags in a shop: log-distance path loss with normal deviations in dB
/// (Rappaport, Wireless Communications, 2nd ed., eq. 4.69). The figures of fitted() come from
/// recordings by others, never from the engine's thresholds; RADIO.md says which and how.
struct Radio {
    double level_1m_dbm{};          ///< mean over readers and carriers, in free view at 1 m
    double path_loss_exponent{};    ///< 2 in free space
    double shadow_sd_db{};          ///< slow: what stands about; per tag and reader
    double shadow_seconds{};        ///< after which its autocorrelation has fallen to 1/e
    double fading_sd_db{};          ///< fast: each sighting by itself
    double body_db{};               ///< lost while the body stands between
    double carrier_offset_sd_db{};  ///< per tag and how it is carried, for good
    double reader_offset_sd_db{};   ///< per reader, for good
    double floor_dbm{};             ///< below this nothing is received

    static Radio fitted();
};

/// What a reader hears at `metres` (nearer than 0.1 m counts as 0.1 m), `deviation_db` above the
/// mean: the sum of all offsets, shadowing, fading and bodies of this sighting.
double level_dbm(const Radio& radio, double metres, double deviation_db);

}  // namespace raiten::simulator
