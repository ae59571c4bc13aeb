/* SPDX-License-Identifier: GPL-3.0-or-later
 * The compiler extensions that the project uses, each behind one name. */
#pragma once

#define CORE_MUST_CHECK                 __attribute__((warn_unused_result))
#define CORE_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define CORE_COUNT_OF(array)            (sizeof(array) / sizeof((array)[0]))
__extension__ typedef unsigned __int128 core_uint128; /* the product of two 64-bit numbers */
