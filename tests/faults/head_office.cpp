#include "tests/faults/head_office.hpp"

#include <boost/asio/buffer.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace raiten::test {

namespace net = boost::asio;

namespace {

constexpr const char* prefix = "raiten/v1/acme/ginza/box-1/";

}  // namespace

HeadOffice::HeadOffice(net::io_context& io, const Mosquitto& broker, bool acknowledges)
    : io_{io}, broker_{broker}, acknowledges_{acknowledges}
{
}

void HeadOffice::open()
{
    ready_ = false;
    if (!broker_.publish("probe", "ready", true)) throw std::runtime_error{"no probe"};
    auto words = broker_.client_words("mosquitto_sub");
    words.insert(words.end(), {"-i", "hq", "-c", "-x", "3600", "-F", "%p", "-t", "probe"});
    for (const auto* topic : {"coupon", "summary/+", "visit"}) {
        words.push_back("-t");
        words.push_back(std::string{prefix} + topic);
    }
    process_ = std::make_unique<Process>(words, true);
    output_ = std::make_unique<net::posix::stream_descriptor>(io_, process_->take_output());
    read();
    if (!run_until(io_, [this] { return ready_; })) throw std::runtime_error{"HQ is deaf"};
}

void HeadOffice::close()
{
    process_.reset();
    output_.reset();
    text_.clear();
}

void HeadOffice::read()
{
    output_->async_read_some(
        net::buffer(buffer_), [this](boost::system::error_code ec, std::size_t size) {
            if (ec) return;
            text_.append(buffer_.data(), size);
            bool any = false;
            for (auto end = text_.find('\n'); end != text_.npos; end = text_.find('\n')) {
                take_line(text_.substr(0, end));
                text_.erase(0, end + 1);
                any = true;
            }
            if (any && acknowledges_) acknowledge();
            read();
        });
}

void HeadOffice::take_line(const std::string& line)
{
    if (line == "ready") {
        ready_ = true;
        return;
    }
    const auto message = nlohmann::json::parse(line);
    epoch_ = message["epoch"];
    Lane& lane = lanes_[message["lane"]];
    const std::uint64_t sequence = message["sequence"];
    const auto [known, first] = lane.ids.emplace(sequence, message["id"]);
    if (!first) {
        ++lane.doubles;
        if (known->second != message["id"]) ++lane.changed;
        return;
    }
    if (sequence < lane.newest) ++lane.out_of_order;
    lane.newest = sequence;
    while (lane.ids.contains(lane.contiguous + 1)) ++lane.contiguous;
}

void HeadOffice::acknowledge()
{
    if (epoch_ == 0) return;
    nlohmann::json ack{{"epoch", epoch_}};
    for (const auto& [name, lane] : lanes_)
        if (lane.contiguous > 0) ack[name] = lane.contiguous;
    broker_.publish(std::string{prefix} + "ack", ack.dump());  // if it is away: next time
}

}  // namespace raiten::test
