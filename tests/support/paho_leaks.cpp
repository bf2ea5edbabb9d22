// Paho C 1.3.12 loses about 160 bytes for each message that was in flight when a connection broke
// (small blocks and its own heap tracker's entries for them); sync/README.md says more.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions()
{
    return "leak:libpaho-mqtt3as\n";
}
