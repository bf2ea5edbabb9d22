#include "tests/http/shop.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

using namespace raiten::http;
using namespace raiten::http::test;

namespace {

/// A self-signed certificate for localhost and its key, as files.
class Papers {
 public:
    explicit Papers(const std::string& name)
        : certificate{folder() / (name + ".crt")}, key{folder() / (name + ".key")}
    {
        std::filesystem::create_directories(folder());
        EVP_PKEY* const pair = EVP_EC_gen("P-256");
        X509* const paper = X509_new();
        X509_set_version(paper, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(paper), 1);
        X509_gmtime_adj(X509_getm_notBefore(paper), -3600);
        X509_gmtime_adj(X509_getm_notAfter(paper), 3600);
        X509_set_pubkey(paper, pair);
        X509_NAME* const subject = X509_get_subject_name(paper);
        const auto* const text = reinterpret_cast<const unsigned char*>(name.c_str());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0);
        X509_set_issuer_name(paper, subject);
        X509_sign(paper, pair, EVP_sha256());
        std::FILE* file = std::fopen(certificate.c_str(), "w");
        PEM_write_X509(file, paper);
        std::fclose(file);
        file = std::fopen(key.c_str(), "w");
        PEM_write_PrivateKey(file, pair, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
        X509_free(paper);
        EVP_PKEY_free(pair);
    }
    ~Papers()
    {
        std::filesystem::remove(certificate);
        std::filesystem::remove(key);
    }

    const std::filesystem::path certificate;
    const std::filesystem::path key;

 private:
    static std::filesystem::path folder()
    {
        return std::filesystem::temp_directory_path()
               / ("raiten-papers-" + std::to_string(::getpid()));
    }
};

/// A client's side, which trusts one certificate and no other.
struct Trust {
    explicit Trust(const Papers& papers) : context{SSL_CTX_new(TLS_client_method())}
    {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to whoever has hung up
        SSL_CTX_load_verify_locations(context, papers.certificate.c_str(), nullptr);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    }
    ~Trust() { SSL_CTX_free(context); }
    SSL_CTX* context;
};

std::uint16_t listen_tls(Shop& shop)
{
    const auto port = shop.on_loop(
        [&] { return shop.server->listen_tcp("0.0.0.0", 0, Server::Protection::tls); });
    REQUIRE(port.has_value());
    return *port;
}

}  // namespace

TEST_CASE("beyond the device everything is encrypted, and certificates can be renewed")
{
    Papers old{"old"};
    Papers renewed{"renewed"};
    Shop shop;
    shop.router.add({"GET", "/secure", {Role::kiosk}, 0, answering([](const Request& request) {
                         return json(request.secure ? "true" : "false");
                     })});
    shop.router.add({"POST", "/upload", {Role::kiosk}, 10, answering([](const Request&) {
                         return no_content();
                     })});
    shop.open();
    CHECK_FALSE(
        shop.on_loop([&] { return shop.server->listen_tcp("0.0.0.0", 0, Server::Protection::tls); })
            .has_value());
    REQUIRE(
        shop.on_loop([&] { return shop.server->load_tls(old.certificate, old.key); }).has_value());
    const auto port = listen_tls(shop);

    Trust trusts_old{old};
    Trust trusts_new{renewed};
    Client first{port};
    REQUIRE(first.start_tls(trusts_old.context));
    CHECK(first.get("/secure", as_kiosk)->body == "true");
    CHECK(first.get("/secure", as_kiosk)->body == "true");
    CHECK(first.call("POST", "/upload", as_kiosk, std::string(100'000, 'x'))->status == 413);

    Client stranger{port};
    CHECK_FALSE(stranger.start_tls(trusts_new.context));

    // A key that does not fit changes nothing.
    CHECK_FALSE(shop.on_loop([&] { return shop.server->load_tls(renewed.certificate, old.key); })
                    .has_value());
    CHECK_FALSE(
        shop.on_loop([&] { return shop.server->load_tls("/nowhere", old.key); }).has_value());
    Client second{port};
    CHECK(second.start_tls(trusts_old.context));

    REQUIRE(shop.on_loop([&] { return shop.server->load_tls(renewed.certificate, renewed.key); })
                .has_value());
    Client third{port};
    REQUIRE(third.start_tls(trusts_new.context));
    CHECK(third.get("/secure", as_kiosk)->body == "true");
    CHECK(second.get("/secure", as_kiosk)->body == "true");
}

TEST_CASE("plain talk on the encrypted port, encrypted talk on the plain one, and silence")
{
    Papers papers{"store"};
    Shop shop;
    shop.options.limits.handshake_max = std::chrono::milliseconds{80};
    shop.open();
    REQUIRE(shop.on_loop([&] { return shop.server->load_tls(papers.certificate, papers.key); })
                .has_value());
    const auto port = listen_tls(shop);
    Trust trust{papers};

    Client plain{port};
    plain.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    plain.read_all();
    Client silent{port};
    CHECK(silent.read_all().empty());
    auto wrong_port = shop.client();
    CHECK_FALSE(wrong_port.start_tls(trust.context));
    CHECK(shop.eventually([&] {
        const Counters counters = shop.server->counters();
        return counters.of(Refusal::tls) == 2 && counters.of(Refusal::malformed) == 1;
    }));
    CHECK(shop.client().get("/healthz")->status == 200);
}

TEST_CASE("a live stream over TLS ends when its client does")
{
    Papers papers{"stream"};
    Shop shop;
    const auto nothing = [](std::uint64_t,
                            std::size_t) -> net::awaitable<std::vector<EventStream::Message>> {
        co_return std::vector<EventStream::Message>{};
    };
    auto stream =
        std::make_shared<EventStream>(shop.io.get_executor(), EventStream::Limits{}, nothing, 0);
    shop.router.add({"GET", "/stream", {Role::open}, 0, {}, stream});
    shop.open();
    REQUIRE(shop.on_loop([&] { return shop.server->load_tls(papers.certificate, papers.key); })
                .has_value());
    const auto port = listen_tls(shop);
    Trust trust{papers};
    {
        Client client{port};
        REQUIRE(client.start_tls(trust.context));
        client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(client.read_until("id: 0\n\n"));
        shop.on_loop([&] { stream->publish(1, "visit", "opened"); });
        CHECK(client.read_until("\n\n") == "id: 1\nevent: visit\ndata: opened\n\n");
    }
    CHECK(shop.eventually([&] { return stream->clients() == 0; }));
}
