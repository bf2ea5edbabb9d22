#pragma once

#include "daemon/base/instant.hpp"
#include "daemon/base/money.hpp"
#include "daemon/model/reading.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// A shop's past as its files tell it, in as little memory as a million members ask for.
namespace raiten::app::ctl {

/// Texts that come again and again, kept once. 0 is the empty one.
class TextPool {
 public:
    TextPool() = default;
    TextPool(const TextPool&) = delete;
    TextPool& operator=(const TextPool&) = delete;

    std::uint32_t number_of(std::string_view text)
    {
        const auto found = numbers_.find(text);
        if (found != numbers_.end()) return found->second;
        texts_.emplace_back(text);
        return numbers_.emplace(texts_.back(), static_cast<std::uint32_t>(texts_.size() - 1))
            .first->second;
    }
    const std::string& text(std::uint32_t number) const { return texts_[number]; }

 private:
    std::deque<std::string> texts_{1};  ///< stays where it is
    std::unordered_map<std::string_view, std::uint32_t> numbers_{{texts_.front(), 0}};
};

struct BookedLine {
    std::uint32_t sku{}, name{}, category{};  ///< in the pool
    Money quantity, amount;
};

struct BookedReceipt {
    Instant at;
    Money total;   ///< not negative
    Money undone;  ///< of a sale, in time to change its visit
    std::string number;
    std::uint32_t pos{}, refers_to{};  ///< in the pool
    std::uint32_t line{};              ///< in its file
    std::int32_t day{};                ///< business day
    std::uint32_t visit{};             ///< of a sale: place in BookedMember::visits
    ReceiptKind kind{};
    std::vector<BookedLine> lines;
};

/// A visit; as a row of the file without what follows from the other rows.
struct BookedVisit {
    Instant opened_at, left_at;
    std::uint32_t zone{};                 ///< in the pool
    std::uint32_t first_sale{}, sales{};  ///< places in BookedMember::receipts
    std::uint32_t streak{};
    bool passive{};  ///< the file says when the member left
    bool purchase{};
};

struct BookedMember {
    std::vector<BookedVisit> visits;
    std::vector<BookedReceipt> receipts;
    std::uint32_t line{};       ///< of its first row
    bool from_receipts{};       ///< that row stands in the receipts
    Money returned;             ///< too late to change a visit
    std::uint32_t unmatched{};  ///< voids and refunds of receipts that are not known
};

struct ShopBook {
    std::map<std::string, BookedMember, std::less<>> members;
    TextPool texts;
    std::uint64_t receipt_rows{}, visit_rows{};
    std::uint64_t rows_without_member{};
    std::uint64_t refused{};
};

}  // namespace raiten::app::ctl
