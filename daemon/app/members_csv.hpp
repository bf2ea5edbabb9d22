#pragma once

#include "daemon/app/identity.hpp"
#include "daemon/base/result.hpp"
#include "daemon/model/campaign.hpp"
#include "daemon/model/token.hpp"

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace raiten::app {

inline constexpr std::size_t member_rows_max = 1'000'000;
inline constexpr std::size_t member_tokens_max = 64;  ///< of one member, as the ledger has it

/// A row as it is written, found good. Tokens are readable text in their one form.
struct MemberLine {
    std::size_t line{};
    std::string name;  ///< or empty
    bool staff{};
    bool consent{};
    std::optional<std::uint8_t> birth_month;
    std::vector<std::string> tokens;
    std::optional<Channels> channels{};  ///< nothing: not said
};

template <class Row>
struct MemberList {
    std::vector<Row> rows;
    /// Of rows that are left out; `where` is "FILE: line N". Never repeats a token.
    std::vector<Problem> problems;
    std::vector<std::string> unused_columns;
};

/// A member list: `member,tokens,consent[,birth_month][,staff][,channels]`, a header first, columns
/// in any order. Several tokens are separated by blanks. Consent and staff are yes, no, true,
/// false, 1 or 0; empty is no. The month is 1 to 12 or empty. Channels are as channels_of() reads
/// them; empty, or no such column, says nothing: as before, for a new member all. A row has a
/// member, a token, or both. Without a usable header there are no rows and one problem.
MemberList<MemberLine> read_member_lines(std::istream& in, const std::string& file);

/// A member as the directory takes it.
struct MemberRow {
    std::size_t line{};
    std::string name;  ///< never empty: without one, what member_name() calls its first token
    bool staff{};
    bool consent{};
    std::optional<std::uint8_t> birth_month;
    std::vector<Token> tokens;
    std::optional<Channels> channels{};
};

/// The same, with tokens as pseudonyms. A token that an earlier row gave to another member, or
/// one that changes by itself, is a problem and its row is left out.
MemberList<MemberRow> read_members(std::istream& in, const std::string& file,
                                   Pseudonyms& pseudonyms);

/// "kiosk app", separated by blanks, or "none"; a Problem names the word that is no channel.
Result<Channels> channels_of(std::string_view words);
/// The same notation.
std::string channels_text(Channels channels);

/// 1 to 64 of letters, digits and . _ : -
bool is_member_name(std::string_view name);

}  // namespace raiten::app
