#pragma once

#include "drivers/gateway/air.hpp"
#include "drivers/gateway/message.hpp"

#include <memory>

namespace raiten::drivers::gateway {

/// How one kind of gateway writes its messages: tells what it finds in one.
using Understand = void (*)(const Message& message, const Air& air, const Tell& tell);

/// Lines in, messages unpacked, each understood.
std::unique_ptr<Translator> make_ear(Understand understand, const Options& options);

/// Text that says that a gateway or its connection is there, no more: "online", "offline".
bool is_sign_of_life(std::string_view text);

}  // namespace raiten::drivers::gateway
