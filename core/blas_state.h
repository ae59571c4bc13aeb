/* SPDX-License-Identifier: GPL-3.0-or-later
 * OpenBLAS, loaded when the first object asks for it: the dynamic loader needs longer for its
 * thirteen thousand relocations than a whole validation takes, and most commands never multiply a
 * matrix. For core/linalg.c alone. */
#pragma once
#include <cblas.h>

#include "core/status.h"

/* LAPACK as Fortran gives it: all by pointer, by columns, the lengths of the texts at the end
 * (https://www.netlib.org/lapack/explore-html, dpotrf, dpotri, dsyev). */
typedef void core_blas_dpotrf(const char *uplo, const int *n, double *a, const int *lda, int *info,
                              size_t uplo_bytes);
typedef void core_blas_dsyev(const char *jobz, const char *uplo, const int *n, double *a,
                             const int *lda, double *w, double *work, const int *lwork, int *info,
                             size_t jobz_bytes, size_t uplo_bytes);

/* X(member, symbol, type) */
#define CORE_BLAS_LIST(X)                                                                          \
  X(set_num_threads, openblas_set_num_threads, __typeof__(openblas_set_num_threads))               \
  X(ddot, cblas_ddot, __typeof__(cblas_ddot))                                                      \
  X(dgemv, cblas_dgemv, __typeof__(cblas_dgemv))                                                   \
  X(dgemm, cblas_dgemm, __typeof__(cblas_dgemm))                                                   \
  X(dsyrk, cblas_dsyrk, __typeof__(cblas_dsyrk))                                                   \
  X(dtrsv, cblas_dtrsv, __typeof__(cblas_dtrsv))                                                   \
  X(dtrsm, cblas_dtrsm, __typeof__(cblas_dtrsm))                                                   \
  X(dpotrf, dpotrf_, core_blas_dpotrf)                                                             \
  X(dpotri, dpotri_, core_blas_dpotrf)                                                             \
  X(dsyev, dsyev_, core_blas_dsyev)

struct core_blas {
#define X(member, symbol, type) type *member;
  CORE_BLAS_LIST(X)
#undef X
};

/* Loads the library at the first call, with one thread; whoever comes later gets the same answer.
 * UNSUPPORTED: it is not there, or one of its functions is not. */
enum core_status core_blas_open(struct core_error *err) CORE_MUST_CHECK;
/* The functions, for the process's life. core_blas_open must have succeeded. */
const struct core_blas *core_blas(void);
