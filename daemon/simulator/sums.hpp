#pragma once

/// Logarithm and exponential from additions and multiplications only, which IEEE 754 rounds the
/// same way everywhere; the C library's may differ in the last bit from machine to machine.
namespace raiten::simulator {

/// ln x of a normal number above 0, within 1e-12.
double natural_log(double x);
/// e to the x for |x| <= 700, within 1e-12 relatively; 0 below.
double natural_power(double x);

}  // namespace raiten::simulator
