#include "drivers/gateway/lines.hpp"

#include <algorithm>
#include <utility>

namespace raiten::drivers::gateway {
namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string line_of(std::string_view topic, std::string_view payload)
{
    std::string line;
    line.reserve(topic.size() + payload.size() + 2);
    line.append(topic).append(1, ' ').append(payload);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    line.push_back('\n');
    return line;
}

void Lines::feed(ble::Bytes bytes, const Take& take, const ble::Refuse& refuse)
{
    for (const std::byte b : bytes)
        put(static_cast<char>(std::to_integer<unsigned char>(b)), take, refuse);
}

void Lines::finish(const Take& take, const ble::Refuse& refuse)
{
    if (where_ == Where::text) {
        end_text(take);
    } else if (where_ == Where::json) {
        refuse(Garbled{"a message that breaks off", buffer_.size()});
    } else {
        refuse(Garbled{skip_why_, skipped_bytes_});
    }
    *this = Lines{};
}

void Lines::put(char c, const Take& take, const ble::Refuse& refuse)
{
    switch (where_) {
        case Where::text:
            return put_text(c, take);
        case Where::json:
            return put_json(c, take, refuse);
        case Where::skipping:
            return put_skipped(c, refuse);
    }
}

void Lines::put_text(char c, const Take& take)
{
    if (c == '\n') return end_text(take);
    const bool may_begin = buffer_.empty() || is_blank(buffer_.back());
    if (may_begin && (c == '{' || c == '[')) return begin_json(c);
    buffer_.push_back(c);
    if (buffer_.size() > message_bytes_max) skip("a line of more than 256 KiB", buffer_.size());
}

void Lines::begin_json(char bracket)
{
    topic_ = trimmed(buffer_);
    buffer_.assign(1, bracket);
    line_at_ = 0;
    outline_.reset();
    static_cast<void>(outline_.take(bracket));  // a bracket may always come first
    where_ = Where::json;
}

void Lines::put_json(char c, const Take& take, const ble::Refuse& refuse)
{
    const Outline::Step step = outline_.take(c);
    if (step == Outline::Step::damaged) return damaged(c, take, refuse);
    buffer_.push_back(c);
    if (step == Outline::Step::complete) {
        take(Message{topic_, buffer_, true});
        where_ = Where::text;
        buffer_.clear();
    } else if (buffer_.size() > message_bytes_max) {
        skip("a message of more than 256 KiB", buffer_.size());
    } else if (c == '\n') {
        line_at_ = buffer_.size();
    }
}

void Lines::damaged(char c, const Take& take, const ble::Refuse& refuse)
{
    constexpr std::string_view why = "a message that is no JSON";
    if (line_at_ == 0) {
        skip(why, buffer_.size());
        return put_skipped(c, refuse);
    }
    const std::string again = buffer_.substr(line_at_) + c;
    refuse(Garbled{why, line_at_});
    where_ = Where::text;
    buffer_.clear();
    for (const char once_more : again) put(once_more, take, refuse);
}

void Lines::skip(std::string_view why, std::size_t so_far)
{
    skip_why_ = why;
    skipped_bytes_ = so_far;
    buffer_ = {};
    where_ = Where::skipping;
}

void Lines::put_skipped(char c, const ble::Refuse& refuse)
{
    if (c != '\n') {
        ++skipped_bytes_;
        return;
    }
    refuse(Garbled{skip_why_, skipped_bytes_});
    where_ = Where::text;
    buffer_.clear();
}

void Lines::end_text(const Take& take)
{
    const std::string_view text = trimmed(buffer_);
    if (!text.empty()) take(Message{{}, text, false});
    buffer_.clear();
}

}  // namespace raiten::drivers::gateway
