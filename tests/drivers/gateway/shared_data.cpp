// The same helper as the Bluetooth driver's tests use: each driver's program holds its own folder.
#include "tests/drivers/ble/shared_data.cpp"
