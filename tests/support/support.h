/* SPDX-License-Identifier: GPL-3.0-or-later
 * What tests share: cmocka with its prerequisites, temporary folders, the shared test data. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* needs those above */

/* A fresh folder below TMPDIR, removed at exit. Valid for the life of the process. */
const char *test_folder(void);
/* "FOLDER/name"; valid until the process ends. */
const char *test_path(const char *name);
void test_write_file(const char *path, const char *text);
/* Path below the shared test data (SWEEPGATE_TEST_DATA, default ../shared), or NULL when that is absent. */
const char *test_data(const char *relative);
/* |got - wanted| is at most tolerance * (1 + |wanted|). */
void assert_near(double got, double wanted, double tolerance);
