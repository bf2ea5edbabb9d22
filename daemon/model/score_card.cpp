#include "daemon/model/score_card.hpp"

#include <array>

namespace raiten {
namespace {

template <class T>
CardValue shown(const std::optional<T>& value)
{
    if (!value) return {};
    if constexpr (std::is_same_v<T, double>) {
        return *value;
    } else {
        return static_cast<std::int64_t>(*value);
    }
}

CardValue shown(std::uint32_t value)
{
    return static_cast<std::int64_t>(value);
}

CardValue shown(Money money)
{
    const auto parts = money.ten_thousandths();
    if (parts % Money::per_unit == 0) return std::int64_t{parts / Money::per_unit};
    return money.units();
}

CardValue shown(const std::optional<Money>& money)
{
    if (!money) return {};
    return shown(*money);
}

CardValue shown(const std::optional<Stage>& stage)
{
    if (!stage) return {};
    return text_of(*stage);
}

CardValue shown(const std::string& text)
{
    return std::string_view{text};
}

template <auto field>
CardValue of(const ScoreCard& card)
{
    return shown(card.*field);
}

using Card = ScoreCard;
constexpr std::array columns{
    CardColumn{"member", "TEXT", "pseudonym", &of<&Card::member>},
    CardColumn{"visits", "INTEGER", "settled visits before this one", &of<&Card::visits>},
    CardColumn{"purchases", "INTEGER", "of these, with a purchase", &of<&Card::purchases>},
    CardColumn{"spend", "NUMERIC", "sum over all purchases, in the currency's units",
               &of<&Card::spend>},
    CardColumn{"streak", "INTEGER", "visits in a row without a purchase before this one",
               &of<&Card::streak>},
    CardColumn{"dwell_min", "REAL", "minutes in the store so far", &of<&Card::dwell_min>},
    CardColumn{"days_since_visit", "REAL", "since the last visit ended",
               &of<&Card::days_since_visit>},
    CardColumn{"days_since_purchase", "REAL", "since the last purchase",
               &of<&Card::days_since_purchase>},
    CardColumn{"days_since_first_visit", "REAL", "since the very first visit",
               &of<&Card::days_since_first_visit>},
    CardColumn{"days_since_coupon", "REAL", "since the last coupon of any campaign",
               &of<&Card::days_since_coupon>},
    CardColumn{"hour", "REAL", "local time of day, 0 to 24", &of<&Card::hour>},
    CardColumn{"weekday", "INTEGER", "of the business day, 1 Monday to 7 Sunday",
               &of<&Card::weekday>},
    CardColumn{"basket_total", "NUMERIC", "total of the receipt just printed",
               &of<&Card::basket_total>},
    CardColumn{"basket", "TEXT", "categories and SKUs of the receipt just printed: |coffee|490123|",
               &of<&Card::basket>},
    CardColumn{"stage_before", "TEXT", "the stage that the member has just left",
               &of<&Card::stage_before>},
    CardColumn{"survey_score", "INTEGER", "the answer just given, 0 to 10",
               &of<&Card::survey_score>},
    CardColumn{"birth_month", "INTEGER", "1 to 12", &of<&Card::birth_month>},
    CardColumn{"zone", "TEXT", "where the member is", &of<&Card::zone>},
    CardColumn{"stage", "TEXT", "new, light, middle, core, at_risk or dormant", &of<&Card::stage>},
    CardColumn{"rfm_r", "INTEGER", "rank of recency among the members, 1 worst to 5 best",
               &of<&Card::rfm_r>},
    CardColumn{"rfm_f", "INTEGER", "rank of frequency, 1 to 5", &of<&Card::rfm_f>},
    CardColumn{"rfm_m", "INTEGER", "rank of monetary value, 1 to 5", &of<&Card::rfm_m>},
    CardColumn{"recency_days", "INTEGER",
               "days since the last purchase, without one since the last visit",
               &of<&Card::recency_days>},
    CardColumn{"frequency", "INTEGER", "days with a purchase in the last year",
               &of<&Card::frequency>},
    CardColumn{"monetary", "REAL", "spent in the last year", &of<&Card::monetary>},
    CardColumn{"x", "INTEGER", "days with a purchase, after the first", &of<&Card::x>},
    CardColumn{"t_x", "REAL", "days from the first purchase to the last", &of<&Card::t_x>},
    CardColumn{"t_total", "REAL", "days from the first purchase to now", &of<&Card::t_total>},
    CardColumn{"p_alive", "REAL", "probability of still being a customer", &of<&Card::p_alive>},
    CardColumn{"expected_purchases", "REAL", "purchases expected over the horizon",
               &of<&Card::expected_purchases>},
    CardColumn{"expected_spend", "REAL", "expected spend of one purchase",
               &of<&Card::expected_spend>},
    CardColumn{"ltv", "REAL", "expected, discounted spend over the horizon", &of<&Card::ltv>},
    CardColumn{"p_purchase", "REAL", "probability of buying again within the horizon",
               &of<&Card::p_purchase>},
    CardColumn{"next_visit_days", "REAL", "days until the predicted next visit",
               &of<&Card::next_visit_days>},
    CardColumn{"p_visit_7d", "REAL", "probability of a visit within 7 days",
               &of<&Card::p_visit_7d>},
    CardColumn{"visit_hour_from", "REAL", "local hour from which a visit is likeliest",
               &of<&Card::visit_hour_from>},
    CardColumn{"visit_hour_to", "REAL", "local hour at which that span ends",
               &of<&Card::visit_hour_to>},
    CardColumn{"propensity", "REAL", "probability of buying on this visit", &of<&Card::propensity>},
};

}  // namespace

std::span<const CardColumn> card_columns()
{
    return columns;
}

}  // namespace raiten
