#include "daemon/ledger/opening.hpp"

#include "daemon/ledger/meta.hpp"
#include "daemon/ledger/schema.hpp"

#include <filesystem>
#include <random>

namespace raiten::ledger {
namespace {

/// Who this ledger belongs to and since which epoch it counts; written at birth.
Result<void> settle_identity(Database& database, const StoreFile& options)
{
    database.begin();
    if (const auto store = meta_text(database, "store")) {
        if (*store != options.store) {
            database.rollback();
            return Problem{"this ledger belongs to " + *store + ", not to " + options.store,
                           options.path, "correct store and device, or name another file"};
        }
    } else {
        put_meta(database, "store", options.store);
        // 31 bits: exact in every JSON reader.
        const auto epoch = options.epoch.value_or(std::random_device{}() >> 1U);
        put_meta(database, "epoch", static_cast<std::int64_t>(epoch));
    }
    put_meta(database, "session", meta_number(database, "session") + 1);
    return database.commit();
}

}  // namespace

Result<std::unique_ptr<Database>> open_store_file(const StoreFile& options)
{
    auto opened = Database::open(options.path, Database::Access::read_write, options.patience);
    if (!opened) return opened;
    Database& database = **opened;
    std::error_code unknown;
    const auto bytes = std::filesystem::file_size(options.path, unknown);
    if (!unknown && bytes <= options.checked_bytes_max)
        if (const auto sound = database.check(); !sound) return sound.error();
    if (const auto current = bring_up_to_date(database); !current) return current.error();
    if (const auto ours = settle_identity(database, options); !ours) return ours.error();
    return opened;
}

}  // namespace raiten::ledger
