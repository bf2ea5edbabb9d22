#include "daemon/kpi/returning.hpp"

#include <algorithm>

namespace raiten {

void Returning::add(const MemberStory& member)
{
    to_purchase.add(member.taken());
    to_first_purchase.add(member.taken_first());
    if (member.visits_lately() == 0 || member.purchases_lately() > 0) return;
    ++non_purchasers[std::min<std::size_t>(member.visits_lately(), non_purchasers.size()) - 1];
}

}  // namespace raiten
