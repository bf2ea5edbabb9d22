// Paho C 1.3.12 loses the payload and the topic of messages that it still held unsent when a broken
// connection's client is destroyed; sync/README.md says how many. MQTTAsync_send made the copies.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions()
{
    return "leak:MQTTAsync_send\n";
}

// Paho keeps no frame pointers; without this the stack of a leak ends before its name.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "fast_unwind_on_malloc=0";
}
