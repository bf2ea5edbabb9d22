#include "drivers/scanner/ai_table.hpp"

#include <algorithm>
#include <charconv>

namespace raiten::drivers::gs1 {
namespace {

constexpr Part n(std::uint8_t size, Check check = Check::none)
{
    return {'N', size, size, check, false};
}
constexpr Part n_to(std::uint8_t max, Check check = Check::none)
{
    return {'N', 1, max, check, false};
}
constexpr Part x(std::uint8_t size, Check check = Check::none)
{
    return {'X', size, size, check, false};
}
constexpr Part x_to(std::uint8_t max, Check check = Check::none)
{
    return {'X', 1, max, check, false};
}
constexpr Part maybe(Part part)
{
    part.optional = true;
    return part;
}

template <class... Parts>
constexpr Ai row(std::uint8_t digits, bool predefined, std::uint16_t first, std::uint16_t last,
                 Parts... parts)
{
    return {first, last, digits, predefined, {parts...}, sizeof...(parts)};
}
template <class... Parts>
constexpr Ai fixed(std::uint8_t digits, std::uint16_t first, std::uint16_t last, Parts... parts)
{
    return row(digits, true, first, last, parts...);
}
template <class... Parts>
constexpr Ai ended(std::uint8_t digits, std::uint16_t first, std::uint16_t last, Parts... parts)
{
    return row(digits, false, first, last, parts...);
}

using enum Check;

constexpr std::array table{
    fixed(2, 0, 0, n(18, check_digit)),                            // SSCC
    fixed(2, 1, 2, n(14, check_digit)),                            // GTIN, content
    ended(2, 10, 10, x_to(20)),                                    // batch
    fixed(2, 11, 13, n(6, date_or_month)),                         // production, due, packaging
    fixed(2, 15, 17, n(6, date_or_month)),                         // best before, sell by, expiry
    fixed(2, 20, 20, n(2)),                                        // variant
    ended(2, 21, 22, x_to(20)),                                    // serial, consumer variant
    ended(3, 235, 235, x_to(28)),                                  // third party's serial
    ended(3, 240, 241, x_to(30)),                                  // additional ids
    ended(3, 242, 242, n_to(6)),                                   // made to order
    ended(3, 243, 243, x_to(20)),                                  // packaging component
    ended(3, 250, 251, x_to(30)),                                  // secondary serial, source
    ended(3, 253, 253, n(13, check_digit), maybe(x_to(17))),       // document
    ended(3, 254, 254, x_to(20)),                                  // location extension
    ended(3, 255, 255, n(13, check_digit), maybe(n_to(12))),       // coupon
    ended(2, 30, 30, n_to(8)),                                     // variable count
    fixed(4, 3100, 3165, n(6)),                                    // measures
    fixed(4, 3200, 3375, n(6)),                                    // measures
    fixed(4, 3400, 3575, n(6)),                                    // measures
    fixed(4, 3600, 3695, n(6)),                                    // measures
    ended(2, 37, 37, n_to(8)),                                     // count
    ended(4, 3900, 3909, n_to(15)),                                // amount
    ended(4, 3910, 3919, n(3), n_to(15)),                          // amount with currency
    ended(4, 3920, 3929, n_to(15)),                                // price
    ended(4, 3930, 3939, n(3), n_to(15)),                          // price with currency
    ended(4, 3940, 3943, n(4)),                                    // per cent off
    ended(4, 3950, 3955, n(6)),                                    // price by unit
    ended(3, 400, 400, x_to(30)),                                  // order
    ended(3, 401, 401, x_to(30, key)),                             // consignment
    ended(3, 402, 402, n(17, check_digit)),                        // shipment
    ended(3, 403, 403, x_to(30)),                                  // route
    fixed(3, 410, 417, n(13, check_digit)),                        // locations and parties
    ended(3, 420, 420, x_to(20)),                                  // postal code
    ended(3, 421, 421, n(3), x_to(9)),                             // postal code in a country
    ended(3, 422, 422, n(3)),                                      // origin
    ended(3, 423, 423, n_to(15)),                                  // countries of processing
    ended(3, 424, 424, n(3)),                                      // country of processing
    ended(3, 425, 425, n_to(15)),                                  // countries of disassembly
    ended(3, 426, 426, n(3)),                                      // country of all
    ended(3, 427, 427, x_to(3)),                                   // subdivision
    ended(4, 4300, 4301, x_to(35, percent)),                       // ship to
    ended(4, 4302, 4306, x_to(70, percent)),                       //
    ended(4, 4307, 4307, x(2)),                                    //
    ended(4, 4308, 4308, x_to(30)),                                //
    ended(4, 4309, 4309, n(10, latitude), n(10, longitude)),       //
    ended(4, 4310, 4311, x_to(35, percent)),                       // return to
    ended(4, 4312, 4316, x_to(70, percent)),                       //
    ended(4, 4317, 4317, x(2)),                                    //
    ended(4, 4318, 4318, x_to(20)),                                //
    ended(4, 4319, 4319, x_to(30)),                                //
    ended(4, 4320, 4320, x_to(35, percent)),                       // service
    ended(4, 4321, 4323, n(1, yes_no)),                            // dangerous, leave, signature
    ended(4, 4324, 4325, n(6, date_or_month), n(4, hour_minute)),  // delivery not before, after
    ended(4, 4326, 4326, n(6, date)),                              // release
    ended(4, 4330, 4333, n(6), maybe(x(1, hyphen))),               // temperatures
    ended(4, 7001, 7001, n(13)),                                   // NATO stock number
    ended(4, 7002, 7002, x_to(30)),                                // cut of meat
    ended(4, 7003, 7003, n(6, date), n(4, hour_minute)),           // expiry with time
    ended(4, 7004, 7004, n_to(4)),                                 // potency
    ended(4, 7005, 7005, x_to(12)),                                // catch area
    ended(4, 7006, 7006, n(6, date)),                              // first freeze
    ended(4, 7007, 7007, n(6, date), maybe(n(6, date))),           // harvest
    ended(4, 7008, 7008, x_to(3)),                                 // species
    ended(4, 7009, 7009, x_to(10)),                                // fishing gear
    ended(4, 7010, 7010, x_to(2)),                                 // production method
    ended(4, 7011, 7011, n(6, date), maybe(n(4, hour_minute))),    // test by
    ended(4, 7020, 7022, x_to(20)),                                // refurbishment
    ended(4, 7023, 7023, x_to(30, key)),                           // assembly
    ended(4, 7030, 7039, n(3), x_to(27)),                          // processors
    ended(4, 7040, 7040, n(1), x(1), x(1), x(1)),                  // EU tobacco
    ended(3, 710, 716, x_to(20)),                                  // reimbursement numbers
    ended(4, 7230, 7239, x(2), x_to(28)),                          // certificates
    ended(4, 7240, 7240, x_to(20)),                                // protocol
    ended(4, 7241, 7241, n(2)),                                    // medium of a person's code
    ended(4, 7242, 7242, x_to(25)),                                // its version
    ended(4, 8001, 8001, n(4, nonzero), n(5, nonzero), n(3, nonzero), n(1, winding), n(1)),
    ended(4, 8002, 8002, x_to(20)),                                         // mobile phone
    ended(4, 8003, 8003, n(1, zero), n(13, check_digit), maybe(x_to(16))),  // returnable asset
    ended(4, 8004, 8004, x_to(30, key)),                                    // individual asset
    ended(4, 8005, 8005, n(6)),                                             // price per unit
    ended(4, 8006, 8006, n(14, check_digit), n(4, piece)),                  // piece of an item
    ended(4, 8007, 8007, x_to(34)),                                         // IBAN
    ended(4, 8008, 8008, n(8, date_hour), maybe(n_to(4, minute_second))),   // production time
    ended(4, 8009, 8009, x_to(50)),                                         // sensor
    ended(4, 8010, 8010, Part{'Y', 1, 30, key, false}),                     // component
    ended(4, 8011, 8011, n_to(12, no_leading_zero)),                        // its serial
    ended(4, 8012, 8012, x_to(20)),                                         // software version
    ended(4, 8013, 8013, x_to(25, key)),                                    // model
    ended(4, 8017, 8018, n(18, check_digit)),                               // service relation
    ended(4, 8019, 8019, n_to(10)),                                         // its instance
    ended(4, 8020, 8020, x_to(25)),                                         // payment slip
    ended(4, 8026, 8026, n(14, check_digit), n(4, piece)),                  // content, pieces
    ended(4, 8030, 8030, Part{'Z', 1, 90, none, false}),                    // signature
    ended(4, 8110, 8110, x_to(70)),                                         // coupon, North America
    ended(4, 8111, 8111, n(4)),                                             // points
    ended(4, 8112, 8112, x_to(70)),                                         // paperless coupon
    ended(4, 8200, 8200, x_to(70)),                                         // product page
    ended(2, 90, 90, x_to(30)),  // agreed between partners
    ended(2, 91, 99, x_to(90)),  // a company's own
};

/// The last digit of a measure says where its decimal point is: 0 to 5.
bool is_measure_without_point(const Ai& row, unsigned number)
{
    const bool measure = row.predefined && row.digits == 4;
    return measure && number % 10 > 5;
}

}  // namespace

std::size_t Ai::length_max() const
{
    std::size_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += parts[i].max;
    return sum;
}

const Ai* find_ai(std::string_view ai)
{
    unsigned number = 0;
    const auto [end, failed] = std::from_chars(ai.data(), ai.data() + ai.size(), number);
    if (failed != std::errc{} || end != ai.data() + ai.size()) return nullptr;
    const auto* found = std::find_if(table.begin(), table.end(), [&](const Ai& row) {
        return row.digits == ai.size() && number >= row.first && number <= row.last
               && !is_measure_without_point(row, number);
    });
    return found == table.end() ? nullptr : &*found;
}

std::optional<std::string_view> leading_ai(std::string_view text)
{
    for (std::size_t digits = 2; digits <= 4 && digits <= text.size(); ++digits)
        if (find_ai(text.substr(0, digits)) != nullptr) return text.substr(0, digits);
    return std::nullopt;
}

}  // namespace raiten::drivers::gs1
