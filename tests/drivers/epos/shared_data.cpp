#include "tests/drivers/ble/shared_data.cpp"
