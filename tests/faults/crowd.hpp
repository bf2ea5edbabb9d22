#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace raiten::test {

/// Many kiosks and registers, each on a kept TCP connection of its own, that call raitend at the
/// same time.
class Crowd {
 public:
    struct Wish {
        std::string target;
        std::string json;
        std::string key{};  ///< Idempotency-Key, or empty
    };
    struct Told {
        int status{};  ///< 0: the connection broke
        std::string body;
        bool replayed{};  ///< an answer given before
    };

    /// `port` of 127.0.0.1; `token` of role kiosk, pos or admin.
    Crowd(int port, std::string token, std::size_t size)
        : port_{port}, token_{std::move(token)}, size_{size}
    {
    }
    /// Each wish once, by whoever is free; the answers in the order of the wishes.
    std::vector<Told> ask(const std::vector<Wish>& wishes) const;

 private:
    int port_;
    std::string token_;
    std::size_t size_;
};

}  // namespace raiten::test
