#include "tests/simulator/radio_fit.hpp"

#include "tests/engine/rssi/recordings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

namespace raiten::test {
namespace {

using Matrix = std::vector<std::vector<double>>;

/// Gauss and Jordan with pivots; a column that is none (no data) gives 0.
std::vector<double> solved(Matrix a, std::vector<double> b)
{
    const std::size_t n = b.size();
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t best = k;
        for (std::size_t i = k + 1; i < n; ++i)
            if (std::abs(a[i][k]) > std::abs(a[best][k])) best = i;
        std::swap(a[k], a[best]);
        std::swap(b[k], b[best]);
        if (std::abs(a[k][k]) < 1e-9) {
            a[k].assign(n, 0);
            a[k][k] = 1;
            b[k] = 0;
        }
        for (std::size_t i = 0; i < n; ++i) {
            const double by = a[i][k] / a[k][k];
            if (i == k || by == 0) continue;
            for (std::size_t j = k; j < n; ++j) a[i][j] -= by * a[k][j];
            b[i] -= by * b[k];
        }
    }
    for (std::size_t k = 0; k < n; ++k) b[k] /= a[k][k];
    return b;
}

double mean_of(const std::vector<double>& values)
{
    double sum = 0;
    for (const double value : values) sum += value;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// Of a sample; 0 for fewer than two.
double sd_of(const std::vector<double>& values)
{
    if (values.size() < 2) return 0;
    const double mean = mean_of(values);
    double sum = 0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

/// Offsets from their mean, which goes to `mean`.
std::vector<double> centred(std::vector<double> values, double& mean)
{
    mean = mean_of(values);
    for (double& value : values) value -= mean;
    return values;
}

double decades(double metres)
{
    return 10 * std::log10(std::max(metres, 0.1));
}

double apart(const Place& a, const Place& b)
{
    return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// A walk of tetam. The headset's matrix holds its axes as columns: x right, y down, z forward;
/// what lies at its back is behind the wearer.
std::vector<Sample> tetam_walk(const std::filesystem::path& folder, const std::string& name)
{
    const auto sensors = read_sensors(folder / "cnf_tetam.dev");
    std::vector<Sample> out;
    for (const auto& row : rows_of(folder / (name + "_all_sensors.mbd"), ',')) {
        if (row.size() != 16) throw std::runtime_error{name + ": not a walk"};
        const auto at = [&](std::size_t n) { return std::stod(row[n]); };
        const auto dbm = level(std::lround(at(3)));
        if (!dbm) continue;
        const auto& sensor = sensors.at(row[1]);
        const Place where{at(4), at(5), at(6)};
        const double ahead = (sensor[0] - where[0]) * at(9) + (sensor[1] - where[1]) * at(12);
        out.push_back({at(0), row[1], "beacon", name + row[1], static_cast<double>(*dbm),
                       apart(sensor, where), ahead < 0});
    }
    std::stable_sort(out.begin(), out.end(), [](const Sample& a, const Sample& b) {
        return std::tie(a.series, a.seconds) < std::tie(b.series, b.seconds);
    });
    return out;
}

std::vector<Sample> dp3t(const std::filesystem::path& folder, const std::string& name)
{
    std::vector<Sample> out;
    for (const auto& heard : read_dp3t(folder / (name + ".sqlite"))) {
        if (!heard.metres || !heard.rssi_dbm) continue;
        out.push_back({static_cast<double>(heard.at.time_since_epoch().count()) / 1000,
                       name + heard.reader, name + heard.tag, name + heard.reader + "<" + heard.tag,
                       static_cast<double>(*heard.rssi_dbm), *heard.metres, false});
    }
    return out;
}

/// Both ways of carrying; "behind" is the pocket.
std::vector<Sample> pcng(const std::filesystem::path& folder)
{
    std::vector<Sample> out;
    for (const std::string way : {"HH", "HP"})
        for (const auto& row : rows_of(folder / ("RSS_human" + way + "_testingData.csv"), ',')) {
            if (row.at(0) == "device") continue;
            out.push_back({std::stod(row[1]), "", row[0], way + row[0], std::stod(row[2]),
                           std::stod(row[5]) / 100, way == "HP"});
        }
    return out;
}

/// The lowest level that each reader ever heard, the middle one of them.
double floor_of(const std::vector<Sample>& samples)
{
    std::map<std::string, double> lowest;
    for (const auto& sample : samples) {
        const auto known = lowest.try_emplace(sample.reader, sample.dbm).first;
        known->second = std::min(known->second, sample.dbm);
    }
    std::vector<double> all;
    for (const auto& each : lowest) all.push_back(each.second);
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
}

}  // namespace

PathLoss fit_path_loss(const std::string& name, const std::vector<Sample>& samples,
                       std::optional<double> exponent)
{
    // Columns: exponent, body, readers, carriers. A whisper of ridge on carriers parts them from
    // the readers, whose sum would else be free.
    std::map<std::string, std::size_t> readers, carriers;
    for (const auto& sample : samples) readers.try_emplace(sample.reader, 2 + readers.size());
    for (const auto& sample : samples)
        carriers.try_emplace(sample.carrier, 2 + readers.size() + carriers.size());
    const std::size_t width = 2 + readers.size() + carriers.size();
    Matrix normal(width, std::vector<double>(width, 0));
    std::vector<double> right(width, 0);
    for (const auto& sample : samples) {
        const std::array<std::pair<std::size_t, double>, 4> row{
            {{0, exponent ? 0 : -decades(sample.metres)},
             {1, sample.behind ? -1.0 : 0.0},
             {readers.at(sample.reader), 1},
             {carriers.at(sample.carrier), 1}}};
        const double told = sample.dbm + exponent.value_or(0) * decades(sample.metres);
        for (const auto& [i, x] : row) {
            right[i] += x * told;
            for (const auto& [j, y] : row) normal[i][j] += x * y;
        }
    }
    for (const auto& each : carriers) normal[each.second][each.second] += 1e-4;
    const auto found = solved(normal, right);

    PathLoss out;
    out.name = name;
    out.samples = samples.size();
    out.exponent = exponent.value_or(found[0]);
    out.body_db = found[1];
    double of_readers = 0, of_carriers = 0, squares = 0;
    for (const auto& each : readers) out.readers_db.push_back(found[each.second]);
    for (const auto& each : carriers) out.carriers_db.push_back(found[each.second]);
    out.readers_db = centred(std::move(out.readers_db), of_readers);
    out.carriers_db = centred(std::move(out.carriers_db), of_carriers);
    out.level_1m_dbm = of_readers + of_carriers;
    for (const auto& sample : samples) {
        const double expected =
            found[readers.at(sample.reader)] + found[carriers.at(sample.carrier)]
            - out.exponent * decades(sample.metres) - (sample.behind ? out.body_db : 0);
        out.residuals_db.push_back(sample.dbm - expected);
        squares += out.residuals_db.back() * out.residuals_db.back();
    }
    out.residual_sd_db =
        std::sqrt(squares / std::max(1.0, static_cast<double>(samples.size() - width)));
    return out;
}

Shadow part_residuals(const std::vector<Sample>& samples, const std::vector<double>& residuals)
{
    constexpr std::size_t lags = 40;
    constexpr double lag_seconds = 0.5;
    std::array<double, lags> sum{}, pairs{};
    double whole = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        whole += residuals[i] * residuals[i] / static_cast<double>(samples.size());
        for (std::size_t j = i + 1; j < samples.size(); ++j) {
            const double lag = samples[j].seconds - samples[i].seconds;
            if (samples[j].series != samples[i].series || lag >= lag_seconds * lags) break;
            const auto n = static_cast<std::size_t>(lag / lag_seconds);
            sum[n] += residuals[i] * residuals[j];
            pairs[n] += 1;
        }
    }
    // For each T the best S² is a division; the best T is looked up in tenths of a second.
    Shadow out;
    double best = 0;
    for (int tenths = 5; tenths <= 600; ++tenths) {
        const double seconds = tenths / 10.0;
        double xy = 0, xx = 0;
        for (std::size_t n = 0; n < lags; ++n) {
            if (pairs[n] == 0) continue;
            const double x = std::exp(-(static_cast<double>(n) + 0.5) * lag_seconds / seconds);
            xy += x * sum[n];
            xx += x * x * pairs[n];
        }
        const double explained = xy > 0 ? xy * xy / xx : 0;
        if (explained <= best) continue;
        best = explained;
        const double slow = std::min(xy / xx, whole);
        out = {std::sqrt(slow), seconds, std::sqrt(whole - slow)};
    }
    return out;
}

RadioFit fit_radio(const std::filesystem::path& rssi)
{
    std::vector<Sample> walks, all;
    RadioFit out;
    std::vector<double> carriers;
    const auto add = [&](const std::string& name, const std::vector<Sample>& samples) {
        out.sets.push_back(fit_path_loss(name, samples));
        all.insert(all.end(), samples.begin(), samples.end());
    };
    for (const std::string name : {"straight_01", "straight_05", "rectangular_without_rotation",
                                   "zigzagging_without_rotation"}) {
        const auto walk = tetam_walk(rssi / "tetam", name);
        walks.insert(walks.end(), walk.begin(), walk.end());
    }
    add("tetam walks", walks);
    for (const std::string name : {"scenario01-lunch", "scenario03-office"}) {
        add("dp3t " + name, dp3t(rssi / "dp3t", name));
        const auto& found = out.sets.back().carriers_db;
        carriers.insert(carriers.end(), found.begin(), found.end());
    }
    add("pcng", pcng(rssi / "pcng"));
    const double pocket = out.sets.back().body_db;
    out.sets.push_back(fit_path_loss("together", all));
    const double exponent = out.sets.back().exponent;

    // Only tetam has fixed readers and a tag as members carry them: the rest of the figures is
    // what is left there once distance is taken off.
    out.sets.push_back(fit_path_loss("tetam walks, that exponent", walks, exponent));
    const auto& hall = out.sets.back();
    const auto shadow = part_residuals(walks, hall.residuals_db);
    out.radio = {.level_1m_dbm = hall.level_1m_dbm,
                 .path_loss_exponent = exponent,
                 .shadow_sd_db = shadow.sd_db,
                 .shadow_seconds = shadow.seconds,
                 .fading_sd_db = shadow.fading_sd_db,
                 .body_db = pocket,
                 .carrier_offset_sd_db = sd_of(carriers),
                 .reader_offset_sd_db = sd_of(hall.readers_db),
                 .floor_dbm = floor_of(walks)};
    return out;
}

}  // namespace raiten::test
