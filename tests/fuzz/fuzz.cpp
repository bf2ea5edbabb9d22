// The fuzz program: libFuzzer around the target that $RAITEN_FUZZ names. Without it, or with one
// that does not exist, it lists the targets and ends with 64.
#include "tests/fuzz/targets.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

const raiten::fuzz::Target& chosen()
{
    static const raiten::fuzz::Target target = [] {
        const char* name = std::getenv("RAITEN_FUZZ");
        auto all = raiten::fuzz::targets();
        for (auto& each : all)
            if (name != nullptr && each.name == name) return std::move(each);
        for (const auto& each : all) std::printf("%s\n", each.name.c_str());
        std::fflush(stdout);
        std::_Exit(64);
    }();
    return target;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    chosen();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span{data, size});
    if (const auto fault = chosen().fault(input)) {
        std::fprintf(stderr, "%s: %s\n", chosen().name.c_str(), fault->c_str());
        std::abort();
    }
    return 0;
}
