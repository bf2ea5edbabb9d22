#include "daemon/simulator/check_digit.hpp"

namespace raiten::simulator {

std::string with_check_digit(std::string_view twelve_digits)
{
    int sum = 0;
    for (std::size_t at = 0; at < twelve_digits.size(); ++at)
        sum += (twelve_digits[at] - '0') * (at % 2 == 0 ? 1 : 3);
    return std::string{twelve_digits} + static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace raiten::simulator
