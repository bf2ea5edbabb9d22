#include "daemon/http/kiosk.hpp"

#include "raiten_embedded/kiosk.hpp"

#include <string>

namespace raiten::http {

std::vector<Asset> kiosk_assets()
{
    std::vector<Asset> assets;
    for (const EmbeddedFile& file : embedded::kiosk()) {
        const bool page = file.name == "index.html";
        assets.push_back(asset_of(page ? "/" : "/kiosk/" + std::string{file.name}, file));
    }
    return assets;
}

}  // namespace raiten::http
