#include "daemon/scoring/cholesky.hpp"

#include <cmath>
#include <vector>

namespace raiten::scoring {

bool factorise(std::span<double> matrix, std::size_t size)
{
    constexpr double least_share = 1e-13;  // of a diagonal element that must be left
    for (std::size_t i = 0; i < size; ++i) {
        double* row = &matrix[i * size];
        const double whole = row[i];
        for (std::size_t j = 0; j <= i; ++j) {
            const double* other = &matrix[j * size];
            double left = row[j];
            for (std::size_t m = 0; m < j; ++m) left -= row[m] * other[m];
            if (j < i) {
                row[j] = left / other[j];
            } else {
                if (!(left > least_share * whole) || !std::isfinite(left)) return false;
                row[i] = std::sqrt(left);
            }
        }
    }
    return true;
}

void solve(std::span<const double> factor, std::span<double> right)
{
    const auto size = right.size();
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < i; ++j) right[i] -= factor[i * size + j] * right[j];
        right[i] /= factor[i * size + i];
    }
    for (std::size_t i = size; i-- > 0;) {
        for (std::size_t j = i + 1; j < size; ++j) right[i] -= factor[j * size + i] * right[j];
        right[i] /= factor[i * size + i];
    }
}

void invert(std::span<double> factor, std::size_t size)
{
    const std::vector<double> lower{factor.begin(), factor.end()};
    std::vector<double> column(size);
    for (std::size_t j = 0; j < size; ++j) {
        column.assign(size, 0.0);
        column[j] = 1;
        solve(lower, column);
        for (std::size_t i = 0; i < size; ++i) factor[i * size + j] = column[i];
    }
}

}  // namespace raiten::scoring
