/* SPDX-License-Identifier: GPL-3.0-or-later
 * The compiler extensions that the project uses, each behind one name. */
#pragma once

#define CORE_MUST_CHECK                 __attribute__((warn_unused_result))
#define CORE_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define CORE_COUNT_OF(array)            (sizeof(array) / sizeof((array)[0]))
__extension__ typedef unsigned __int128 core_uint128; /* the product of two 64-bit numbers */
__extension__ typedef __int128 core_int128;           /* decimals of 38 digits */

/* On a function whose loops the compiler turns into vector instructions: compiled for several
 * instruction sets, the best one that the machine has is picked when the program starts. Products
 * and sums are never fused (-ffp-contract=off), so that all of them give the same bits. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(SWEEPGATE_SANITIZED)
#define CORE_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CORE_VECTOR_CLONES
#endif
