#include "drivers/pn532/frame.hpp"

namespace raiten::drivers::pn532 {
namespace {

unsigned u8(std::byte byte)
{
    return std::to_integer<unsigned>(byte);
}

constexpr std::byte zero{0x00};

bool adds_up_to_zero(Bytes bytes)
{
    unsigned sum = 0;
    for (const std::byte byte : bytes) sum += u8(byte);
    return (sum & 0xFFU) == 0;
}

}  // namespace

void Frames::feed(Bytes bytes, const OnFrame& on_frame, const Tell& tell)
{
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    while (take(false, on_frame, tell)) {
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ = 0;
}

void Frames::give_up(const OnFrame& on_frame, const Tell& tell)
{
    while (take(true, on_frame, tell)) {
    }
    noise_.flush(tell);
    clear();
}

void Frames::clear()
{
    held_.clear();
    at_ = 0;
    in_noise_ = false;
    noise_ = Noise{"no frame of a PN532"};
}

/// Whether anything was taken off the front: a frame, or a byte that begins none.
bool Frames::take(bool at_end, const OnFrame& on_frame, const Tell& tell)
{
    const Bytes rest = Bytes{held_}.subspan(at_);
    if (rest.empty()) return false;
    const auto wait = [&] {
        if (at_end) skip(tell);
        return at_end;
    };
    const auto no_frame = [&] {
        skip(tell);
        return true;
    };

    if (rest[0] != zero) return no_frame();
    if (rest.size() < 2) return wait();
    if (rest[1] != std::byte{0xFF}) return no_frame();
    if (rest.size() < 4) return wait();
    const unsigned length = u8(rest[2]);
    const unsigned length_sum = u8(rest[3]);
    if (length == 0x00 && length_sum == 0xFF) return taken(4, FrameKind::ack, {}, on_frame, tell);
    if (length == 0xFF && length_sum == 0x00) return taken(4, FrameKind::nack, {}, on_frame, tell);

    std::size_t head = 4;
    std::size_t size = length;
    if (length == 0xFF && length_sum == 0xFF) {
        head = 7;
        if (rest.size() < head) return wait();
        if (!adds_up_to_zero(rest.subspan(4, 3))) return no_frame();
        size = u8(rest[4]) * 256 + u8(rest[5]);
    } else if (!adds_up_to_zero(rest.subspan(2, 2))) {
        return no_frame();
    }
    if (size == 0 || size > data_max) return no_frame();
    if (rest.size() < head + size + 1) return wait();
    if (!adds_up_to_zero(rest.subspan(head, size + 1))) return no_frame();

    const Bytes data = rest.subspan(head, size);
    const bool error = size == 1 && data[0] == std::byte{0x7F};
    return taken(head + size + 1, error ? FrameKind::error : FrameKind::data, data, on_frame, tell);
}

/// Zeros between frames are their preambles and postambles.
void Frames::skip(const Tell& tell)
{
    const bool idle = held_[at_] == zero && !in_noise_;
    if (!idle) noise_.add(1, tell);
    in_noise_ = in_noise_ || !idle;
    ++at_;
}

bool Frames::taken(std::size_t size, FrameKind kind, Bytes data, const OnFrame& on_frame,
                   const Tell& tell)
{
    noise_.flush(tell);
    in_noise_ = false;
    at_ += size;
    on_frame(kind, data);
    return true;
}

std::vector<std::byte> framed(Bytes command)
{
    unsigned sum = 0;
    for (const std::byte byte : command) sum += u8(byte);
    const auto size = static_cast<unsigned>(command.size());
    const auto byte = [](unsigned number) { return static_cast<std::byte>(number & 0xFFU); };

    std::vector<std::byte> out{zero, zero, std::byte{0xFF}, byte(size), byte(0x100U - size)};
    out.reserve(command.size() + 7);
    out.insert(out.end(), command.begin(), command.end());
    out.push_back(byte(0x100U - (sum & 0xFFU)));
    out.push_back(zero);
    return out;
}

}  // namespace raiten::drivers::pn532
