# The C client in a sweep and by hand, compiled as strict C99 and as C++, under the sanitizers and under valgrind.
. "$(dirname "$0")/lib_client.sh"
warnings="-Wall -Wextra -Wpedantic -Werror"

cat >trial.c <<'END'
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "sweepgate_trial.h"

int main(void) {
  setlocale(LC_ALL, ""); /* a decimal comma must do no harm */
  struct sweepgate_trial *trial = sweepgate_trial_open();
  if (!trial) return 9;
  const double x = sweepgate_trial_double(trial, "x", 0.25);
  sweepgate_trial_attr_text(trial, "kind", sweepgate_trial_text(trial, "kind", "none"));
  sweepgate_trial_attr_number(trial, "n", (double)sweepgate_trial_int(trial, "n", 9));
  if (!sweepgate_trial_report(trial, 1, x)) sweepgate_trial_result_named(trial, "loss", x + 1);
  if (!sweepgate_trial_in_sweep(trial)) printf("x %d, trial %lld\n", x == 0.25, sweepgate_trial_number(trial));
  sweepgate_trial_close(trial);
  return 0;
}
END
cat >params.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include "sweepgate_trial.h"

/* Prints the parameter named by each argument; exit 1 when the environment is malformed. */
int main(int argc, char **argv) {
  struct sweepgate_trial *trial = sweepgate_trial_open();
  if (!trial) return 1;
  for (int i = 1; i < argc; i++)
    printf("%s|%g|%lld\n", sweepgate_trial_text(trial, argv[i], "-"), sweepgate_trial_double(trial, argv[i], -1),
           sweepgate_trial_int(trial, argv[i], -1));
  sweepgate_trial_close(trial);
  return 0;
}
END
# shellcheck disable=SC2086
for standard in c99 c17; do
  "${CC:-cc}" -std=$standard $warnings -I "$client" -o trial trial.c "$client/sweepgate_trial.c" -lm || fail "$standard"
done
if command -v "${CXX:-c++}" >/dev/null; then
  cp trial.c trial.cc
  # shellcheck disable=SC2086
  "${CXX:-c++}" $warnings -I "$client" -c -o trial_cc.o trial.cc || fail "C++"
fi
write_client_study '  command: [./trial]
  env: {LC_ALL: de_DE.UTF-8}'
check_client_study
expect_code 0 ./trial
expect_text out.txt '^x 1, trial -1$'

# The sanitizers, or at least valgrind, watch the parsing of good and of malformed parameters.
# shellcheck disable=SC2086
"${CC:-cc}" $warnings -g -fsanitize=address,undefined -fno-sanitize-recover=all -I "$client" -o params params.c \
  "$client/sweepgate_trial.c" -lm || fail "with sanitizers"
expect_code 0 env 'SWEEPGATE_PARAMS={"a": 1e-3, "b" : "q\"\\\/\n\u00e9\ud83d\ude00" ,"c":true,"d":null, "e": -7}' ./params a b c d e f
printf '%s\n' '1e-3|0.001|-1' 'q"\/' 'é😀|-1|-1' 'true|1|1' 'null|-1|-1' '-7|-7|-7' '-|-1|-1' >wanted.txt
cmp out.txt wanted.txt || { fail "parameters are not read as written"; cat out.txt; }
expect_code 0 env 'SWEEPGATE_PARAMS={}' ./params a
for bad in '[' '{' '{"a"' '{"a":' '{"a":1' '{"a":1,' '{"a":"' '{"a":"\' '{"a":"\u12' '{"a":"\ud800\u0041"}' '{"a":"\u0000"}' \
  '{"a":[1]}' '{"a":{}}' '{"a" 1}' '{a:1}' '{"a":1}x' '{"a":"\x"}' '{,}' '{"a":}'; do
  expect_code 1 env "SWEEPGATE_PARAMS=$bad" ./params a
done
if command -v valgrind >/dev/null; then
  "${CC:-cc}" -g -I "$client" -o trial_plain trial.c "$client/sweepgate_trial.c" -lm
  rm -f client.db*
  write_client_study '  command: [valgrind, -q, --leak-check=full, --error-exitcode=7, ./trial_plain]'
  check_client_study
fi
finish
