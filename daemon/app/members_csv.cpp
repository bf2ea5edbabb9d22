#include "daemon/app/members_csv.hpp"

#include "daemon/app/csv.hpp"
#include "daemon/app/nearest.hpp"
#include "daemon/app/token_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

namespace raiten::app {
namespace {

enum Column : std::size_t { member, tokens, consent, birth_month, staff, channels, columns };
constexpr std::array<std::string_view, columns> column_names{"member",      "tokens", "consent",
                                                             "birth_month", "staff",  "channels"};

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks{" \t"};
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string lower(std::string_view text)
{
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::optional<bool> yes_or_no(std::string_view text)
{
    const auto word = lower(text);
    if (word == "yes" || word == "y" || word == "true" || word == "1") return true;
    if (word == "no" || word == "n" || word == "false" || word == "0" || word.empty()) return false;
    return std::nullopt;
}

/// Where each column stands in a row; nothing for one that is not there.
using Places = std::array<std::optional<std::size_t>, columns>;

class Lines {
 public:
    explicit Lines(std::string file) : file_{std::move(file)} {}

    MemberList<MemberLine> read(std::istream& in)
    {
        CsvReader csv{in};
        auto header = csv.next();
        if (!header) {
            blame(header.error());
        } else if (!*header) {
            list_.problems.push_back({"is empty", file_, "begin with: member,tokens,consent"});
        } else if (take_header(**header)) {
            take_rows(csv);
        }
        return std::move(list_);
    }

 private:
    void blame(const Problem& problem)
    {
        list_.problems.push_back({problem.what, file_ + ": " + problem.where, problem.advice});
    }
    void blame(std::size_t line, std::string what, std::string advice = {})
    {
        list_.problems.push_back(
            {std::move(what), file_ + ": line " + std::to_string(line), std::move(advice)});
    }

    bool take_header(const CsvRow& row)
    {
        for (std::size_t i = 0; i < row.fields.size(); ++i) {
            const auto name = lower(trimmed(row.fields[i]));
            const auto found = std::find(column_names.begin(), column_names.end(), name);
            if (found == column_names.end()) {
                list_.unused_columns.push_back(name);
                continue;
            }
            auto& place = places_[static_cast<std::size_t>(found - column_names.begin())];
            if (place) return refuse_header(row.line, "has the column " + name + " twice", {});
            place = i;
        }
        for (const auto needed : {member, tokens, consent})
            if (!places_[needed])
                return refuse_header(row.line, "has no column " + std::string{column_names[needed]},
                                     "the first line names the columns: member,tokens,consent");
        fields_ = row.fields.size();
        return true;
    }
    bool refuse_header(std::size_t line, std::string what, std::string advice)
    {
        blame(line, std::move(what), std::move(advice));
        return false;
    }

    void take_rows(CsvReader& csv)
    {
        for (;;) {
            const auto row = csv.next();
            if (!row) {
                blame(row.error());
            } else if (!*row) {
                return;
            } else if (list_.rows.size() == member_rows_max) {
                return blame((*row)->line, "and all after it are left out",
                             "split the file: at most " + std::to_string(member_rows_max)
                                 + " members at a time");
            } else {
                take_row(**row);
            }
        }
    }

    std::string_view field(const CsvRow& row, Column column) const
    {
        const auto place = places_[column];
        return place ? trimmed(row.fields[*place]) : std::string_view{};
    }

    void take_row(const CsvRow& row)
    {
        if (row.fields.size() != fields_)
            return blame(row.line, "has " + std::to_string(row.fields.size()) + " fields where the "
                                       + "header has " + std::to_string(fields_));
        MemberLine out;
        out.line = row.line;
        out.name = field(row, member);
        if (!out.name.empty() && !is_member_name(out.name))
            return blame(row.line, "has a member that is no name",
                         "1 to 64 letters, digits and . _ : -");
        const auto agreed = yes_or_no(field(row, consent));
        const auto is_staff = yes_or_no(field(row, staff));
        if (!agreed || !is_staff)
            return blame(row.line,
                         std::string{agreed ? "staff" : "consent"} + " is neither yes nor no");
        out.consent = *agreed;
        out.staff = *is_staff;
        if (!take_month(row, out) || !take_channels(row, out) || !take_tokens(row, out)) return;
        if (out.name.empty() && out.tokens.empty())
            return blame(row.line, "has neither a member nor a token");
        list_.rows.push_back(std::move(out));
    }

    bool take_month(const CsvRow& row, MemberLine& out)
    {
        const auto text = field(row, birth_month);
        if (text.empty()) return true;
        unsigned month = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), month);
        if (error != std::errc{} || end != text.data() + text.size() || month < 1 || month > 12) {
            blame(row.line, "birth_month is not 1 to 12");
            return false;
        }
        out.birth_month = static_cast<std::uint8_t>(month);
        return true;
    }

    bool take_channels(const CsvRow& row, MemberLine& out)
    {
        const auto text = field(row, channels);
        if (text.empty()) return true;
        const auto read = channels_of(lower(text));
        if (!read) {
            blame(row.line, "channels: " + read.error().what, read.error().advice);
            return false;
        }
        out.channels = *read;
        return true;
    }

    bool take_tokens(const CsvRow& row, MemberLine& out)
    {
        auto left = field(row, tokens);
        while (!(left = trimmed(left)).empty()) {
            const auto end = std::min(left.find_first_of(" \t"), left.size());
            auto token = normalise_token(left.substr(0, end));
            left.remove_prefix(end);
            if (!token) {
                blame(row.line, "tokens: " + token.error().what, token.error().advice);
                return false;
            }
            if (std::find(out.tokens.begin(), out.tokens.end(), token->text) == out.tokens.end())
                out.tokens.push_back(std::move(token->text));
            if (out.tokens.size() > member_tokens_max) {
                blame(row.line, "has more than " + std::to_string(member_tokens_max) + " tokens");
                return false;
            }
        }
        return true;
    }

    std::string file_;
    Places places_;
    std::size_t fields_{};
    MemberList<MemberLine> list_;
};

}  // namespace

Result<Channels> channels_of(std::string_view words)
{
    Channels out{};
    bool none = false;
    std::size_t count = 0;
    for (auto left = trimmed(words); !left.empty(); left = trimmed(left)) {
        const auto end = std::min(left.find_first_of(" \t"), left.size());
        const auto word = left.substr(0, end);
        left.remove_prefix(end);
        ++count;
        if (word == "none") {
            none = true;
        } else if (const auto channel = channel_of(word)) {
            out = static_cast<Channels>(out | bit_of(*channel));
        } else {
            return Problem{"'" + std::string{word.substr(0, 16)} + "' is not a channel",
                           {},
                           "kiosk, app, mail and wallet, separated by blanks, or none"};
        }
    }
    if (count == 0 || (none && count > 1))
        return Problem{count == 0 ? "says nothing" : "has none beside others",
                       {},
                       "kiosk, app, mail and wallet, separated by blanks, or none"};
    return out;
}

std::string channels_text(Channels channels)
{
    std::string out;
    for (std::size_t i = 0; i < channel_count; ++i)
        if (const auto channel = static_cast<Channel>(i); (channels & bit_of(channel)) != 0)
            out += (out.empty() ? "" : " ") + std::string{text_of(channel)};
    return out.empty() ? "none" : out;
}

bool is_member_name(std::string_view name)
{
    constexpr std::string_view allowed{
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"};
    return !name.empty() && name.size() <= 64
           && name.find_first_not_of(allowed) == std::string_view::npos;
}

MemberList<MemberLine> read_member_lines(std::istream& in, const std::string& file)
{
    return Lines{file}.read(in);
}

MemberList<MemberRow> read_members(std::istream& in, const std::string& file,
                                   Pseudonyms& pseudonyms)
{
    auto lines = read_member_lines(in, file);
    MemberList<MemberRow> out;
    out.problems = std::move(lines.problems);
    out.unused_columns = std::move(lines.unused_columns);
    std::unordered_map<TokenKey, std::string> owners;
    for (auto& line : lines.rows) {
        MemberRow row{line.line, std::move(line.name), line.staff, line.consent, line.birth_month,
                      {},        line.channels};
        const auto blame = [&](const std::string& what, const std::string& advice) {
            out.problems.push_back({what, file + ": line " + std::to_string(line.line), advice});
        };
        bool good = true;
        for (const auto& text : line.tokens) {
            const auto token = pseudonyms.token(text);
            if (!token || token->rotating) {
                good = false;
                blame(token ? "has a token that changes by itself" : token.error().what,
                      token ? "enrol one that lasts" : token.error().advice);
                break;
            }
            if (row.name.empty()) row.name = member_name(token->key);
            const auto owner = owners.find(token->key);
            if (owner != owners.end() && owner->second != row.name) {
                good = false;
                blame("has a token that an earlier row gives to another member", "");
                break;
            }
            row.tokens.push_back(*token);
        }
        if (!good) continue;
        for (const auto& token : row.tokens) owners.emplace(token.key, row.name);
        out.rows.push_back(std::move(row));
    }
    return out;
}

}  // namespace raiten::app
