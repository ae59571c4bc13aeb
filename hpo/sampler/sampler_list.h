/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a sampler: a new one is a new file hpo/sampler/NAME.c and a row here. Included several times. */
X(random)
X(grid)
X(brute_force)
X(qmc)
X(tpe)
X(cmaes)
X(gp)
X(auto)
