#include "daemon/app/campaign_columns.hpp"

#include "daemon/model/score_card.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace raiten::app {
namespace {

constexpr std::array in_the_store{Moment::visit_opened,   Moment::non_purchase_return,
                                  Moment::first_visit,    Moment::first_purchase,
                                  Moment::purchased,      Moment::left_without_purchase,
                                  Moment::survey_answered};
constexpr std::array before_buying{Moment::visit_opened, Moment::non_purchase_return,
                                   Moment::first_visit, Moment::survey_answered};
constexpr std::array at_the_register{Moment::first_purchase, Moment::purchased};
constexpr std::array at_a_move{Moment::stage_changed, Moment::went_dormant};
constexpr std::array after_a_visit{
    Moment::visit_opened,   Moment::non_purchase_return, Moment::left_without_purchase,
    Moment::first_purchase, Moment::purchased,           Moment::visit_predicted,
    Moment::stage_changed,  Moment::went_dormant,        Moment::birthday_month,
    Moment::survey_answered};
constexpr std::array after_the_survey{Moment::survey_answered};

/// Columns that are known at some moments only; all others are known at every moment.
struct Row {
    std::string_view column;
    std::span<const Moment> moments;
};
constexpr std::array rows{
    Row{"zone", in_the_store},
    Row{"dwell_min", in_the_store},
    Row{"propensity", before_buying},
    Row{"basket_total", at_the_register},
    Row{"basket", at_the_register},
    Row{"stage_before", at_a_move},
    Row{"survey_score", after_the_survey},
    Row{"days_since_visit", after_a_visit},
};

/// A bar within a cell would end it.
std::string in_a_table(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

bool of_a_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool same_word(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y;
    });
}

}  // namespace

std::vector<std::string> columns_used(std::string_view where)
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < where.size();) {
        if (where[i] == '\'') {
            i = std::min(where.find('\'', i + 1), where.size() - 1) + 1;
            continue;
        }
        std::size_t end = i;
        while (end < where.size() && of_a_word(where[end])) ++end;
        const auto word = where.substr(i, end - i);
        for (const auto& column : card_columns())
            if (same_word(word, column.name)
                && std::find(out.begin(), out.end(), column.name) == out.end())
                out.emplace_back(column.name);
        i = std::max(end, i + 1);
    }
    return out;
}

bool known_at(std::string_view column, Moment moment)
{
    for (const auto& row : rows)
        if (row.column == column)
            return std::find(row.moments.begin(), row.moments.end(), moment) != row.moments.end();
    return true;
}

std::string moments_of(std::string_view column)
{
    std::string out;
    std::size_t count = 0;
    for (std::size_t i = 0; i < moment_count; ++i) {
        const auto moment = static_cast<Moment>(i);
        if (!known_at(column, moment)) continue;
        ++count;
        out += (out.empty() ? "" : ", ") + std::string{text_of(moment)};
    }
    return count == moment_count ? "every moment" : out;
}

std::string columns_reference()
{
    const auto table = [](const auto& shows) {
        std::string out = "| column | kind | meaning |\n| --- | --- | --- |\n";
        for (const auto& column : card_columns())
            if (const auto told = shows(column); !told.empty())
                out += "| `" + std::string{column.name} + "` | " + std::string{column.type} + " | "
                       + in_a_table(told) + " |\n";
        return out;
    };
    std::string out{columns_begin};
    out += "\nKnown at every moment:\n\n";
    out += table([](const CardColumn& column) {
        return moments_of(column.name) == "every moment" ? std::string{column.says} : "";
    });
    out += "\nKnown at some moments only:\n\n";
    out += table([](const CardColumn& column) {
        return moments_of(column.name) == "every moment" ? "" : std::string{column.says};
    });
    out += "\n| at the moment | of these are known |\n| --- | --- |\n";
    for (std::size_t i = 0; i < moment_count; ++i) {
        const auto moment = static_cast<Moment>(i);
        std::string known;
        for (const auto& row : rows)
            if (known_at(row.column, moment))
                known += (known.empty() ? "`" : ", `") + std::string{row.column} + "`";
        out += "| `" + std::string{text_of(moment)} + "` | " + (known.empty() ? "none" : known)
               + " |\n";
    }
    out += "\n";
    return out + std::string{columns_end};
}

}  // namespace raiten::app
