#include "daemon/wire/card_watch.hpp"

#include <winscard.h>

#include <algorithm>
#include <array>
#include <optional>

namespace raiten::wire {
namespace {

using Kind = CardNote::Kind;

constexpr const char* plug_name = "\\\\?PnP?\\Notification";  ///< changes when a reader comes
constexpr std::size_t readers_max = 15;                       ///< and this one: pcsc-lite's 16
constexpr unsigned tries_max = 3;
constexpr std::size_t status_word_bytes = 2;
constexpr unsigned doublings_max = 16;
constexpr Millis between_tries{100};
/// A service that always says "changed" would otherwise keep the processor busy.
constexpr Millis between_looks{10};
constexpr std::array<BYTE, 5> get_number{0xFF, 0xCA, 0x00, 0x00, 0x00};

std::string reason_of(LONG code)
{
    if (code == SCARD_E_NO_SERVICE || code == SCARD_E_SERVICE_STOPPED)
        return "pcscd does not run (install it; systemctl enable --now pcscd.socket)";
    if (code == SCARD_E_NO_ACCESS || code == SCARD_W_SECURITY_VIOLATION)
        return "pcscd does not let us in (a polkit rule must allow org.debian.pcsc-lite)";
    return std::string{"pcscd: "} + pcsc_stringify_error(code);
}

bool has_left(LONG code)
{
    return code == SCARD_E_NO_SMARTCARD || code == SCARD_W_REMOVED_CARD
           || code == SCARD_E_READER_UNAVAILABLE || code == SCARD_E_UNKNOWN_READER;
}

std::string why_unread(LONG code)
{
    if (code == SCARD_E_SHARING_VIOLATION) return "another program keeps the reader to itself";
    if (code == SCARD_E_NOT_TRANSACTED || code == SCARD_E_COMM_DATA_LOST)
        return "it did not answer: taken away too soon, or too far from the reader";
    return pcsc_stringify_error(code);
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool has_part(const std::string& name, const std::string& part)
{
    const auto same = [](char a, char b) { return lower(a) == lower(b); };
    return std::search(name.begin(), name.end(), part.begin(), part.end(), same) != name.end()
           || part.empty();
}

std::vector<std::byte> bytes_of(const BYTE* data, std::size_t size)
{
    const auto* begin = reinterpret_cast<const std::byte*>(data);
    return {begin, begin + size};
}

struct Reader {
    std::string name;
    DWORD state{SCARD_STATE_UNAWARE};
    bool present{};  ///< a card, read or not
    bool mute{};     ///< that card has not answered yet
    DWORD count{};   ///< of cards put down and taken away
};

class Watch {
 public:
    Watch(CardNotes& notes, const CardWatchPlan& plan) : notes_{notes}, plan_{plan} {}

    void run()
    {
        while (!notes_.over()) {
            notes_.beat();
            LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context_);
            if (code == SCARD_S_SUCCESS) {
                notes_.context = static_cast<long>(context_);
                code = attend();
                notes_.context = 0;
                SCardReleaseContext(context_);
            }
            if (notes_.over()) break;
            readers_.clear();
            down(reason_of(code));
            if (!notes_.pause(next_pause())) break;
        }
    }

 private:
    /// Until the service fails, or it is over.
    LONG attend()
    {
        for (;;) {
            notes_.beat();
            if (notes_.over()) return SCARD_S_SUCCESS;
            if (const LONG code = look_for_readers(); code != SCARD_S_SUCCESS) return code;
            auto states = states_to_wait_for();
            const LONG code =
                SCardGetStatusChange(context_, static_cast<DWORD>(plan_.wait.count()),
                                     states.data(), static_cast<DWORD>(states.size()));
            notes_.beat();
            if (code == SCARD_S_SUCCESS) {
                for (std::size_t i = 0; i < readers_.size(); ++i) take(readers_[i], states[i]);
                notes_.pause(between_looks);
            } else if (code == SCARD_E_UNKNOWN_READER || code == SCARD_E_READER_UNAVAILABLE) {
                notes_.pause(between_tries);  // it went between the list and the wait
            } else if (code != SCARD_E_TIMEOUT && code != SCARD_E_CANCELLED) {
                return code;
            }
        }
    }

    LONG look_for_readers()
    {
        std::vector<std::string> names;
        if (const LONG code = list(names); code != SCARD_S_SUCCESS) return code;
        attempts_ = 0;
        std::string gone;
        std::erase_if(readers_, [&](const Reader& reader) {
            if (std::find(names.begin(), names.end(), reader.name) != names.end()) return false;
            if (reader.present) notes_.put({Kind::card_removed, reader.name});
            notes_.put({Kind::reader_gone, reader.name});
            gone = reader.name;
            return true;
        });
        std::string other;
        for (const auto& name : names) {
            const bool known = std::any_of(readers_.begin(), readers_.end(),
                                           [&](const Reader& r) { return r.name == name; });
            if (!has_part(name, plan_.reader_part)) {
                other = name;
            } else if (!known && readers_.size() < readers_max) {
                Reader reader;
                reader.name = name;
                readers_.push_back(std::move(reader));
                last_reason_.clear();
                notes_.put({Kind::reader_up, name});
            }
        }
        if (readers_.empty()) down(why_none(gone, other));
        return SCARD_S_SUCCESS;
    }

    std::string why_none(const std::string& gone, const std::string& other) const
    {
        if (!gone.empty()) return gone + ": unplugged";
        if (other.empty()) return "no card reader is plugged in";
        return "no card reader has '" + plan_.reader_part + "' in its name; there is '" + other
               + "'";
    }

    LONG list(std::vector<std::string>& names)
    {
        std::array<char, (readers_max + 1) * (MAX_READERNAME + 1)> buffer{};
        auto size = static_cast<DWORD>(buffer.size());
        const LONG code = SCardListReaders(context_, nullptr, buffer.data(), &size);
        if (code == SCARD_E_NO_READERS_AVAILABLE) return SCARD_S_SUCCESS;
        if (code != SCARD_S_SUCCESS) return code;
        for (const char* name = buffer.data(); *name; name += names.back().size() + 1)
            names.emplace_back(name);
        return SCARD_S_SUCCESS;
    }

    std::vector<SCARD_READERSTATE> states_to_wait_for() const
    {
        std::vector<SCARD_READERSTATE> states(readers_.size() + 1);
        for (std::size_t i = 0; i < readers_.size(); ++i) {
            states[i].szReader = readers_[i].name.c_str();
            states[i].dwCurrentState = readers_[i].state;
        }
        states.back().szReader = plug_name;
        return states;
    }

    void take(Reader& reader, const SCARD_READERSTATE& now)
    {
        if (!(now.dwEventState & SCARD_STATE_CHANGED)) return;
        reader.state = now.dwEventState & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
        const bool present = now.dwEventState & SCARD_STATE_PRESENT;
        const bool mute = now.dwEventState & SCARD_STATE_MUTE;
        const DWORD count = now.dwEventState >> 16;
        if (reader.present && (!present || count != reader.count)) {
            reader.present = false;
            notes_.put({Kind::card_removed, reader.name});
        }
        const bool to_read = present && (!reader.present || (reader.mute && !mute));
        reader.present = present;
        reader.mute = mute;
        reader.count = count;
        if (!to_read) return;
        if (mute)
            unread(reader, "it does not answer (damaged, or laid down the wrong way?)");
        else
            read(reader, now);
    }

    void read(const Reader& reader, const SCARD_READERSTATE& now)
    {
        LONG code = SCARD_S_SUCCESS;
        for (unsigned i = 0; i < tries_max && !notes_.over(); ++i) {
            if (i > 0) notes_.pause(between_tries);
            std::vector<std::byte> answer;
            code = ask(reader.name, answer);
            if (code == SCARD_S_SUCCESS) {
                CardNote note{Kind::card, reader.name};
                const auto size = std::min<DWORD>(now.cbAtr, MAX_ATR_SIZE);
                note.atr = bytes_of(now.rgbAtr, size);
                note.answer = std::move(answer);
                return notes_.put(std::move(note));
            }
            if (has_left(code)) return unread(reader, "it left before it was read");
        }
        unread(reader, why_unread(code));
    }

    LONG ask(const std::string& reader, std::vector<std::byte>& answer)
    {
        notes_.beat();
        SCARDHANDLE card{};
        DWORD protocol{};
        LONG code = SCardConnect(context_, reader.c_str(), SCARD_SHARE_SHARED,
                                 SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
        if (code != SCARD_S_SUCCESS) return code;
        std::array<BYTE, MAX_BUFFER_SIZE> buffer{};
        auto size = static_cast<DWORD>(buffer.size());
        const auto* how = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
        code = SCardTransmit(card, how, get_number.data(), get_number.size(), nullptr,
                             buffer.data(), &size);
        // Some reader drivers report success and no bytes where the card has left.
        if (code == SCARD_S_SUCCESS && size < status_word_bytes) code = SCARD_E_COMM_DATA_LOST;
        if (code == SCARD_S_SUCCESS) answer = bytes_of(buffer.data(), size);
        SCardDisconnect(card, SCARD_LEAVE_CARD);
        return code;
    }

    void unread(const Reader& reader, std::string why)
    {
        notes_.put({Kind::card_unread, reader.name, std::move(why)});
    }

    void down(std::string reason)
    {
        if (reason == last_reason_) return;
        last_reason_ = reason;
        notes_.put({Kind::readers_gone, {}, std::move(reason)});
    }

    Millis next_pause()
    {
        const unsigned doublings = std::min(attempts_++, doublings_max);
        return std::min(Millis{plan_.back_off_min * (1LL << doublings)}, plan_.back_off_max);
    }

    CardNotes& notes_;
    const CardWatchPlan& plan_;
    SCARDCONTEXT context_{};
    std::vector<Reader> readers_;
    std::string last_reason_;
    unsigned attempts_{};
};

}  // namespace

void watch_cards(CardNotes& notes, const CardWatchPlan& plan)
{
    Watch{notes, plan}.run();
    notes.finish();
}

void disturb_card_watch(const CardNotes& notes)
{
    if (const long context = notes.context; context != 0)
        SCardCancel(static_cast<SCARDCONTEXT>(context));
}

}  // namespace raiten::wire
