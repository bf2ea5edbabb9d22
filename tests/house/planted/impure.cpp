// Everything that the purity check must find. Linked into nothing: nm reads the archive.

#include <fcntl.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <random>

extern "C" int sqlite3_open(const char* path, void** handle);
extern "C" int RAND_bytes(unsigned char* out, int count);

namespace raiten::house {

void* every_sin(void* data);

// NOLINTBEGIN: wrong on purpose
void* every_sin(void* data)
{
    std::cout << std::chrono::system_clock::now().time_since_epoch().count() << std::time(nullptr);
    timespec moment{};
    timeval day{};
    clock_gettime(CLOCK_REALTIME, &moment);
    gettimeofday(&day, nullptr);
    nanosleep(&moment, nullptr);
    const int file = open("x", O_RDONLY);
    connect(socket(AF_UNIX, SOCK_STREAM, 0), nullptr, 0);
    std::FILE* stream = std::fopen("x", "r");
    std::ifstream in{"x"};
    std::random_device dice;
    unsigned char byte{};
    RAND_bytes(&byte, std::rand());
    sqlite3_open(std::getenv("X"), &data);
    pthread_t thread{};
    pthread_create(&thread, nullptr, every_sin, data);
    std::cout << dice() << file << stream << in.rdbuf();
    return data;
}
// NOLINTEND

}  // namespace raiten::house
