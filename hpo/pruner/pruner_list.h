/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a pruner: a new one is a new file hpo/pruner/NAME.c and a row here. Included several times. */
X(none)
X(median)
X(percentile)
X(asha)
X(hyperband)
X(threshold)
X(patient)
X(wilcoxon)
