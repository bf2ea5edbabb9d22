#include "daemon/base/archive.hpp"
#include "daemon/base/keyed_hash.hpp"
#include "daemon/engine/engine_impl.hpp"

/// The whole state as bytes:
///
///     8 bytes   "raiten", 0, and the format's number
///     ground    digest of the rules, readers, offsets and keys that it was made under, as a number
///     body      every part, by its archive()
///     8 bytes   SipHash of all before
///
/// What a part rests on (rules, its neighbours) and what lives for one event only is not in it.
namespace raiten {
namespace {

/// One more with each change of what any archive() lists.
constexpr char format = 2;
constexpr std::string_view mark{"raiten\0", 7};
constexpr std::size_t seal_bytes = 8;

std::string seal_of(std::string_view bytes)
{
    auto digest = KeyedHash{0}.add(bytes).value();
    std::string seal;
    for (std::size_t i = 0; i < seal_bytes; ++i, digest >>= 8U)
        seal.push_back(static_cast<char>(digest & 0xffU));
    return seal;
}

}  // namespace

std::string Engine::snapshot() const
{
    return impl_->snapshot();
}

Result<void> Engine::restore(std::string_view snapshot)
{
    auto resumed = impl_->resumed(snapshot);
    if (!resumed) return resumed.error();
    impl_ = std::move(*resumed);
    return {};
}

template <class Archive>
void Engine::Impl::archive(Archive& a)
{
    a(now_, counts_, decisions_, readers_, hearing_, exits_, learn_due_, live_, settled_, backlog_,
      checkins_, settled_checkins_, receipts_, crowd_, figures_, hot_, withdrawals_, expiries_,
      forecasts_, planned_, planned_leads_, forgotten_until_);
}

/// Of all that the construction gave and the state refers to. Readers that appeared later are part
/// of the state.
std::uint64_t Engine::Impl::ground() const
{
    ArchiveWriter w;
    w(setup_.rules, setup_.clock, setup_.seed, setup_.sketch_key, setup_.currency,
      setup_.k_anonymity, setup_.tenant_seed);
    for (std::size_t i = 0; i < readers_configured_; ++i) w(readers_[i]);
    return KeyedHash{0}.add(w.bytes()).value();
}

std::string Engine::Impl::snapshot()
{
    ArchiveWriter w;
    w(ground(), *this);
    auto bytes = std::string{mark} + format + std::move(w).bytes();
    return bytes + seal_of(bytes);
}

Result<std::unique_ptr<Engine::Impl>> Engine::Impl::resumed(std::string_view snapshot) const
{
    const Problem damaged{"the snapshot of the engine is damaged"};
    if (!snapshot.starts_with(mark) || snapshot.size() < mark.size() + 1 + seal_bytes)
        return damaged;
    if (snapshot[mark.size()] != format)
        return Problem{"the snapshot of the engine has another format"};
    const auto sealed = snapshot.substr(0, snapshot.size() - seal_bytes);
    if (snapshot.substr(sealed.size()) != seal_of(sealed)) return damaged;

    Setup setup = setup_;
    setup.readers.resize(readers_configured_);
    auto fresh = std::make_unique<Impl>(std::move(setup), members_, segments_);
    fresh->decisions_ = decisions_;  // campaigns may have come already
    ArchiveReader r{sealed.substr(mark.size() + 1)};
    std::uint64_t ground_then{};
    r(ground_then);
    if (r.good() && ground_then != fresh->ground())
        return Problem{"the snapshot of the engine was made under another configuration"};
    r(*fresh);
    if (!r.done() || !fresh->find_places()) return damaged;
    if (fresh->planned_leads_ != fresh->decisions_.leads()) fresh->plan();
    return fresh;
}

/// What points at something else, after everything is in its place; false where it is not.
bool Engine::Impl::find_places()
{
    if (readers_.size() < readers_configured_ || readers_.size() > readers_max) return false;
    for (std::size_t i = readers_configured_; i < readers_.size(); ++i) {
        const ReaderId id{static_cast<std::uint16_t>(i)};
        reader_ids_[readers_[i].name] = id;
        sources_.push_back({readers_[i].name, readers_[i].zone, id});
    }
    for (auto& [id, who] : hot_) {
        who.live = &live_.person(who.guest);
        who.settled = &settled_.person(who.guest);
    }
    return true;
}

}  // namespace raiten
