#include "drivers/pn532/target.hpp"

#include "drivers/card/felica_polling.hpp"
#include "drivers/card/identity.hpp"

#include <algorithm>

namespace raiten::drivers::pn532 {
namespace {

constexpr std::size_t targets_max = 2;  // the module holds no more

std::size_t size_at(Bytes bytes, std::size_t at)
{
    return std::to_integer<std::size_t>(bytes[at]);
}

/// Behind the target's number. SENS_RES 12 01 or 14 01 is no card's, so that it is FeliCa's length
/// and code.
bool is_felica(Bytes target)
{
    const std::size_t length = size_at(target, 0);
    return (length == 18 || length == 20) && target[1] == std::byte{0x01};
}

Taken<std::size_t> read_felica(Bytes target, Targets& targets)
{
    const std::size_t length = size_at(target, 0);
    if (target.size() < length) return cut_short;
    const auto polling = card::read_polling(target.first(length));
    if (!polling.has_value()) return polling.error();
    Target felica;
    felica.kind = Target::Kind::felica;
    felica.id.assign(polling->idm.begin(), polling->idm.end());
    felica.system_code = polling->request_data;
    targets.found.push_back(std::move(felica));
    return length;
}

Taken<std::size_t> read_type_a(Bytes target, bool whole, Targets& targets)
{
    constexpr std::size_t head = 4;
    constexpr std::byte speaks_14443_4{0x20};
    if (target.size() < head) return cut_short;
    const std::size_t id_size = size_at(target, 3);
    if (id_size != 4 && id_size != 7 && id_size != 10) return Refusal{"a PN532 target of no kind"};
    std::size_t size = head + id_size;
    if (target.size() < size) return cut_short;

    const bool has_ats = (target[2] & speaks_14443_4) != std::byte{};
    if (has_ats && target.size() == size && !whole) return cut_short;
    Target type_a;
    type_a.sel_res = target[2];
    type_a.id.assign(target.begin() + head, target.begin() + static_cast<std::ptrdiff_t>(size));
    if (has_ats && target.size() > size) {  // its length counts itself
        size += std::max<std::size_t>(size_at(target, size), 1);
        if (target.size() < size) return cut_short;
    }
    targets.found.push_back(std::move(type_a));
    return size;
}

}  // namespace

Taken<Targets> read_targets(Bytes parameters, bool whole)
{
    if (parameters.empty()) return cut_short;
    const std::size_t count = size_at(parameters, 0);
    if (count > targets_max) return Refusal{"a PN532 answer with more cards than it can hold"};
    Targets targets;
    targets.bytes = 1;
    for (std::size_t i = 0; i < count; ++i) {
        constexpr std::size_t number = 1;
        const Bytes rest = parameters.subspan(targets.bytes);
        if (rest.size() < number + 2) return cut_short;
        const Bytes target = rest.subspan(number);
        const auto read =
            is_felica(target) ? read_felica(target, targets) : read_type_a(target, whole, targets);
        if (!read.has_value()) return read.error();
        targets.bytes += number + *read;
    }
    return targets;
}

Taken<std::string> token_of(const Target& target)
{
    return target.kind == Target::Kind::felica ? card::idm_token(target.id)
                                               : card::uid_token(target.id);
}

}  // namespace raiten::drivers::pn532
