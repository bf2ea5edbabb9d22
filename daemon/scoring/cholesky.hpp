#pragma once

#include <cstddef>
#include <span>

/// Small symmetric positive definite systems, dense, row by row: matrix[i * size + j]. Golub & Van
/// Loan (2013), "Matrix Computations", 4th ed., section 4.2.
namespace raiten::scoring {

/// Replaces the lower triangle of `matrix` by L with L·Lᵀ = matrix; the upper one is neither read
/// nor written. False, with `matrix` half done, where it is not positive definite to about 13
/// digits of its diagonal, or not finite.
bool factorise(std::span<double> matrix, std::size_t size);

/// Replaces `right` by the solution of L·Lᵀ·x = right.
void solve(std::span<const double> factor, std::span<double> right);

/// Replaces the factor L by the inverse of L·Lᵀ, both triangles.
void invert(std::span<double> factor, std::size_t size);

}  // namespace raiten::scoring
