#include "daemon/app/devices/device.hpp"

namespace raiten::app {
namespace {

/// Somebody who posts to the local API: there is no wire to open.
class PostingDevice final : public Readers::Device {
 public:
    using Device::Device;

    Result<void> start() override
    {
        set_state("up", "posts over the local API");
        return {};
    }
    void stop() override {}
};

}  // namespace

MadeDevice make_posting_device(const DeviceHouse& house, const ReaderSettings& settings)
{
    return std::make_unique<PostingDevice>(house, settings);
}

}  // namespace raiten::app
