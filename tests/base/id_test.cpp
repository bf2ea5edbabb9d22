#include "daemon/base/id.hpp"

#include "daemon/base/overloaded.hpp"

#include <catch2/catch.hpp>

#include <type_traits>
#include <unordered_set>
#include <variant>

using raiten::Id;

namespace {

using MemberNumber = Id<struct MemberTag>;
using ReaderNumber = Id<struct ReaderTag>;

}  // namespace

TEST_CASE("id: a member's number never passes for a reader's", "[base]")
{
    CHECK_FALSE(std::is_convertible_v<MemberNumber, ReaderNumber>);
    CHECK_FALSE(std::is_convertible_v<std::uint64_t, MemberNumber>);
    CHECK(MemberNumber{7} < MemberNumber{8});
    CHECK(std::unordered_set<MemberNumber>{MemberNumber{7}, MemberNumber{7}}.size() == 1);
}

TEST_CASE("overloaded: one case for each kind of number", "[base]")
{
    const std::variant<MemberNumber, ReaderNumber> who = ReaderNumber{3};
    const bool is_reader = std::visit(
        raiten::overloaded{[](MemberNumber) { return false; }, [](ReaderNumber) { return true; }},
        who);
    CHECK(is_reader);
}
