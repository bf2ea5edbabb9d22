#include "tests/house/traps.hpp"

#include "tests/house/source_text.hpp"
#include "tests/house/tree.hpp"

#include <algorithm>

namespace raiten::house {
namespace {

bool everywhere(std::string_view)
{
    return true;
}
bool sources(std::string_view file)
{
    return is_source(file);
}
bool product(std::string_view file)
{
    return is_product(file) && is_source(file);
}
bool headers(std::string_view file)
{
    return file.ends_with(".hpp");
}
bool product_headers(std::string_view file)
{
    return is_product(file) && headers(file);
}
bool but_app(std::string_view file)
{
    return sources(file) && !file.starts_with("daemon/app/");
}
bool prose(std::string_view file)
{
    return sources(file) || file.ends_with(".md") || file.ends_with(".sh")
           || file.ends_with("CMakeLists.txt") || file.ends_with(".service");
}

/// A statement, or a line of words: regular expressions recurse, so no piece is long.
constexpr std::size_t piece_chars_max = 1'500;

struct Piece {
    std::string text;
    std::size_t line;
};

std::vector<Piece> pieces_of(std::string_view text, char mark)
{
    std::vector<Piece> pieces;
    std::size_t line = 1;
    while (!text.empty()) {
        const auto end = std::min({text.find(mark), text.size() - 1, piece_chars_max - 1}) + 1;
        const auto piece = text.substr(0, end);
        const auto blank = std::min(piece.find_first_not_of(" \t\n"), piece.size());
        const auto newlines = [](std::string_view part) {
            return static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
        };
        pieces.push_back(
            {std::string{piece.substr(blank)}, line + newlines(piece.substr(0, blank))});
        line += newlines(piece);
        text.remove_prefix(end);
    }
    return pieces;
}

}  // namespace

const std::vector<Trap>& traps()
{
    static const std::vector<Trap> all{
        // GCC 12 destroys such temporaries twice when the awaiting coroutine resumes.
        {"lambda in co_await", Half::code, sources,
         std::regex{R"(co_await[^;]*\[[^\]\s][^\]]*\]\s*(\(|\{|mutable|->))"},
         "name the lambda on the line above, then co_await",
         "co_await g([v = std::move(v)]() { use(v); });",
         "auto n = co_await read(buffer[0], no_throw);"},
        {"braces in co_await", Half::code, sources,
         std::regex{R"(co_await[^;]*[\w>(,]\s*\{[^};]*[^};\s])"},
         "name the braced value on the line above, then co_await",
         "r = co_await f(Query{.a = big, .b = 2});", "co_await timer.async_wait(use_awaitable);"},
        {"detached", Half::code, sources, std::regex{R"(\bdetached\b)"},
         "a completion that rethrows: detached swallows exceptions",
         "co_spawn(loop, serve(), asio::detached);", "co_spawn(loop, serve(), rethrow);"},
        {"swallowed exception", Half::code, sources,
         std::regex{R"(catch\s*\(\s*\.\.\.\s*\)\s*\{\s*\})"},
         "say what was caught, or let it stop the process", "try { f(); } catch (...) {\n}",
         "try { f(); } catch (const E& e) { tell(e); }"},
        {"stoi and atoi", Half::code, product,
         std::regex{R"(\b(stoi|stol|stoll|stoul|stoull|stof|stod|atoi|atol|atoll|atof)\s*\()"},
         "std::from_chars: no locale, no exception, no silent zero", "auto n = std::stoi(text);",
         "auto n = number_from(stop);"},
        {"std::views", Half::code, product_headers,
         std::regex{R"(\b(views|ranges)::\w+\s*(\(|\|))"},
         "a plain loop: clang 14 cannot compile views of libstdc++ 12 in fuzzed headers",
         "for (int n : all | std::views::filter(odd)) use(n);", "review::all(x);"},
        {"std::regex", Half::code, product,
         std::regex{R"(\bstd::regex|\bregex_(search|match|replace))"},
         "a hand-written scan: std::regex recurses once a character", "std::regex{text};",
         "my_regex_free(text);"},
        {"sleep", Half::code, sources,
         std::regex{R"(\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\()"},
         "wait for what you wait for; in tests, move the test clock",
         "std::this_thread::sleep_for(1s);", "member.asleep(1);"},
        {"wall clock", Half::code, but_app, std::regex{R"(\b(system|utc|file)_clock\s*::\s*now\b)"},
         "time comes with the event, or from daemon/app's clock",
         "auto t = std::chrono::system_clock::now();", "auto t = steady_clock::now();"},
        {"C time", Half::code, but_app,
         std::regex{
             R"(\b(std::time|localtime(_r)?|gmtime(_r)?|mktime|strftime|gettimeofday)\s*\()"},
         "time comes with the event; zones come from the date library in daemon/app",
         "auto t = std::time(nullptr);", "auto t = engine_time(0);"},
        {"C dice", Half::code, sources, std::regex{R"(\b(s?rand|[dl]rand48)\s*\()"},
         "a counter-based generator, or one whose seed is printed", "if (std::rand() % 2) f();",
         "operand(2);"},
        {"macro of our own", Half::code, product, std::regex{R"(#\s*define\b)"},
         "a function, a constant or a template", "#define MAX(a, b) (a)", "#include <defines>"},
        {"using namespace in a header", Half::code, headers, std::regex{R"(\busing\s+namespace\b)"},
         "write the names out in headers", "using namespace std;", "using Millis = milliseconds;"},
        {"Asio without threads", Half::all, everywhere,
         std::regex{"BOOST_ASIO_DISABLE_"
                    "THREADS"},
         "Paho posts from its own thread",
         "-DBOOST_ASIO_DISABLE_"
         "THREADS",
         "-DBOOST_ASIO_SEPARATE_COMPILATION"},
        {"work left for later", Half::words, everywhere,
         std::regex{R"(\b(TO)"
                    R"(DO|FIX)"
                    R"(ME|XX)"
                    R"(X)\b)"},
         "do it, or write down the limit",
         "// TO"
         "DO: bound this",
         "// bounded"},
        {"issue number", Half::words, prose, std::regex{R"((^|[\s(])#\d{1,5}\b)"},
         "say the reason itself",
         "// see #"
         "12",
         "// paper, equation 12"},
        {"path of one machine", Half::all, everywhere,
         std::regex{R"((^|[^A-Za-z.])/(wo)"
                    R"(rk|fa)"
                    R"(rm|ho)"
                    R"(me/\w+|tmp/\w)"
                    R"(t)/)"},
         "a path from the source folder, or from the environment",
         "open(\"/wo"
         "rk/shared/x\")",
         "open(\"/var/lib/raiten/x\")"},
        {"package registry", Half::all, everywhere,
         std::regex{R"(\b(deb\.debian|registry\.)"
                    R"(npmjs|[\w-]+\.pkg\.)"
                    R"(dev)\b)"},
         "the machine's own configuration says where packages come from",
         "https://registry."
         "npmjs.org/ws",
         "https://datatracker.ietf.org/"},
    };
    return all;
}

std::vector<std::string> caught_by(const Trap& trap, std::string_view file, std::string_view text)
{
    if (!trap.reaches(file)) return {};
    std::string half{text};
    if (is_source(file) && trap.half == Half::code) half = take_apart(text).code;
    if (is_source(file) && trap.half == Half::words) half = take_apart(text).comments;

    std::vector<std::string> caught;
    for (const auto& piece : pieces_of(half, trap.half == Half::code ? ';' : '\n')) {
        if (!std::regex_search(piece.text, trap.pattern)) continue;
        caught.push_back(std::string{file} + ":" + std::to_string(piece.line) + ": "
                         + std::string{trap.name} + "; instead: " + std::string{trap.instead});
    }
    return caught;
}

}  // namespace raiten::house
