// Paho C 1.3.12 loses what MQTTAsync_send copied of messages in flight when a broken connection's
// client is destroyed (sync/README.md: how much), and with it nodes of its own list of allocations,
// whose stacks hold no name that the library exports. Hence its whole name, but in this program
// only.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions()
{
    return "leak:MQTTAsync_send\nleak:libpaho-mqtt3as\n";
}

// Paho keeps no frame pointers; without this the stack of a leak ends before its name.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "fast_unwind_on_malloc=0";
}
