#include "drivers/card/felica_polling.hpp"

#include <algorithm>

namespace raiten::drivers::card {

Taken<Polling> read_polling(Bytes answer)
{
    constexpr std::byte response_code{0x01};
    constexpr std::size_t request_data_bytes = 2;

    const bool with_length = answer.size() > polling_bytes_min && answer[1] == response_code
                             && std::to_integer<std::size_t>(answer[0]) > polling_bytes_min;
    if (with_length) {
        if (answer.size() < std::to_integer<std::size_t>(answer[0]))
            return Refusal{"a polling answer cut short"};
        if (answer.size() > std::to_integer<std::size_t>(answer[0]))
            return Refusal{"a polling answer longer than it says"};
        answer = answer.subspan(1);
    }
    if (answer.size() < polling_bytes_min) return Refusal{"a polling answer cut short"};
    if (answer[0] != response_code) return Refusal{"not a polling answer"};
    if (answer.size() >= polling_bytes_max) return Refusal{"a polling answer longer than it says"};

    Polling polling;
    answer = answer.subspan(1);
    std::copy_n(answer.begin(), 8, polling.idm.begin());
    std::copy_n(answer.begin() + 8, 8, polling.pmm.begin());
    answer = answer.subspan(16);
    const auto asked = answer.first(answer.size() < request_data_bytes ? 0 : request_data_bytes);
    const auto rest = answer.subspan(asked.size());
    polling.request_data.assign(asked.begin(), asked.end());
    polling.trailing.assign(rest.begin(), rest.end());
    return polling;
}

}  // namespace raiten::drivers::card
