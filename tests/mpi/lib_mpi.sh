# SPDX-License-Identifier: GPL-3.0-or-later
# What the MPI tests share: whether they can run here, and how ranks are started on a small machine, as root too.
if ! command -v mpirun >/dev/null; then
  echo "skipped: mpirun is not installed"
  exit 77
fi
if ! ldd "$SWEEPGATE_BUILD/tests/test_comm" | grep -q libmpi; then
  echo "skipped: built without MPI"
  exit 77
fi
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Only what ranks on one machine need: half the time to start, and no noise about networks.
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader OMPI_MCA_btl_base_warn_component_unused=0
# Open MPI keeps memory of its own at the end: leaks are looked for in the tests without it.
[ -z "${SWEEPGATE_SANITIZE:-}" ] || export ASAN_OPTIONS=detect_leaks=0

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# ranks N COMMAND...: standard input closed to it, at most two minutes.
ranks() {
  local n=$1
  shift
  timeout 120 mpirun --oversubscribe -n "$n" "$@" </dev/null
}

# mpirun_below PID: the mpirun that PID or a child of its has started.
mpirun_below() {
  local child
  for child in $(pgrep -P "$1"); do
    if [ "$(cat "/proc/$child/comm" 2>/dev/null)" = mpirun ]; then
      echo "$child"
    else
      mpirun_below "$child"
    fi
  done
}
