#include "drivers/card/recording.hpp"

#include <algorithm>

namespace raiten::drivers::card {
namespace {

bool is_printable(std::byte byte)
{
    const auto c = std::to_integer<unsigned>(byte);
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

void Recording::feed(Bytes bytes, const Sink& text, const Sink& raw)
{
    if (!is_text_) {
        const Bytes probed = bytes.first(std::min(bytes.size(), probe_bytes - held_.size()));
        held_.insert(held_.end(), probed.begin(), probed.end());
        bytes = bytes.subspan(probed.size());
        if (held_.size() < probe_bytes) return;
        decide(text, raw);
    }
    if (!bytes.empty()) (*is_text_ ? text : raw)(bytes);
}

void Recording::finish(const Sink& text, const Sink& raw)
{
    if (!is_text_ && !held_.empty()) decide(text, raw);
    is_text_.reset();
}

void Recording::decide(const Sink& text, const Sink& raw)
{
    const auto printable =
        static_cast<std::size_t>(std::count_if(held_.begin(), held_.end(), is_printable));
    is_text_ = printable + 1 >= held_.size();
    (*is_text_ ? text : raw)(held_);
    held_.clear();
}

}  // namespace raiten::drivers::card
