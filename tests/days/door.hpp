#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The service's door as any program outside finds it: bytes over a socket.
namespace raiten::test {

struct Heard {
    unsigned status{};
    std::map<std::string, std::string> fields;  ///< names in lower case
    std::string body;
};

/// One request over a connection of its own. Whoever waits longer than 20 s for bytes throws.
class Door {
 public:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    static Door local(std::string path);  ///< the operator's unix socket
    static Door loopback(unsigned port);  ///< TCP

    Heard ask(std::string_view method, std::string_view target, std::string_view body = {},
              const Fields& fields = {}) const;
    /// The `data:` lines of the event stream from its beginning, through the first that holds
    /// `last`, each with its line feed.
    std::string stream_through(std::string_view last) const;

 private:
    class Line;
    std::string path_;
    unsigned port_{};
};

}  // namespace raiten::test
