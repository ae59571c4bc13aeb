/* SPDX-License-Identifier: GPL-3.0-or-later
 * The kernels that this build has, best first; read by csv_kernel.c. No include guard, on purpose. */
#if defined(__x86_64__) && defined(__GNUC__)
X(avx512)
X(avx2)
#endif
#if defined(__aarch64__) && defined(__ARM_NEON)
X(neon)
#endif
X(portable)
