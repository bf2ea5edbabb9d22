#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace raiten::test {

/// A card of vsmartcard's virtual reader: a TCP client that speaks messages of 2 length bytes (big
/// endian) and so many bytes; of length 1: 00 off, 01 on, 02 reset, 04 asks for the ATR; otherwise
/// an APDU, which is answered by an APDU. It leaves when it is destroyed.
class VirtualCard {
 public:
    struct Manners {
        std::vector<unsigned char> answer;  ///< to FF CA 00 00 00, with its status word
        bool leave_when_asked{};            ///< it is taken away instead of answering
    };

    VirtualCard(int socket, Manners manners);
    ~VirtualCard();
    VirtualCard(const VirtualCard&) = delete;
    VirtualCard& operator=(const VirtualCard&) = delete;

    unsigned asked() const { return asked_; }  ///< APDUs

    static const std::vector<unsigned char> atr;

 private:
    void serve();
    bool reply(const std::vector<unsigned char>& bytes);

    int socket_;
    Manners manners_;
    std::atomic<unsigned> asked_{};
    std::thread thread_;
};

/// A pcscd of our own with a virtual reader (vsmartcard-vpcd), in a network and a mount namespace
/// of its own: the virtual reader listens on every address of its network, and pcscd has one
/// socket for each machine. One for each process, because libpcsclite looks once for the socket.
class CardRoom {
 public:
    CardRoom();
    ~CardRoom();
    CardRoom(const CardRoom&) = delete;
    CardRoom& operator=(const CardRoom&) = delete;

    /// Why this machine cannot have one, or empty.
    const std::string& why_not() const { return why_not_; }

    /// Anew, in a new network: where the last one ended, a port may still be taken.
    void start_pcscd();
    void stop_pcscd(int signal);
    pid_t pcscd() const { return pcscd_; }

    /// Lays a card on the reader.
    std::unique_ptr<VirtualCard> lay_down(VirtualCard::Manners manners);

 private:
    void make_network();
    void in_room(const std::function<void()>& work) const;

    std::string why_not_;
    std::string folder_;
    int network_{-1};
    pid_t pcscd_{-1};
};

}  // namespace raiten::test
