#pragma once

#include "tests/support/process.hpp"
#include "tests/support/temp_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace raiten::test {

/// A port of 127.0.0.1 that nobody listened on a moment ago.
std::uint16_t free_port();

/// CA, server and client certificates, made by the openssl program: ca.pem, server.pem, server.key,
/// client.pem, client.key, and other-ca.pem that signed none of them.
void make_certificates(const std::filesystem::path& folder);

/// A real broker on a loopback port of its own; the port stays the same over restarts.
class Mosquitto {
 public:
    enum class Doors { open, password, mutual_tls };  ///< password: user "store", password "pass"

    /// `more` are further lines of its configuration. Not started yet.
    explicit Mosquitto(Doors doors = Doors::open, const std::vector<std::string>& more = {});

    void start();   ///< and waits until it answers; throws if it does not
    void stop();    ///< SIGTERM
    void kill();    ///< SIGKILL, all that it held in memory is gone
    void freeze();  ///< SIGSTOP: connections stay, nothing answers
    void thaw();    ///< SIGCONT

    std::uint16_t port() const { return port_; }
    std::string uri() const;
    std::string file(const std::string& name) const { return folder_.file(name); }

    /// One message by the mosquitto_pub program, QoS 1; true if it went out.
    bool publish(const std::string& topic, const std::string& payload, bool retained = false) const;
    bool publish_file(const std::string& topic, const std::string& file) const;
    /// What every client program needs to get in.
    std::vector<std::string> client_words(const std::string& program) const;

 private:
    TempFolder folder_;
    Doors doors_;
    std::uint16_t port_;
    std::unique_ptr<Process> process_;
};

}  // namespace raiten::test
