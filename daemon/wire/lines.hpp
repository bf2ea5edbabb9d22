#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace raiten::wire {

/// Cuts bytes into lines, without their line feeds. A line longer than `bytes_max` is left out and
/// counted, once, up to its line feed.
class Lines {
 public:
    enum class Cut {
        line,      ///< `line` is one, until the next call
        too_long,  ///< as much as one line may hold was left out
        none,      ///< `bytes` are used up
    };

    explicit Lines(std::size_t bytes_max) : bytes_max_{bytes_max} {}

    /// Takes from the front of `bytes` up to the next line feed.
    Cut next(std::string_view& bytes, std::string_view& line)
    {
        if (ended_) held_.clear();
        ended_ = false;
        const auto stop = bytes.find('\n');
        const auto piece = bytes.substr(0, stop);
        const bool whole = stop != std::string_view::npos;
        bytes.remove_prefix(whole ? stop + 1 : bytes.size());
        if (skipping_ || held_.size() + piece.size() > bytes_max_) return skip(piece.size(), whole);
        if (!whole) {
            held_ += piece;
            return Cut::none;
        }
        ended_ = true;
        if (held_.empty()) {
            line = piece;
        } else {
            held_ += piece;
            line = held_;
        }
        return Cut::line;
    }

    /// What came after the last line feed; nothing follows.
    std::string_view rest() const { return skipping_ || ended_ ? std::string_view{} : held_; }

    std::uint64_t too_long() const { return too_long_; }

 private:
    Cut skip(std::size_t size, bool whole)
    {
        if (!skipping_) {
            ++too_long_;
            skipped_ = held_.size();
            held_.clear();
            held_.shrink_to_fit();
        }
        skipped_ += size;
        skipping_ = !whole;
        if (!whole && skipped_ < bytes_max_) return Cut::none;
        skipped_ = 0;
        return Cut::too_long;
    }

    std::size_t bytes_max_;
    std::string held_;  ///< the beginning of a line
    std::size_t skipped_{};
    std::uint64_t too_long_{};
    bool skipping_{};
    bool ended_{};  ///< `held_` was given out as a line
};

}  // namespace raiten::wire
