#pragma once

#include "daemon/base/instant.hpp"

#include <optional>
#include <string>

namespace CLI {
class App;
}

/// raitenctl, the operator's tool. A group of commands is one source; it adds its commands to the
/// parser and, when one of them was asked for, leaves the exit code.
namespace raiten::app::ctl {

/// After sysexits.h, as raitend's.
namespace exit_code {
inline constexpr int good = 0;
inline constexpr int failed = 1;  ///< done and found wanting: doctor, an API that says no
inline constexpr int usage = 64;
inline constexpr int bad_data = 65;
inline constexpr int no_input = 66;
inline constexpr int unavailable = 69;  ///< raitend does not answer
inline constexpr int cannot_create = 73;
inline constexpr int output_failed = 74;
inline constexpr int no_permission = 77;
inline constexpr int configuration = 78;
}  // namespace exit_code

inline constexpr const char* default_config = "/etc/raiten/raiten.toml";

/// The whole program, main() apart.
int run(int count, const char* const* words);

void add_look(CLI::App& app, int& code);      ///< status, visits, returns, coupons, members, outbox
void add_watch(CLI::App& app, int& code);     ///< watch
void add_doctor(CLI::App& app, int& code);    ///< doctor
void add_decode(CLI::App& app, int& code);    ///< decode
void add_replay(CLI::App& app, int& code);    ///< replay
void add_import(CLI::App& app, int& code);    ///< import members, and what the next adds to it
void add_token(CLI::App& app, int& code);     ///< token new, list, revoke
void add_init(CLI::App& app, int& code);      ///< init
void add_score(CLI::App& app, int& code);     ///< score
void add_simulate(CLI::App& app, int& code);  ///< simulate
void add_kpi(CLI::App& app, int& code);       ///< kpi
void add_models(CLI::App& app, int& code);    ///< models
void add_insights(CLI::App& app, int& code);  ///< insights
void add_campaigns(CLI::App& app, int& code);               ///< campaigns lint
void add_segment_columns(CLI::App& campaigns, int& code);   ///< campaigns columns
void add_campaign_figures(CLI::App& campaigns, int& code);  ///< campaigns list, campaigns show
void add_import_history(CLI::App& import, int& code);       ///< import visits, import receipts
void add_backtest(CLI::App& app, int& code);                ///< backtest

/// What `replay` was asked for.
struct ReplayOptions {
    std::string config;
    std::string members;           ///< CSV, or ""
    std::string campaigns;         ///< folder, or ""
    std::string cards;             ///< CSV of all score cards at the end, or ""
    std::string db;                ///< keeps the ledger there, or "": kept nowhere
    std::optional<Instant> until;  ///< nothing: until all visits have settled
    std::string events;            ///< NDJSON file, or "-"
};

/// Plays recorded events through the engine; effects on stdout. The exit code.
int run_replay(const ReplayOptions& options);

}  // namespace raiten::app::ctl
