#include "tests/support/hq_ear.hpp"

#include <boost/asio/buffer.hpp>

#include <stdexcept>
#include <utility>

namespace raiten::test {

namespace net = boost::asio;

namespace {

std::vector<std::string> ear_words(const Mosquitto& broker)
{
    // the retained probe comes back once the subscriptions stand
    if (!broker.publish("probe", "ready", true)) throw std::runtime_error{"no probe"};
    auto words = broker.client_words("mosquitto_sub");
    words.insert(words.end(), {"-t", "raiten/#", "-t", "probe", "-F", "%t\\t%r\\t%E\\t%p"});
    return words;
}

}  // namespace

bool run_until(net::io_context& io, const std::function<bool()>& condition,
               std::chrono::seconds limit)
{
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        if (io.stopped()) io.restart();
        io.run_one_for(std::chrono::milliseconds{20});
    }
    return true;
}

HqEar::HqEar(net::io_context& io, const Mosquitto& broker)
    : process_{ear_words(broker), true}, output_{io, process_.take_output()}
{
    read();
    if (!run_until(io, [this] { return ready_; })) throw std::runtime_error{"the ear is deaf"};
}

std::vector<Heard> HqEar::on(const std::string& topic) const
{
    std::vector<Heard> found;
    for (const auto& each : heard_)
        if (each.topic == topic) found.push_back(each);
    return found;
}

void HqEar::read()
{
    output_.async_read_some(
        net::buffer(buffer_),
        [this, alive = std::weak_ptr{alive_}](boost::system::error_code ec, std::size_t size) {
            if (ec || alive.expired()) return;
            text_.append(buffer_.data(), size);
            take_lines();
            read();
        });
}

void HqEar::take_lines()
{
    for (;;) {
        const auto end = text_.find('\n');
        if (end == text_.npos) return;
        const auto line = text_.substr(0, end);
        text_.erase(0, end + 1);
        const auto a = line.find('\t');
        const auto b = line.find('\t', a + 1);
        const auto c = line.find('\t', b + 1);
        Heard heard{line.substr(0, a), line.substr(a + 1, b - a - 1) == "1",
                    line.substr(b + 1, c - b - 1), line.substr(c + 1)};
        if (heard.topic == "probe") {
            ready_ = true;
        } else {
            heard_.push_back(std::move(heard));
        }
    }
}

}  // namespace raiten::test
