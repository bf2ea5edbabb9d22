#include "daemon/app/ctl/findings.hpp"

#include "daemon/app/ctl/answer.hpp"
#include "daemon/app/ctl/table.hpp"
#include "daemon/app/files.hpp"
#include "daemon/base/iso8601.hpp"

#include <nlohmann/json.hpp>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>

namespace raiten::app::ctl {
namespace {

constexpr std::uintmax_t mebibyte = 1024 * 1024;
constexpr std::uintmax_t room_fail = 64 * mebibyte;
constexpr std::uintmax_t room_warn = 512 * mebibyte;
constexpr std::int64_t certificate_warn_days = 30;
constexpr std::size_t certificate_bytes_max = 1024 * 1024;
constexpr std::chrono::minutes clock_slack{1};
/// A flash card of 16 GB and 3,000 cycles lasts ten years at this rate, twice over.
constexpr double bytes_a_day_warn = 5e9;
constexpr Instant earliest_now{std::chrono::sys_days{std::chrono::year{2025} / 1 / 1}};

std::chrono::seconds seconds_between(Instant from, Instant to)
{
    return std::chrono::floor<std::chrono::seconds>(to - from);
}

void ledger_findings(const Json& status, Instant now, const TellFinding& tell)
{
    const auto& ledger = at(status, "ledger");
    if (text_at(ledger, "healthy") == "true")
        tell({"ledger", Grade::ok, "writes; " + shown(ledger, "queued") + " queued"});
    else
        tell({"ledger", Grade::fail, text_at(ledger, "reason"),
              "nothing is lost while raitend runs; make room or replace the disk"});
    const auto started = parse_instant(text_at(status, "started_at"));
    const auto& written = at(ledger, "bytes_written");
    if (!started || !written.is_number() || now - *started < std::chrono::hours{1}) return;
    const double days = static_cast<double>((now - *started).count()) / (24.0 * 60 * 60 * 1000);
    const double daily = written.get<double>() / days;
    const auto text = std::to_string(static_cast<std::int64_t>(daily / 1e6)) + " MB written a day";
    if (daily > bytes_a_day_warn)
        tell(
            {"wear", Grade::warn, text, "raise ledger.commit_interval, or use an industrial card"});
    else
        tell({"wear", Grade::ok, text});
}

/// Devices that are here as long as no customer is.
void suspects_finding(const Json& suspected, const TellFinding& tell)
{
    const auto& count = at(suspected, "count");
    if (!count.is_number_unsigned() || count == 0) return;
    std::string names;
    for (const auto& name : at(suspected, "members"))
        if (name.is_string()) names += (names.empty() ? "" : ", ") + name.get<std::string>();
    const auto all = count.get<std::uint64_t>();
    tell({"equipment", Grade::warn,
          std::to_string(all) + (all == 1 ? " member is" : " members are")
              + " left out, being here for hours on most days: " + names,
          "staff or furniture? raitenctl member NAME --equipment confirmed; a customer? rejected"});
}

/// Files of the campaigns' folder that were refused.
void campaigns_finding(const Json& campaigns, const TellFinding& tell)
{
    const auto& problems = at(campaigns, "problems");
    if (!problems.is_number_unsigned() || problems == 0) return;
    std::string kept;
    for (const auto& file : at(campaigns, "kept"))
        if (file.is_string()) kept += (kept.empty() ? "" : ", ") + file.get<std::string>();
    tell({"campaigns", Grade::warn,
          "files are refused"
              + (kept.empty() ? std::string{} : ", and run on as they were before: " + kept),
          "raitenctl campaigns lint names every mistake; mend it, then reload"});
}

void sync_finding(const Json& sync, bool head_office, const TellFinding& tell)
{
    if (!head_office) return tell({"sync", Grade::ok, "no head office is configured"});
    if (sync.is_null())
        return tell({"sync", Grade::fail, "a head office is configured but raitend knows of none",
                     "systemctl restart raitend"});
    std::int64_t waiting = 0;
    for (const auto& lane : at(sync, "lanes"))
        if (const auto& count = at(lane, "waiting"); count.is_number())
            waiting += count.get<std::int64_t>();
    const auto phase = text_at(sync, "phase");
    const auto reason = text_at(sync, "reason");
    const auto what = phase + " at " + shown(sync, "broker") + (reason.empty() ? "" : ": " + reason)
                      + "; " + std::to_string(waiting) + " waiting";
    if (phase == "online") return tell({"sync", Grade::ok, what});
    tell({"sync", Grade::fail, what,
          "is the broker reachable, are name, password and certificates right? nothing is lost "
          "meanwhile"});
}

}  // namespace

Finding certificate_finding(const std::string& about, const std::string& file, Instant now)
{
    const auto text = read_file(file, certificate_bytes_max);
    if (!text)
        return {about, Grade::fail, text.error().text(), "name a PEM file that raitend may read"};
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio{
        BIO_new_mem_buf(text->data(), static_cast<int>(text->size())), &BIO_free};
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free};
    std::tm end{};
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
        return {about, Grade::fail, file + ": is no certificate in PEM", "name another file"};
    const Instant expires = std::chrono::floor<Millis>(
        std::chrono::sys_days{std::chrono::year{end.tm_year + 1900}
                              / std::chrono::month{static_cast<unsigned>(end.tm_mon + 1)}
                              / std::chrono::day{static_cast<unsigned>(end.tm_mday)}}
        + std::chrono::hours{end.tm_hour} + std::chrono::minutes{end.tm_min}
        + std::chrono::seconds{end.tm_sec});
    const auto day = format_day(std::chrono::floor<std::chrono::days>(expires));
    const auto days = std::chrono::floor<std::chrono::days>(expires - now).count();
    if (expires <= now) return {about, Grade::fail, file + ": expired on " + day, "renew it now"};
    if (days < certificate_warn_days)
        return {about, Grade::warn,
                file + ": expires on " + day + ", in " + std::to_string(days) + " days",
                "renew it"};
    return {about, Grade::ok, file + ": good until " + day};
}

Finding disk_finding(const std::string& folder)
{
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (error)
        return {"disk", Grade::fail, folder + ": " + error.message(),
                "make the folder, for the user raiten"};
    const auto what = folder + ": " + std::to_string(space.available / mebibyte) + " MiB free";
    if (space.available < room_fail) return {"disk", Grade::fail, what, "make room"};
    if (space.available < room_warn) return {"disk", Grade::warn, what, "make room soon"};
    return {"disk", Grade::ok, what};
}

Finding clock_finding(Instant now, bool synchronised)
{
    const auto text = format_instant(std::max(now, Instant{}), std::chrono::minutes{});
    if (now < earliest_now)
        return {"clock", Grade::fail, "this machine believes that it is " + text,
                "set it: timedatectl set-ntp true, or date --set"};
    if (!synchronised)
        return {"clock", Grade::warn, text + ", but nothing keeps it right",
                "timedatectl set-ntp true, or chrony"};
    return {"clock", Grade::ok, text + ", kept right over the network"};
}

void status_findings(const std::string& body, bool head_office, Instant now,
                     const TellFinding& tell)
{
    const auto status = Json::parse(body, nullptr, false);
    if (!status.is_object())
        return tell({"raitend", Grade::fail, "its status cannot be read",
                     "are raitend and raitenctl of one version?"});
    tell({"raitend", Grade::ok, "version " + shown(status, "version") + " answers"});
    const auto engine = parse_instant(text_at(status, "engine_time"));
    if (engine && text_at(status, "clock") != "events" && *engine > now + clock_slack)
        tell({"clock", Grade::fail,
              "raitend has seen times " + span_text(seconds_between(now, *engine).count())
                  + " ahead of this machine's clock",
              "correct the clock; until then time stands still for visits"});
    ledger_findings(status, now, tell);
    for (const auto& reader : at(status, "readers"))
        reader_findings(reader, engine ? *engine : now, tell);
    campaigns_finding(at(status, "campaigns"), tell);
    suspects_finding(at(status, "suspected"), tell);
    sync_finding(at(status, "sync"), head_office, tell);
}

}  // namespace raiten::app::ctl
