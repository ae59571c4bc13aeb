#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A Slurm cluster for tests, all on this machine: a controller, one slurmd a node, and their own munge, all of them
# living in one folder and ending with it. The system's Slurm and munge, if there are any, are not touched.
#
#   local_cluster.sh start FOLDER [NODES [CPUS]]    prints the path of slurm.conf, for SLURM_CONF
#   local_cluster.sh stop FOLDER
#
# Needs slurmctld, slurmd, slurm-client and munge. As root every node has a host name of its own (node1, node2, ...);
# otherwise all share the machine's, and MPI over several nodes wants OMPI_MCA_btl=tcp,self.
set -u
PATH=$PATH:/usr/sbin:/sbin

complain() {
  echo "local_cluster: $*" >&2
  exit 1
}

# A port is free if nobody answers there.
is_free() { ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The first of N free ports in a row, below those that the kernel gives out.
find_ports() {
  local first port try
  for try in 1 2 3 4 5 6 7 8 9; do
    first=$((18000 + (RANDOM + try) % 13000))
    for ((port = first; port < first + $1; port++)); do
      is_free $port || continue 2
    done
    echo $first
    return
  done
  complain "found no $1 free ports"
}

# daemon NAME COMMAND...: in the foreground of its own session, its number and what it says kept in the folder.
daemon() {
  local name=$1
  shift
  setsid "$@" >"$folder/$name.out" 2>&1 </dev/null &
  echo $! >"$folder/$name.pid"
}

# A number in a pid file is ours only while that process has our folder on its command line.
is_ours() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qF "$folder/"; }

end_daemon() {
  local pid tries
  pid=$(cat "$1" 2>/dev/null) || return 0
  for ((tries = 0; tries < 100; tries++)); do
    is_ours "$pid" || break
    [ $((tries % 50)) -eq 0 ] && kill "$pid"
    sleep 0.1
  done
  is_ours "$pid" && kill -9 "$pid"
  rm -f "$1"
}

write_configuration() {
  local port node host user memory
  port=$(find_ports $((n_nodes + 1))) || exit 1
  host=$(hostname -s) user=$(id -un)
  memory=$(($(getconf _PHYS_PAGES) * $(getconf PAGESIZE) / 1048576))
  cat <<END
ClusterName=sweepgate-test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
# How long a requeued job waits follows from cred_expire, how long an ended one may take from KillWait. Both far shorter
# than on a real cluster.
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
KillWait=5
StateSaveLocation=$folder/state
SlurmctldPidFile=$folder/slurmctld.pid2
SlurmctldLogFile=$folder/slurmctld.log
SlurmdPidFile=$folder/%n.pid2
SlurmdLogFile=$folder/%n.log
SlurmdSpoolDir=$folder/spool-%n
TmpFS=$folder/tmp-%n
# No cgroups, no accounting, no mail; CPUs are what is claimed below.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=5,bf_interval=5
ReturnToService=2
END
  for ((node = 1; node <= n_nodes; node++)); do
    echo "NodeName=node$node NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + node)) CPUs=$n_cpus RealMemory=$memory"
  done
  echo "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE"
}

# slurmd as node N, under a host name of its own where that is allowed: Open MPI names shared memory after the host.
start_node() {
  mkdir -p "$folder/spool-$1"
  mkdir -p -m 1777 "$folder/tmp-$1"
  if $own_names; then
    daemon "$1" unshare --uts --mount sh -c 'mount --bind "$0" /etc/hosts && hostname "$1" && exec slurmd -D -N "$1" -f "$2"' \
      "$folder/hosts" "$1" "$folder/slurm.conf"
  else
    daemon "$1" slurmd -D -N "$1" -f "$folder/slurm.conf"
  fi
}

n_idle() { sinfo -h -N -o %T 2>/dev/null | grep -cx idle; }

start() {
  local tool node end
  for tool in munged slurmctld slurmd sbatch; do
    command -v $tool >/dev/null || complain "$tool is not installed (slurmctld slurmd slurm-client munge)"
  done
  [ ! -e "$folder/slurm.conf" ] || complain "$folder is in use"
  mkdir -p -m 755 "$folder/state" || exit 1
  trap stop EXIT # not half a cluster
  write_configuration >"$folder/slurm.conf"
  unshare --uts --mount true 2>/dev/null && own_names=true || own_names=false
  { cat /etc/hosts; seq -f '127.0.0.1 node%g' "$n_nodes"; } >"$folder/hosts"
  (umask 077 && head -c 64 /dev/urandom >"$folder/munge.key")
  daemon munged munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid2" --log-file="$folder/munged.log" --seed-file="$folder/munge.seed"
  end=$((SECONDS + 30))
  until [ -S "$folder/munge.socket" ]; do
    [ $SECONDS -lt $end ] || complain "munged does not come up: $(tail -n 1 "$folder/munged.out")"
    sleep 0.05
  done
  daemon slurmctld slurmctld -D -f "$folder/slurm.conf"
  for ((node = 1; node <= n_nodes; node++)); do start_node node$node; done
  export SLURM_CONF=$folder/slurm.conf
  until [ "$(n_idle)" -eq "$n_nodes" ]; do
    [ $SECONDS -lt $end ] || complain "the nodes do not come up: $(tail -qn 1 "$folder"/*.log "$folder"/*.out)"
    sleep 0.2
  done
  trap - EXIT
  echo "$SLURM_CONF"
}

stop() {
  local file tries
  export SLURM_CONF=$folder/slurm.conf
  if [ -e "$folder/slurmctld.pid" ]; then
    timeout 5 scancel --user="$(id -un)" 2>/dev/null
    for ((tries = 0; tries < 60; tries++)); do # jobs outlive slurmd
      [ -n "$(timeout 5 squeue -h 2>/dev/null)" ] || break
      sleep 0.25
    done
  fi
  for file in "$folder"/node*.pid "$folder/slurmctld.pid" "$folder/munged.pid"; do
    [ ! -e "$file" ] || end_daemon "$file"
  done
}

[ $# -ge 2 ] || complain "usage: local_cluster.sh start FOLDER [NODES [CPUS]] | stop FOLDER"
folder=$(realpath -m "$2")
n_nodes=${3:-2}
n_cpus=${4:-8}
case $1 in
start) start ;;
stop) stop ;;
*) complain "no command '$1'" ;;
esac
