/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a format: a new one is a new file validate/report/report_NAME.c and a row here. Included
 * several times. */
X(text)
X(json)
X(gx)
X(junit)
X(markdown)
X(github)
X(sarif)
X(html)
