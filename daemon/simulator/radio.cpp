#include "daemon/simulator/radio.hpp"

#include <algorithm>
#include <cmath>

namespace raiten::simulator {

Radio Radio::fitted()
{
    return {};
}

double level_dbm(const Radio& radio, double metres, double deviation_db)
{
    return radio.level_1m_dbm - 10 * radio.path_loss_exponent * std::log10(std::max(0.3, metres))
           + deviation_db;
}

}  // namespace raiten::simulator
