#include "tests/engine/rssi/recordings.hpp"

#include "daemon/base/iso8601.hpp"

#include <sqlite3.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace raiten::test {
namespace {

constexpr std::size_t unpacked_bytes_max = std::size_t{64} << 20U;

void require(bool good, const std::string& what)
{
    if (!good) throw std::runtime_error{what};
}

std::string text_of_file(const std::filesystem::path& file)
{
    std::ifstream in{file, std::ios::binary};
    require(in.good(), "cannot read " + file.filename().string());
    return {std::istreambuf_iterator<char>{in}, {}};
}

double number(const std::string& text)
{
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    require(!text.empty() && *end == '\0', "not a number: " + text);
    return value;
}

Instant of_unix(double seconds)
{
    return Instant{Millis{std::llround(seconds * 1000)}};
}

std::size_t little_endian(std::string_view bytes, std::size_t at, std::size_t count)
{
    require(at + count <= bytes.size(), "the archive is cut short");
    std::size_t value = 0;
    for (std::size_t i = count; i > 0; --i)
        value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
    return value;
}

std::string inflated(std::string_view packed, std::size_t bytes)
{
    std::string out(bytes, '\0');
    z_stream stream{};
    require(inflateInit2(&stream, -MAX_WBITS) == Z_OK, "no memory to unpack");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    require(ended == Z_STREAM_END && stream.avail_out == 0, "the archive is damaged");
    return out;
}

/// The few forms that camera files use: objects of arrays of null, text and triples.
class CameraText {
 public:
    explicit CameraText(std::string_view text) : rest_{text} {}

    bool take(char wanted)
    {
        blank();
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_null()
    {
        blank();
        if (!rest_.starts_with("null")) return false;
        rest_.remove_prefix(4);
        return true;
    }
    std::string text()
    {
        require(take('"'), "no text where one should be");
        const auto end = rest_.find('"');
        require(end != std::string_view::npos, "a text without end");
        std::string out{rest_.substr(0, end)};
        rest_.remove_prefix(end + 1);
        return out;
    }
    double number()
    {
        blank();
        double value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        require(error == std::errc{}, "not a number: " + std::string{rest_.substr(0, 20)});
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }
    bool done()
    {
        blank();
        return rest_.empty();
    }

 private:
    void blank()
    {
        std::size_t n = 0;
        while (n < rest_.size() && (rest_[n] == ' ' || rest_[n] == '\n')) ++n;
        rest_.remove_prefix(n);
    }
    std::string_view rest_;
};

Instant camera_time(std::string text)
{
    require(text.size() >= 19, "not a time: " + text);
    text[10] = 'T';
    const auto at = parse_instant(text + "Z");
    require(at.has_value(), "not a time: " + text);
    return *at;
}

/// "10-18-2016 9:15:21", with or without seconds; the library's clock counted as if it were UTC.
Instant library_time(const std::string& text)
{
    int month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0;
    require(
        std::sscanf(text.c_str(), "%d-%d-%d %d:%d:%d", &month, &day, &year, &hour, &minute, &second)
            >= 5,
        "not a time: " + text);
    using namespace std::chrono;
    const sys_days date{std::chrono::year{year} / month / day};
    return Instant{date} + hours{hour} + minutes{minute} + seconds{second};
}

}  // namespace

std::optional<std::int16_t> level(long dbm)
{
    if (dbm < -127 || dbm > 20) return std::nullopt;
    return static_cast<std::int16_t>(dbm);
}

std::vector<std::vector<std::string>> rows_of(const std::filesystem::path& file, char between)
{
    const auto text = text_of_file(file);
    std::vector<std::vector<std::string>> rows;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = std::min(text.find('\n', from), text.size());
        std::string line = text.substr(from, end - from);
        from = end + 1;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty()) continue;
        auto& row = rows.emplace_back();
        for (std::size_t start = 0;;) {
            const auto stop = line.find(between, start);
            row.push_back(line.substr(start, stop - start));
            if (stop == std::string::npos) break;
            start = stop + 1;
        }
    }
    return rows;
}

Recording read_mbd(const std::filesystem::path& file)
{
    Recording out;
    for (const auto& row : rows_of(file, ',')) {
        require(row.size() == 4 || row.size() == 16,
                file.filename().string() + " row " + std::to_string(out.size() + 1));
        Heard heard{
            of_unix(number(row[0])), row[1], row[2], level(std::lround(number(row[3]))), {}, {}};
        if (row.size() == 16) heard.where = Place{number(row[4]), number(row[5]), number(row[6])};
        out.push_back(std::move(heard));
    }
    return out;
}

std::map<std::string, Place> read_sensors(const std::filesystem::path& file)
{
    // "b827eb4521b4": [[7.00, 7.09, 1.22], 16711680, "sensor10"], …
    std::map<std::string, Place> out;
    const auto text = text_of_file(file);
    const auto dongles = std::string_view{text}.substr(0, text.find("Beacons:"));
    for (auto at = dongles.find("\": [["); at != std::string_view::npos;
         at = dongles.find("\": [[", at + 1)) {
        require(at >= 12, "a sensor without a name");
        Place place{};
        require(std::sscanf(text.c_str() + at + 5, "%lf, %lf, %lf]", place.data(), place.data() + 1,
                            place.data() + 2)
                    == 3,
                "a sensor without a place");
        out[text.substr(at - 12, 12)] = place;
    }
    return out;
}

Recording read_dp3t(const std::filesystem::path& file)
{
    sqlite3* opened = nullptr;
    const auto uri = "file:" + file.string() + "?immutable=1";
    const int good =
        sqlite3_open_v2(uri.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> base{opened, sqlite3_close};
    require(good == SQLITE_OK, "cannot open " + file.filename().string());
    sqlite3_stmt* prepared = nullptr;
    require(sqlite3_prepare_v2(base.get(),
                               "SELECT timestamp, receiver_id, transmitter_id, rssi,"
                               " ground_truth_distance FROM results ORDER BY timestamp, db_id",
                               -1, &prepared, nullptr)
                == SQLITE_OK,
            "no table of results in " + file.filename().string());
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> row{prepared, sqlite3_finalize};
    const auto text = [&](int column) {
        return std::string{reinterpret_cast<const char*>(sqlite3_column_text(row.get(), column))};
    };
    Recording out;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(row.get())) == SQLITE_ROW) {
        Heard heard{of_unix(sqlite3_column_double(row.get(), 0)), text(1), text(2),
                    level(sqlite3_column_int(row.get(), 3)),      {},      {}};
        if (sqlite3_column_type(row.get(), 4) != SQLITE_NULL)
            heard.metres = sqlite3_column_double(row.get(), 4);
        out.push_back(std::move(heard));
    }
    require(step == SQLITE_DONE, "cannot read all of " + file.filename().string());
    return out;
}

Recording read_uci(const std::filesystem::path& file)
{
    const auto rows = rows_of(file, ',');
    Recording out;
    for (std::size_t i = rows.size() - 1; i > 0; --i) {  // the newest stand first
        const auto& row = rows[i];
        require(row.size() == 15, file.filename().string() + " row " + std::to_string(i));
        const auto when = library_time(row[1]);
        for (std::size_t k = 2; k < row.size(); ++k)
            if (const auto dbm = std::stol(row[k]); dbm != -200)
                out.push_back({when, rows[0][k], "phone", level(dbm), {}, {}});
    }
    return out;
}

std::string read_zipped(const std::filesystem::path& archive, const std::string& name)
{
    const auto zip = text_of_file(archive);
    const auto end = zip.rfind(std::string{"PK\x05\x06"});
    require(end != std::string::npos, "not an archive");
    const auto entries = little_endian(zip, end + 10, 2);
    auto at = little_endian(zip, end + 16, 4);
    for (std::size_t i = 0; i < entries; ++i) {
        require(zip.compare(at, 4, std::string{"PK\x01\x02"}) == 0, "the archive is damaged");
        const auto name_bytes = little_endian(zip, at + 28, 2);
        if (zip.compare(at + 46, name_bytes, name) == 0) {
            const auto packed = little_endian(zip, at + 20, 4);
            const auto bytes = little_endian(zip, at + 24, 4);
            require(bytes <= unpacked_bytes_max, name + " is too large");
            const auto local = little_endian(zip, at + 42, 4);
            const auto data =
                local + 30 + little_endian(zip, local + 26, 2) + little_endian(zip, local + 28, 2);
            require(data + packed <= zip.size(), "the archive is cut short");
            auto out = inflated(std::string_view{zip}.substr(data, packed), bytes);
            require(crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(bytes))
                        == little_endian(zip, at + 16, 4),
                    name + " is damaged");
            return out;
        }
        at += 46 + name_bytes + little_endian(zip, at + 30, 2) + little_endian(zip, at + 32, 2);
    }
    throw std::runtime_error{"no " + name + " in " + archive.filename().string()};
}

Camera read_camera(const std::string& json)
{
    Camera out;
    CameraText text{json};
    bool good = text.take('{');
    do {
        const auto name = text.text();
        good = good && text.take(':') && text.take('[');
        do {
            if (name == "datetime") {
                out.frames.push_back(camera_time(text.text()));
            } else if (text.take_null()) {
                out.people[name].emplace_back();
            } else {
                good = good && text.take('[');
                Place place{};
                place[0] = text.number();
                good = good && text.take(',');
                place[1] = text.number();
                good = good && text.take(',');
                place[2] = text.number();
                good = good && text.take(']');
                out.people[name].emplace_back(place);
            }
        } while (good && text.take(','));
        good = good && text.take(']');
    } while (good && text.take(','));
    good = good && text.take('}');
    require(good && text.done(), "not the cameras' view");
    return out;
}

Millis longest_silence(Recording heard, int least_dbm)
{
    std::erase_if(heard, [&](const Heard& h) { return h.rssi_dbm && *h.rssi_dbm < least_dbm; });
    std::sort(heard.begin(), heard.end(),
              [](const Heard& a, const Heard& b) { return a.at < b.at; });
    Millis longest{0};
    for (std::size_t i = 1; i < heard.size(); ++i)
        longest = std::max(longest, heard[i].at - heard[i - 1].at);
    return longest;
}

}  // namespace raiten::test
