#include "tests/days/past_look.hpp"

#include "daemon/ledger/database.hpp"

#include <catch2/catch.hpp>

namespace raiten::test {

using namespace std::chrono_literals;

std::vector<std::string> rows_of(const std::string& file, const std::string& sql)
{
    auto opened = ledger::Database::open(file, ledger::Database::Access::read_only, 1000ms);
    if (!opened) FAIL(opened.error().text());
    auto rows = (*opened)->query(sql);
    std::vector<std::string> out;
    while (rows.next()) out.push_back(rows.get<std::string>());
    CHECK((*opened)->ok());
    return out;
}

std::string one_of(const std::string& file, const std::string& sql)
{
    const auto rows = rows_of(file, sql);
    return rows.size() == 1 ? rows[0] : std::to_string(rows.size()) + " rows";
}

std::vector<std::string> visits_in(const std::string& file)
{
    return rows_of(file,
                   "SELECT m.name||'|'||v.ordinal||'|'||v.id||'|'||v.state||'|'||v.opened_at||'|'"
                   "||v.left_at||'|'||v.passive||'|'||v.streak||'|'||v.outcome||'|'||v.spend"
                   "||'|'||coalesce(v.dwell_ms,'-') FROM visit v JOIN member m ON m.id = v.member"
                   " ORDER BY m.name, v.ordinal");
}
std::vector<std::string> members_in(const std::string& file)
{
    return rows_of(file,
                   "SELECT name||'|'||visits||'|'||settled_visits||'|'||purchases||'|'||spend||'|'"
                   "||currency||'|'||coalesce(first_visit_at,'-') FROM member ORDER BY name");
}
std::string wrong_last_purchases(const std::string& file)
{
    return one_of(file,
                  "SELECT count(*) FROM member m WHERE last_purchase_at IS NOT (SELECT max("
                  "json_extract(j.value, '$[3]')) FROM visit v, json_each(v.receipts) j WHERE"
                  " v.member = m.id AND json_extract(j.value, '$[5]') <"
                  " json_extract(j.value, '$[4]'))");
}
std::vector<std::string> receipts_in(const std::string& file)
{
    return rows_of(file,
                   "SELECT day||'|'||pos||'|'||number||'|'||kind||'|'||at||'|'||total||'|'"
                   "||refers_to||'|'||currency||'|'||lines FROM receipt"
                   " ORDER BY at, pos, number, kind");
}
std::string told_rows(const std::string& file)
{
    return one_of(file,
                  "SELECT (SELECT count(*) FROM stream)||'|'||(SELECT count(*) FROM outbox)||'|'"
                  "||(SELECT count(*) FROM summary)||'|'||(SELECT count(*) FROM coupon)||'|'"
                  "||(SELECT count(*) FROM journal)");
}
void check_order(const std::string& file)
{
    for (const std::string table : {"visit", "receipt"})
        CHECK(one_of(file,
                     "SELECT count(*) FROM (SELECT created, lag(created) OVER (ORDER BY row)"
                     " AS before FROM "
                         + table + ") WHERE created < before")
              == "0");
    CHECK(one_of(file,
                 "SELECT count(*) FROM member m WHERE last_visit IS NOT (SELECT row FROM visit v"
                 " WHERE v.member = m.id ORDER BY ordinal DESC LIMIT 1)")
          == "0");
    CHECK(one_of(file,
                 "SELECT count(*) FROM visit v WHERE previous IS NOT (SELECT row FROM visit w"
                 " WHERE w.member = v.member AND w.ordinal = v.ordinal - 1)")
          == "0");
}

Ran import_past(const Store& store, const std::string& what, const std::string& file,
                const std::vector<std::string>& more)
{
    std::vector<std::string> words{"import",       what,      file, "--config",
                                   store.config(), "--as-of", as_of};
    words.insert(words.end(), more.begin(), more.end());
    return raitenctl(words);
}

}  // namespace raiten::test
