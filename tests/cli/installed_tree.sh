#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What gets installed can be used: the program, the headers, the libraries through pkg-config, the trial clients.
. "$SWEEPGATE_SOURCE/tests/cli/lib_sweep.sh" || exit 1

prefix=$folder/prefix
cmake --install "$SWEEPGATE_BUILD" --prefix "$prefix" >install.txt 2>&1 || { fail "cmake --install"; cat install.txt; }
for file in bin/sweepgate include/sweepgate/core/num.h include/sweepgate/hpo/sampler/sampler.h include/sweepgate/validate/suite.h \
  lib/libsweepgate_core.a lib/libsweepgate_hpo.a lib/libsweepgate_validate.a lib/libsweepgate_trial.a lib/pkgconfig/sweepgate.pc \
  share/man/man1/sweepgate.1 share/man/man1/sweepgate-run.1 share/man/man1/sweepgate-validate.1 \
  share/bash-completion/completions/sweepgate share/sweepgate/client/sweepgate_trial.c share/sweepgate/client/sweepgate_trial.h \
  share/sweepgate/client/sweepgate_trial.py share/sweepgate/examples/weather/study.yaml share/sweepgate/slurm/sweep.sbatch; do
  [ -s "$prefix/$file" ] || fail "$file is not installed"
done
expect_code 0 "$prefix/bin/sweepgate" version
# A file that names the build or source folder would break when those are gone.
grep -rIlF -e "$SWEEPGATE_BUILD" -e "$SWEEPGATE_SOURCE" "$prefix/lib/pkgconfig" "$prefix/share" && fail "an installed file names the build"

sanitize=${SWEEPGATE_SANITIZE:+-fsanitize=$SWEEPGATE_SANITIZE}
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
cat >use.c <<'END'
#include "core/num.h"
#include "core/tree.h"
#include "hpo/sampler/sampler.h"
#include "hpo/study.h"
#include "hpo/store/store.h"
#include "validate/report/report.h"
#include "validate/validate.h"
#include <stdio.h>
int main(void) {
  char text[CORE_NUM_BYTES];
  struct core_tree tree;
  struct core_error err = {0};
  int samplers = 0, reports = 0;
  if (core_tree_parse(&tree, "x", "a: 0.1", 6, &err) != CORE_OK) return 1;
  core_format_double(core_node_get(tree.root, "a")->number, text);
  core_tree_close(&tree);
  for (const struct hpo_sampler_ops *const *s = hpo_sampler_all(); *s; s++) samplers++;
  for (const struct val_report_ops *const *r = val_report_all(); *r; r++) reports++;
  printf("%s %d %d\n", text, samplers > 0, reports > 0);
  return 0;
}
END
# shellcheck disable=SC2046,SC2086
if "${CC:-cc}" -std=c17 $sanitize use.c $(pkg-config --cflags --static --libs sweepgate) -o use; then
  [ "$(./use)" = "0.1 1 1" ] || fail "the linked program prints '$(./use)'"
else
  fail "a program does not link against the installed libraries"
fi

# Every installed header finds what it includes in the installed tree.
(cd "$prefix/include/sweepgate" && find core hpo validate -name '*.h' -not -name '*_list.h' -not -name '*_loop.h') | sed 's/.*/#include "&"/' >all.c
"${CC:-cc}" -std=c17 -D_GNU_SOURCE $(pkg-config --cflags sweepgate) -fsyntax-only all.c || fail "installed headers do not compile"

# The trial's C pair needs nothing but itself.
cat >trial.c <<'END'
#include "sweepgate_trial.h"
int main(void) { return 0; }
END
"${CC:-cc}" -std=c99 -I"$prefix/share/sweepgate/client" trial.c "$prefix/share/sweepgate/client/sweepgate_trial.c" -o trial ||
  fail "the trial client does not build alone"
finish
