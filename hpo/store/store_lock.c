/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hpo/store/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "core/tree.h"

#define RECORD_MAX_BYTES 4096
#define TAKE_TRIES       8 /* the file may be removed by a holder that leaves just now */

struct hpo_store_lock {
  int fd;
  char *path; /* of the lock file */
  bool network;
  bool kernel;
  struct hpo_holder self;
  double beat_unix_s;
};

/* A file system on which two hosts may hold one file, or whose locks or shared memory are somebody's program. */
static const unsigned long network_file_systems[] = {
    0x6969,     /* NFS               */
    0x517B,     /* SMB               */
    0xFF534D42, /* CIFS              */
    0xFE534D42, /* SMB2              */
    0x0BD00BD0, /* Lustre            */
    0x47504653, /* GPFS, Spectrum    */
    0x19830326, /* BeeGFS            */
    0x00C36400, /* Ceph              */
    0x20030528, /* OrangeFS, PVFS2   */
    0xAAD7AAEA, /* PanFS             */
    0x65735546, /* FUSE: sshfs, s3fs */
    0x01021997, /* 9p                */
    0x5346414F, /* AFS               */
    0x6B414653, /* AFS of the kernel */
    0x73757245, /* Coda              */
    0x7461636F, /* OCFS2             */
    0x01161970, /* GFS2              */
    0x564C,     /* NCP               */
    0x786F4256, /* VirtualBox        */
    0x7C7C6673, /* Parallels         */
};

/* `path` need not exist; its folder is asked then. Unknown is taken for the careful side. */
static bool is_network(const char *path) {
  const char *forced = getenv("SWEEPGATE_STORE_JOURNAL"); /* for tests and strange mounts */
  if (forced && strcmp(forced, "wal") == 0) return false;
  if (forced && strcmp(forced, "exclusive") == 0) return true;
  struct statfs fs;
  if (statfs(path, &fs) != 0) {
    char *copy = core_strdup(path);
    const bool asked = copy && statfs(dirname(copy), &fs) == 0;
    core_free(copy);
    if (!asked) return true;
  }
  for (size_t i = 0; i < CORE_COUNT_OF(network_file_systems); i++)
    if (((unsigned long)fs.f_type & 0xFFFFFFFFUL) == network_file_systems[i]) return true;
  return false;
}

/* --- the record ----------------------------------------------------------------------------------- */

struct record {
  struct hpo_holder holder;
  double beat_unix_s;
};

static void copy_text(char *out, size_t out_bytes, const struct core_node *map, const char *key) {
  const struct core_node *node = core_node_get(map, key);
  if (node && node->kind == CORE_NODE_STRING) snprintf(out, out_bytes, "%s", node->text.data);
}

static double number_of(const struct core_node *map, const char *key) {
  const struct core_node *node = core_node_get(map, key);
  return node && core_node_is_number(node) ? node->number : 0;
}

/* False for an empty or unreadable record. */
static bool record_read(int fd, struct record *out) {
  char text[RECORD_MAX_BYTES];
  *out = (struct record){0};
  const ssize_t len = pread(fd, text, sizeof text, 0);
  struct core_tree tree = {0};
  if (len <= 0 || core_tree_parse_json(&tree, "lock", text, (size_t)len, NULL) != CORE_OK)
    return false;
  const bool whole = tree.root->kind == CORE_NODE_MAP;
  if (whole) {
    copy_text(out->holder.host, sizeof out->holder.host, tree.root, "host");
    copy_text(out->holder.job, sizeof out->holder.job, tree.root, "job");
    out->holder.pid = (int64_t)number_of(tree.root, "pid");
    out->holder.since_unix_s = number_of(tree.root, "since");
    out->beat_unix_s = number_of(tree.root, "beat");
  }
  core_tree_close(&tree);
  return whole;
}

static enum core_status record_write(const struct hpo_store_lock *lock, struct core_error *err) {
  const struct hpo_holder *self = &lock->self;
  char since[CORE_NUM_BYTES];
  char beat[CORE_NUM_BYTES];
  struct core_str text = {0};
  core_format_double(self->since_unix_s, since);
  core_format_double(lock->beat_unix_s, beat);
  core_str_text_append(&text, "{\"host\": ");
  core_str_json(&text, self->host, strlen(self->host));
  core_str_printf(&text, ", \"pid\": %lld, \"job\": ", (long long)self->pid);
  core_str_json(&text, self->job, strlen(self->job));
  core_str_printf(&text, ", \"since\": %s, \"beat\": %s}\n", since, beat);
  enum core_status st = core_str_status(&text, err);
  if (st == CORE_OK && (pwrite(lock->fd, text.data, text.len, 0) != (ssize_t)text.len ||
                        ftruncate(lock->fd, (off_t)text.len) != 0))
    st = core_fail_errno(err, CORE_IO, errno, "cannot write the lock file '%s'", lock->path);
  if (st == CORE_OK && lock->network) (void)fsync(lock->fd); /* so that other hosts read it */
  core_str_close(&text);
  return st;
}

static enum core_status fail_busy(const char *path, const struct record *record, bool remote,
                                  struct core_error *err) {
  const struct hpo_holder *holder = &record->holder;
  char since[CORE_TIME_BYTES];
  core_time_format(holder->since_unix_s, since);
  return core_fail(err, CORE_BUSY,
                   "storage '%s' is driven by process %lld on host '%s'%s%s since %.19s UTC; wait "
                   "for it or stop it%s",
                   path, (long long)holder->pid, holder->host[0] ? holder->host : "(unknown)",
                   holder->job[0] ? ", job " : "", holder->job, since,
                   remote ? ", or if that host died wait a minute and run again" : "");
}

/* --- the lock ------------------------------------------------------------------------------------- */

enum grip { GRIP_TAKEN, GRIP_BUSY, GRIP_NO_LOCKS, GRIP_RETRY };

/* Locks the open file; GRIP_RETRY when its name meanwhile belongs to another file. */
static enum grip grip_file(int fd, const char *path) {
  struct flock region = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  enum grip grip = GRIP_TAKEN;
  if (fcntl(fd, F_OFD_SETLK, &region) != 0) {
    if (errno == EAGAIN || errno == EACCES) return GRIP_BUSY;
    grip = GRIP_NO_LOCKS;
  }
  struct stat here;
  struct stat named;
  if (fstat(fd, &here) != 0 || stat(path, &named) != 0) return GRIP_RETRY;
  return here.st_ino == named.st_ino && here.st_dev == named.st_dev ? grip : GRIP_RETRY;
}

/* A record beside a lock that we got may still speak of a live holder: where locks do not reach other hosts, or where
 * there are none. */
static bool record_is_live(const struct record *record, const struct hpo_holder *self,
                           double unix_s, bool network, bool kernel) {
  const bool same_host = strcmp(record->holder.host, self->host) == 0;
  if (!network && kernel) return false;
  if (!same_host) return unix_s - record->beat_unix_s < HPO_STORE_STALE_S;
  if (kernel || record->holder.pid <= 0 || record->holder.pid == self->pid) return false;
  return kill((pid_t)record->holder.pid, 0) == 0 || errno == EPERM;
}

static enum core_status take(struct hpo_store_lock *lock, const char *path,
                             struct core_error *err) {
  enum grip grip = GRIP_RETRY;
  for (int i = 0; i < TAKE_TRIES && grip == GRIP_RETRY; i++) {
    if (lock->fd >= 0) close(lock->fd);
    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock->fd < 0)
      return core_fail_errno(err, CORE_IO, errno, "cannot create the lock file '%s'", lock->path);
    grip = grip_file(lock->fd, lock->path);
  }
  struct record record;
  const bool readable = record_read(lock->fd, &record);
  if (grip == GRIP_BUSY || grip == GRIP_RETRY) return fail_busy(path, &record, false, err);
  lock->kernel = grip == GRIP_TAKEN;
  if (readable &&
      record_is_live(&record, &lock->self, lock->beat_unix_s, lock->network, lock->kernel))
    return fail_busy(path, &record, true, err);
  return record_write(lock, err);
}

enum core_status hpo_store_lock_take(const char *path, const struct hpo_holder *self,
                                     struct hpo_store_lock **out, struct core_error *err) {
  *out = NULL;
  struct hpo_store_lock *lock = core_calloc(1, sizeof *lock);
  if (!lock) return core_fail_nomem(err, sizeof *lock);
  *lock = (struct hpo_store_lock){.fd = -1, .self = *self, .beat_unix_s = self->since_unix_s};
  struct core_str name = {0};
  core_str_printf(&name, "%s.lock", path);
  enum core_status st = core_str_status(&name, err);
  lock->path = name.data;
  if (st == CORE_OK) {
    lock->network = is_network(path);
    st = take(lock, path, err);
  }
  if (st == CORE_OK) {
    *out = lock;
    return CORE_OK;
  }
  if (lock->fd >= 0) close(lock->fd); /* another's lock file stays as it is */
  core_free(lock->path);
  core_free(lock);
  return st;
}

void hpo_store_lock_release(struct hpo_store_lock *lock) {
  if (!lock) return;
  /* Removed while it is still held: whoever opened the old file meanwhile sees that the name is gone, and retries. */
  (void)unlink(lock->path);
  close(lock->fd);
  core_free(lock->path);
  core_free(lock);
}

void hpo_store_lock_beat(struct hpo_store_lock *lock, double unix_s) {
  if (unix_s - lock->beat_unix_s < HPO_STORE_BEAT_S) return;
  lock->beat_unix_s = unix_s;
  (void)record_write(lock, NULL);
}

enum core_status hpo_store_lock_peek(const char *path, double unix_s, struct hpo_holder *out,
                                     bool *held, struct core_error *err) {
  *held = false;
  *out = (struct hpo_holder){0};
  struct core_str name = {0};
  core_str_printf(&name, "%s.lock", path);
  enum core_status st = core_str_status(&name, err);
  const int fd = st == CORE_OK ? open(core_str_text(&name), O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0) {
    struct flock region = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct record record;
    const struct hpo_holder nobody = {0};
    const bool kernel = fcntl(fd, F_OFD_GETLK, &region) == 0;
    const bool readable = record_read(fd, &record);
    *held = (kernel && region.l_type != F_UNLCK) ||
            (readable && record_is_live(&record, &nobody, unix_s, is_network(path), kernel));
    if (*held) *out = record.holder;
    close(fd);
  }
  core_str_close(&name);
  return st;
}

bool hpo_store_lock_has_shared_memory(const struct hpo_store_lock *lock) {
  return !lock->network && lock->kernel;
}

bool hpo_store_lock_is_kernel(const struct hpo_store_lock *lock) {
  return lock->kernel;
}
