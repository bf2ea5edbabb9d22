// Paho C 1.3.12 loses what MQTTAsync_send copied of messages in flight when a broken connection's
// client is destroyed (sync/README.md: how much), and with it nodes of its own list of allocations,
// whose stacks hold no name that the library exports; and its global tables are freed by a thread
// of its own, which the end of the process may overtake. Hence its whole name, but only in the
// programs that link this.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions()
{
    return "leak:libpaho-mqtt3as\n";
}
