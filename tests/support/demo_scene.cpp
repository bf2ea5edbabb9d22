#include "tests/support/demo_scene.hpp"

#include "daemon/base/hex.hpp"
#include "tests/support/beacon_air.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/receipt_writer.hpp"

#include <fstream>

namespace raiten::stage {
namespace {

using Bytes = std::vector<std::byte>;

constexpr Millis scene_length{50'000};
constexpr std::size_t phones = 40;
constexpr Place door{0.5, 0.5};
constexpr double shop_width_m = 6;
constexpr double shop_depth_m = 4;
constexpr double wall_db = 10;

struct Person {
    std::string name;
    Payload payload;
    std::string card;
    int birth_month{};
    std::vector<Step> path;
    double wall{};
};

Place somewhere(Dice& dice)
{
    return {dice.between(1, shop_width_m - 1), dice.between(1, shop_depth_m - 1)};
}

/// In through the door, about the shop, and out again. In two visits nothing is sent in between.
std::vector<Step> stay(Millis from, Millis until, Dice& dice)
{
    std::vector<Step> path{{from, door}};
    for (Millis at = from + Millis{1'500}; at < until - Millis{1'000}; at += Millis{4'000})
        path.push_back({at, somewhere(dice)});
    path.push_back({until, door});
    return path;
}

Ibeacon beacon(std::uint16_t minor)
{
    return {demo_uuid, 1, minor};
}

EddystoneUid badge()
{
    EddystoneUid out;
    const auto name_space = bytes_of("raiten-sto");
    std::copy(name_space.begin(), name_space.end(), out.name_space.begin());
    out.instance[5] = std::byte{7};
    return out;
}

std::vector<Person> people(Dice& dice)
{
    const auto card = [](int number) {
        const auto digits = std::to_string(number);
        return with_check_digit("29" + std::string(10 - digits.size(), '0') + digits);
    };
    const auto ms = [](int seconds) { return Millis{seconds * 1'000}; };
    const auto visit = [&](int from, int until) { return stay(ms(from), ms(until), dice); };
    std::vector<Person> out;
    // B's card is 2900000000018.
    out.push_back({"demo-a", beacon(1), card(2), 4, visit(2, 10)});
    out.push_back({"demo-a", beacon(1), card(2), 4, visit(28, 45)});
    out.push_back({"demo-b", beacon(2), card(1), 7, visit(4, 18)});
    out.push_back({"demo-c", beacon(3), card(3), 11, visit(0, 50)});
    const std::vector<Step> outside{{ms(20), {-3, -4}}, {ms(23), {6, -4}}};
    out.push_back({"demo-d", beacon(4), card(4), 1, outside, 2.5 * wall_db});
    out.push_back({"demo-e", beacon(5), card(5), 9, visit(6, 20)});
    out.push_back({"demo-e", beacon(5), card(5), 9, visit(38, 48)});
    out.push_back({"demo-f", beacon(6), card(6), 2, visit(24, 40)});
    out.push_back({"demo-g", badge(), card(7), 12, visit(15, 42)});
    return out;
}

Advertiser noise(Dice& dice)
{
    constexpr std::array kinds{PhoneKind::apple_nearby, PhoneKind::find_my, PhoneKind::microsoft,
                               PhoneKind::exposure_notification};
    Advertiser out;
    out.payload = Phone{kinds[dice.below(kinds.size())], Millis{60'000}};
    out.interval = Millis{static_cast<std::int64_t>(dice.between(300, 2'000))};
    const bool outside = dice.share() < 0.5;
    const Place from{dice.between(-10, 12), outside ? dice.between(-8, -2) : dice.between(0, 6)};
    const Place to{dice.between(-10, 12), from.y};
    const auto begins = Millis{static_cast<std::int64_t>(dice.between(-20'000, 40'000))};
    const auto lasts = Millis{static_cast<std::int64_t>(dice.between(5'000, 60'000))};
    out.path = {{begins, from}, {begins + lasts, to}};
    out.wall_db = outside ? wall_db : 0;
    return out;
}

std::vector<Advertiser> everybody(const std::vector<Person>& members, Dice& dice)
{
    std::vector<Advertiser> out;
    for (const auto& person : members)
        out.push_back({person.payload, person.path, Millis{300}, person.wall});
    for (std::size_t i = 0; i < phones; ++i) out.push_back(noise(dice));
    return out;
}

std::string members_csv(const std::vector<Person>& members)
{
    std::string out = "member,tokens,consent,birth_month\n";
    std::string last;
    for (const auto& person : members) {
        if (person.name == last) continue;
        last = person.name;
        out += person.name + "," + token_of(person.payload) + " card:" + person.card + ",yes,"
               + std::to_string(person.birth_month) + "\n";
    }
    return out;
}

constexpr std::string_view timeline = R"(# at_ms what  arguments
0      radio  entrance entrance.btsnoop
0      radio  floor floor.btsnoop
2000   note   A walks in
4000   note   B walks in
10000  note   A leaves without buying
14000  print  receipt-b.bin
18000  note   B leaves
20000  note   D passes by outside, E leaves without buying
28000  note   A comes back
33000  print  receipt-f.bin
38000  note   E comes back
50000  end
)";

Bytes bytes_from(std::string_view text)
{
    const auto bytes = bytes_of(text);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

Result<std::map<std::string, Bytes>> demo_scene(std::uint64_t seed)
{
    Dice dice{seed};
    const auto members = people(dice);
    const auto all = everybody(members, dice);

    const std::string first = std::to_string(1'000 + seed % 8'000);
    const std::string second = std::to_string(1'001 + seed % 8'000);
    const auto receipt_b = receipt_bytes({first,
                                          "2026年11月22日(日) 10:14",
                                          members[2].card,
                                          {{"緑茶 500ml", 2, 138}, {"おにぎり 鮭", 1, 160}},
                                          1'000});
    const auto receipt_f = receipt_bytes({second,
                                          "2026年11月22日(日) 10:33",
                                          members[7].card,
                                          {{"ブレンドコーヒー", 1, 320}, {"サンドイッチ", 2, 380}},
                                          2'000});
    if (receipt_b.has_error()) return receipt_b.error();
    if (receipt_f.has_error()) return receipt_f.error();

    using namespace std::chrono;
    const Instant base = sys_days{2026y / November / 22d} + hours{1};
    Radio entrance;
    Radio floor;
    floor.place = {shop_width_m - 1, shop_depth_m - 1};
    std::map<std::string, Bytes> files;
    files["entrance.btsnoop"] = capture_of(all, entrance, base, scene_length, dice.word());
    files["floor.btsnoop"] = capture_of(all, floor, base, scene_length, dice.word());
    files["receipt-b.bin"] = receipt_b.value();
    files["receipt-f.bin"] = receipt_f.value();
    files["members.csv"] = bytes_from(members_csv(members));
    files["scene.txt"] = bytes_from(timeline);
    return files;
}

Result<void> write_scene(const std::map<std::string, Bytes>& files,
                         const std::filesystem::path& folder)
{
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec) return Problem{ec.message(), folder.string()};
    for (const auto& [name, bytes] : files) {
        std::ofstream out{folder / name, std::ios::binary | std::ios::trunc};
        // NOLINTNEXTLINE: the standard library's own way to write bytes
        out.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
        out.close();
        if (!out) return Problem{"cannot be written", (folder / name).string()};
    }
    return {};
}

}  // namespace raiten::stage
