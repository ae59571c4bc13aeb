# Debian packages, by what they are for, and how the missing ones get installed. Sourced by jobs/quickstart.sh and
# tests/run.sh.

packages_build="gcc cmake ninja-build pkg-config libc6-dev libgsl-dev libcsv-dev libsqlite3-dev libyaml-dev libjansson-dev
  libpcre2-dev libxxhash-dev libopenblas-serial-dev libnlopt-dev
  zlib1g-dev libsnappy-dev libzstd-dev liblz4-dev libbrotli-dev"
packages_mpi="libopenmpi-dev openmpi-bin"
packages_example="xgboost"
packages_tests="g++ clang libclang-rt-14-dev libcmocka-dev libsimde-dev python3 python3-optuna libxml2-utils mandoc procps sqlite3 git zstd
  slurmctld slurmd slurm-client munge"

# missing_packages NAME...: those that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
}

# install_packages WHY NAME...: installs what is missing, as root or by sudo, and says so first.
install_packages() {
  local why=$1 sudo=
  shift
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "$why needs these Debian packages, and there is no apt-get here:" $missing >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "$why needs these packages, and neither root nor sudo is at hand; install them and try again:" $missing >&2
      return 1
    }
    sudo=sudo
  fi
  echo "== installing for $why:" $missing >&2
  $sudo apt-get update -qq &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
