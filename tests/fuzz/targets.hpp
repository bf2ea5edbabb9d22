#pragma once

#include "tests/fuzz/oracle.hpp"

#include <functional>
#include <string>
#include <vector>

namespace raiten::fuzz {

/// Something that takes bytes from outside, and what it promises about them.
struct Target {
    std::string name;
    std::function<Fault(Bytes)> fault;
};

/// Every format of the catalog under its name, and again as NAME-live where it is a dialogue; then
/// the capture files and the texts that people and other programs write.
std::vector<Target> targets();

}  // namespace raiten::fuzz
