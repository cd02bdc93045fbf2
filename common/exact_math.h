// Elementary functions with the same bits on every machine and under every compiler flag that the project allows.
// The C library's exp, log and tanh differ in the last bit between processors and versions, so nothing that trains or
// decides may call them.
#ifndef MINNOW_COMMON_EXACT_MATH_H_
#define MINNOW_COMMON_EXACT_MATH_H_

namespace minnow {

// e^x, relative error under 1e-15; 0 below -708, infinity above 709.
double ExactExp(double x);

// Natural logarithm of a finite x > 0, relative error under 1e-15 (absolute under 1e-15 near 1).
// Minus infinity for 0, NaN for negative x and NaN, infinity for infinity.
double ExactLog(double x);

// The quantile function of the standard normal distribution, 0 < p < 1 (else NaN), relative error under 1e-15:
// algorithm AS 241 (Wichura 1988, "The percentage points of the normal distribution", PPND16).
double NormalQuantile(double p);

}  // namespace minnow

#endif  // MINNOW_COMMON_EXACT_MATH_H_
