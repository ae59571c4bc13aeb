/* SPDX-License-Identifier: GPL-3.0-or-later
 * The statistics of one column on an HTML page: facts, and a small chart of its values. */
#pragma once
#include "validate/profile/profile.h"
#include "validate/report/html_page.h"

void val_html_column(struct val_html *page, const struct val_profile_column *column);
