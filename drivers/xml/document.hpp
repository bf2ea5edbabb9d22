#pragma once

#include "daemon/model/reading.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raiten::drivers::xml {

constexpr std::size_t depth_max = 100;
/// One start tag, comment or processing instruction; text between tags has no limit.
constexpr std::size_t token_bytes_max = std::size_t{256} << 10U;
/// What the parser of one document may hold: open tags, all names seen, its buffer.
constexpr std::size_t parser_bytes_max = std::size_t{8} << 20U;

/// "acs:LoyaltyID" -> "LoyaltyID": who wrote the document chooses the prefixes.
constexpr std::string_view local_name(std::string_view name)
{
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// The attributes of a start tag, by local name. Valid during the call that brings them.
class Attributes {
 public:
    explicit Attributes(const char* const* pairs) : pairs_{pairs} {}

    std::optional<std::string_view> find(std::string_view local) const;
    std::string_view text(std::string_view local) const { return find(local).value_or(""); }
    bool empty() const { return *pairs_ == nullptr; }
    /// Calls `each(local name, value)`.
    template <class Each>
    void for_each(Each each) const
    {
        for (const char* const* at = pairs_; *at != nullptr; at += 2)
            each(local_name(at[0]), std::string_view{at[1]});
    }

 private:
    const char* const* pairs_;  ///< name, value, name, value, …, null
};

/// Hears a document while it is read.
class Listener {
 public:
    virtual ~Listener() = default;
    virtual void begin(const char* name, const Attributes& attributes) = 0;  ///< with its prefix
    virtual void text(std::string_view piece) = 0;  ///< UTF-8, one text in any number of pieces
    /// True: all that came up to here is told, and will not be lost with what follows.
    virtual bool end() = 0;
    /// The document is damaged or was cut: nothing more of it comes, its open elements are void.
    virtual void broken() = 0;
};

/// XML documents out of a stream: one or several, one after another, cut anywhere.
///
///     between ──'<' or a byte order mark──► inside ──root closed──► between
///        ▲                                    │ damaged, refused
///        └──── a known start ◄──── lost ◄─────┘
///
/// After damage it goes on at the next "<?xml", byte order mark, or tag of a name in `starts`,
/// also in the middle of the document that was damaged. What was lost is told once, by then, as
/// Garbled with the first reason and the bytes since the last that was told.
///
/// A document with a DOCTYPE is refused: no entity but the five of XML itself is ever expanded.
/// Encodings: UTF-8, UTF-16, ISO 8859-*, Windows 125*, Shift_JIS, EUC-JP, EUC-KR, GBK, Big5.
class DocumentReader {
 public:
    using Refuse = std::function<void(const Garbled&)>;

    /// `starts`: local names at which reading can begin anew.
    explicit DocumentReader(std::vector<std::string_view> starts);
    ~DocumentReader();
    DocumentReader(const DocumentReader&) = delete;
    DocumentReader& operator=(const DocumentReader&) = delete;

    void feed(std::span<const std::byte> bytes, Listener& listener, const Refuse& refuse);
    void finish(Listener& listener, const Refuse& refuse);

 private:
    enum class Where : std::uint8_t { between, inside, lost };
    struct Parser;

    void run(std::string_view bytes, bool last, Listener& listener, const Refuse& refuse);
    void go(Where where);
    std::size_t look_for_document(std::string_view bytes);
    std::size_t look_for_start(std::string_view bytes, const Refuse& refuse);
    std::optional<bool> starts_here(std::string_view bytes) const;
    void open(std::uint64_t at);
    std::size_t parse(std::string_view bytes, bool last, Listener& listener);
    std::size_t after_stop(std::string_view slice, Listener& listener);
    void keep_for_another_look(std::size_t rest);
    bool only_remarks();
    void forget_parser();
    void lose(std::string_view why, std::uint64_t from);
    void tell_lost(std::uint64_t upto, const Refuse& refuse);

    std::vector<std::string_view> starts_;
    std::unique_ptr<Parser> parser_;
    std::string carry_;       ///< too few bytes to decide, or a long token that goes on
    std::string look_again_;  ///< damage that began before the bytes at hand
    Where where_{Where::between};
    bool moved_{};
    bool after_damage_{};  ///< the end tags of a damaged document may follow
    bool skipping_end_tag_{};
    std::uint64_t at_{};         ///< in the stream: where the next byte goes
    std::uint64_t opened_at_{};  ///< where this document began
    std::uint64_t told_upto_{};  ///< what the listener has told
    std::string_view why_;       ///< why it is lost
};

}  // namespace raiten::drivers::xml
