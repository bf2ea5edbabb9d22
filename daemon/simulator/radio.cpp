#include "daemon/simulator/radio.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::simulator {
namespace {

constexpr double nearest_metres = 0.1;  // nearer than that the law of far fields says nothing

}  // namespace

Radio Radio::fitted()
{
    return {
        .level_1m_dbm = -58.0,
        .path_loss_exponent = 1.84,
        .shadow_sd_db = 2.9,
        .shadow_seconds = 4.9,
        .fading_sd_db = 4.4,
        .body_db = 4.9,
        .carrier_offset_sd_db = 2.1,
        .reader_offset_sd_db = 3.5,
        .floor_dbm = -93,
    };
}

double level_dbm(const Radio& radio, double metres, double deviation_db)
{
    return radio.level_1m_dbm
           - 10 * radio.path_loss_exponent * std::log10(std::max(metres, nearest_metres))
           + deviation_db;
}

}  // namespace raiten::simulator
