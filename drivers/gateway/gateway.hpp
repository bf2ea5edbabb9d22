#pragma once

#include "drivers/options.hpp"
#include "drivers/translator.hpp"

#include <memory>

/// Bluetooth gateways: they listen somewhere in the shop and send what they heard over MQTT. Each
/// translator reads a stream of lines (drivers/gateway/lines.hpp); the README maps the messages.
namespace raiten::drivers {

std::unique_ptr<Translator> make_openmqttgateway(const Options& options);  ///< and Theengs
std::unique_ptr<Translator> make_espresense(const Options& options);
std::unique_ptr<Translator> make_minew(const Options& options);
std::unique_ptr<Translator> make_raddec(const Options& options);
std::unique_ptr<Translator> make_ingics(const Options& options);

}  // namespace raiten::drivers
