#pragma once

namespace raiten::simulator {

/// How strongly readers hear what somebody carries.
struct Radio {
    double level_1m_dbm{-59};
    double path_loss_exponent{2.0};
    double shadow_sd_db{3};
    double shadow_seconds{5};  ///< correlation time of the shadowing
    double fading_sd_db{3};
    double body_db{6};               ///< loss while the body is between
    double carrier_offset_sd_db{4};  ///< per tag and how it is carried
    double reader_offset_sd_db{3};
    double floor_dbm{-96};  ///< below this nothing is received

    static Radio fitted();
};

/// Level in dBm of one advertisement at this distance, given the hidden deviations.
double level_dbm(const Radio& radio, double metres, double deviation_db);

}  // namespace raiten::simulator
