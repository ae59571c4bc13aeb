/* SPDX-License-Identifier: MIT
 * See sweepgate_trial.h. The protocol is a JSON object a line on the socket SWEEPGATE_FD. */
#if !defined(_GNU_SOURCE) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "sweepgate_trial.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct sweepgate_param {
  char *name;
  char *text; /* strings without quotes, other scalars as written */
  int is_string;
};

struct sweepgate_trial {
  int fd; /* -1: no sweep */
  int prune;
  long long number;
  unsigned long long seed;
  struct sweepgate_param *params;
  size_t n_params;
};

/* ---- Reading SWEEPGATE_PARAMS: one flat JSON object ---- */

static const char *skip_blanks(const char *at) {
  while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
  return at;
}

/* Four hexadecimal digits, or -1. */
static long hex4(const char *at) {
  long code = 0;
  for (int i = 0; i < 4; i++) {
    const char c = at[i];
    int digit = 0;
    if (c >= '0' && c <= '9')
      digit = c - '0';
    else if (c >= 'a' && c <= 'f')
      digit = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
      digit = c - 'A' + 10;
    else
      return -1;
    code = code * 16 + digit;
  }
  return code;
}

static char *put_utf8(char *out, unsigned long code) {
  if (code < 0x80) {
    *out++ = (char)code;
  } else if (code < 0x800) {
    *out++ = (char)(0xC0 | (code >> 6));
    *out++ = (char)(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out++ = (char)(0xE0 | (code >> 12));
    *out++ = (char)(0x80 | ((code >> 6) & 0x3F));
    *out++ = (char)(0x80 | (code & 0x3F));
  } else {
    *out++ = (char)(0xF0 | (code >> 18));
    *out++ = (char)(0x80 | ((code >> 12) & 0x3F));
    *out++ = (char)(0x80 | ((code >> 6) & 0x3F));
    *out++ = (char)(0x80 | (code & 0x3F));
  }
  return out;
}

/* *at stands on the 'u' of an escape and is moved to its last digit. */
static char *unescape_code(const char **at, char *out) {
  long code = hex4(*at + 1);
  if (code <= 0) return NULL;
  *at += 4;
  if (code >= 0xD800 && code < 0xDC00 && (*at)[1] == '\\' && (*at)[2] == 'u') {
    const long low = hex4(*at + 3);
    if (low < 0xDC00 || low > 0xDFFF) return NULL;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    *at += 6;
  }
  return put_utf8(out, (unsigned long)code);
}

/* A string literal from its opening quote on; *at is moved behind it. NULL: malformed, no memory. */
static char *read_string(const char **at) {
  const char *in = *at + 1;
  char *text = malloc(strlen(in) + 1); /* an unescaped text is never longer */
  char *out = text;
  static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
  while (out && *in && *in != '"') {
    if (*in != '\\') {
      *out++ = *in++;
      continue;
    }
    in++;
    if (*in == 'u') {
      out = unescape_code(&in, out);
    } else {
      const char *pair = escapes;
      while (*pair && *pair != *in) pair += 2;
      if (*in && *pair)
        *out++ = pair[1];
      else
        out = NULL;
    }
    if (out) in++;
  }
  if (!out || *in != '"') {
    free(text);
    return NULL;
  }
  *out = '\0';
  *at = in + 1;
  return text;
}

static char *copy_text(const char *text, size_t len) {
  char *copy = malloc(len + 1);
  if (!copy) return NULL;
  memcpy(copy, text, len);
  copy[len] = '\0';
  return copy;
}

/* "name": scalar */
static int read_param(struct sweepgate_trial *trial, const char **at) {
  struct sweepgate_param *grown =
      realloc(trial->params, (trial->n_params + 1) * sizeof *trial->params);
  if (!grown) return -1;
  trial->params = grown;
  struct sweepgate_param *param = &grown[trial->n_params];
  memset(param, 0, sizeof *param);
  trial->n_params++;
  if (**at != '"' || !(param->name = read_string(at))) return -1;
  *at = skip_blanks(*at);
  if (**at != ':') return -1;
  *at = skip_blanks(*at + 1);
  param->is_string = **at == '"';
  if (param->is_string) {
    param->text = read_string(at);
  } else {
    const size_t len = strcspn(*at, ",} \t\r\n");
    if (len == 0 || **at == '{' || **at == '[') return -1;
    param->text = copy_text(*at, len);
    *at += len;
  }
  return param->text ? 0 : -1;
}

static int read_params(struct sweepgate_trial *trial, const char *json) {
  const char *at = skip_blanks(json);
  if (*at != '{') return -1;
  at = skip_blanks(at + 1);
  while (*at != '}') {
    if (read_param(trial, &at) != 0) return -1;
    at = skip_blanks(at);
    if (*at == ',')
      at = skip_blanks(at + 1);
    else if (*at != '}')
      return -1;
  }
  return *skip_blanks(at + 1) == '\0' ? 0 : -1;
}

/* ---- The trial ---- */

struct sweepgate_trial *sweepgate_trial_open(void) {
  struct sweepgate_trial *trial = calloc(1, sizeof *trial);
  if (!trial) return NULL;
  const char *fd = getenv("SWEEPGATE_FD");
  const char *number = getenv("SWEEPGATE_TRIAL");
  const char *seed = getenv("SWEEPGATE_SEED");
  const char *params = getenv("SWEEPGATE_PARAMS");
  trial->fd = fd && *fd ? (int)strtol(fd, NULL, 10) : -1;
  trial->number = number && *number ? strtoll(number, NULL, 10) : -1;
  trial->seed = seed ? strtoull(seed, NULL, 10) : 0;
  if (params && *params && read_params(trial, params) != 0) {
    sweepgate_trial_close(trial);
    return NULL;
  }
  return trial;
}

void sweepgate_trial_close(struct sweepgate_trial *trial) {
  if (!trial) return;
  for (size_t i = 0; i < trial->n_params; i++) {
    free(trial->params[i].name);
    free(trial->params[i].text);
  }
  free(trial->params);
  free(trial);
}

int sweepgate_trial_in_sweep(const struct sweepgate_trial *trial) {
  return trial->fd >= 0;
}

long long sweepgate_trial_number(const struct sweepgate_trial *trial) {
  return trial->number;
}

unsigned long long sweepgate_trial_seed(const struct sweepgate_trial *trial) {
  return trial->seed;
}

static const struct sweepgate_param *find(const struct sweepgate_trial *trial, const char *name) {
  for (size_t i = 0; i < trial->n_params; i++)
    if (strcmp(trial->params[i].name, name) == 0) return &trial->params[i];
  return NULL;
}

/* strtod under whatever locale the program has chosen: its decimal point goes in for the '.'. */
static int read_number(const char *text, double *out) {
  char local[128];
  const char *point = localeconv()->decimal_point;
  const size_t len = strlen(text), point_len = strlen(point);
  if (len == 0 || len + point_len >= sizeof local) return -1;
  const size_t before = strcspn(text, ".");
  memcpy(local, text, before);
  size_t n = before;
  if (before < len) {
    memcpy(local + n, point, point_len);
    n += point_len;
    memcpy(local + n, text + before + 1, len - before - 1);
    n += len - before - 1;
  }
  local[n] = '\0';
  char *end = NULL;
  const double value = strtod(local, &end);
  if (end == local || *end != '\0') return -1;
  *out = value;
  return 0;
}

double sweepgate_trial_double(const struct sweepgate_trial *trial, const char *name,
                              double fallback) {
  const struct sweepgate_param *param = find(trial, name);
  if (!param) return fallback;
  if (!param->is_string && strcmp(param->text, "true") == 0) return 1;
  if (!param->is_string && strcmp(param->text, "false") == 0) return 0;
  double value = fallback;
  return read_number(param->text, &value) == 0 ? value : fallback;
}

long long sweepgate_trial_int(const struct sweepgate_trial *trial, const char *name,
                              long long fallback) {
  const struct sweepgate_param *param = find(trial, name);
  if (!param) return fallback;
  if (!param->is_string && strcmp(param->text, "true") == 0) return 1;
  if (!param->is_string && strcmp(param->text, "false") == 0) return 0;
  char *end = NULL;
  errno = 0;
  const long long value = strtoll(param->text, &end, 10);
  return errno == 0 && end != param->text && *end == '\0' ? value : fallback;
}

const char *sweepgate_trial_text(const struct sweepgate_trial *trial, const char *name,
                                 const char *fallback) {
  const struct sweepgate_param *param = find(trial, name);
  return param ? param->text : fallback;
}

/* ---- Talking ---- */

static int send_all(int fd, const char *bytes, size_t len) {
  while (len) {
    const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    bytes += n;
    len -= (size_t)n;
  }
  return 0;
}

/* 17 digits give the same double back; the locale's decimal point is put right. */
static void write_number(double value, char out[40]) {
  if (isnan(value)) {
    snprintf(out, 40, "NaN");
  } else if (isinf(value)) {
    snprintf(out, 40, value > 0 ? "Infinity" : "-Infinity");
  } else {
    snprintf(out, 40, "%.17g", value);
    const char *point = localeconv()->decimal_point;
    char *at = strcmp(point, ".") == 0 ? NULL : strstr(out, point);
    if (at) {
      memmove(at + 1, at + strlen(point), strlen(at + strlen(point)) + 1);
      *at = '.';
    }
  }
}

/* Appends a JSON string literal; returns the new end. `out` has room for 6 bytes a character. */
static char *put_string(char *out, const char *text) {
  static const char hex[] = "0123456789abcdef";
  *out++ = '"';
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') {
      *out++ = '\\';
      *out++ = (char)c;
    } else if (c < 0x20) {
      const char code[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
      memcpy(out, code, sizeof code);
      out += sizeof code;
    } else {
      *out++ = (char)c;
    }
  }
  *out++ = '"';
  return out;
}

/* {"kind": {"key": value}}; `value` is JSON text, or with `quote` a text to be quoted. */
static int tell(struct sweepgate_trial *trial, const char *kind, const char *key, const char *value,
                int quote) {
  if (trial->fd < 0) return 0;
  char *line = malloc(strlen(kind) + 6 * strlen(key) + 6 * strlen(value) + 32);
  if (!line) return -1;
  char *end = line;
  *end++ = '{';
  end = put_string(end, kind);
  memcpy(end, ": {", 3);
  end = put_string(end + 3, key);
  *end++ = ':';
  if (quote) {
    end = put_string(end, value);
  } else {
    memcpy(end, value, strlen(value));
    end += strlen(value);
  }
  memcpy(end, "}}\n", 3);
  const int sent = send_all(trial->fd, line, (size_t)(end + 3 - line));
  free(line);
  return sent;
}

/* One line, a byte at a time: what follows it may belong to another process. */
static int read_line(int fd, char *line, size_t cap) {
  size_t n = 0;
  for (;;) {
    char c = 0;
    const ssize_t got = recv(fd, &c, 1, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return -1;
    if (c == '\n') break;
    if (n + 1 < cap) line[n++] = c;
  }
  line[n] = '\0';
  return 0;
}

int sweepgate_trial_report(struct sweepgate_trial *trial, long long step, double value) {
  if (trial->fd < 0) return 0;
  char number[40], line[160], answer[256];
  write_number(value, number);
  const int len =
      snprintf(line, sizeof line, "{\"report\": {\"step\": %lld, \"value\": %s}}\n", step, number);
  const int gone = send_all(trial->fd, line, (size_t)len) != 0 ||
                   read_line(trial->fd, answer, sizeof answer) != 0;
  /* Nobody is there any more: to go on would be for nothing. */
  if (gone || strstr(answer, "true")) trial->prune = 1;
  return trial->prune;
}

int sweepgate_trial_result(struct sweepgate_trial *trial, double value) {
  if (trial->fd < 0) return 0;
  char number[40], line[80];
  write_number(value, number);
  const int len = snprintf(line, sizeof line, "{\"result\": %s}\n", number);
  return send_all(trial->fd, line, (size_t)len);
}

int sweepgate_trial_result_named(struct sweepgate_trial *trial, const char *metric, double value) {
  char number[40];
  write_number(value, number);
  return tell(trial, "result", metric, number, 0);
}

int sweepgate_trial_attr_text(struct sweepgate_trial *trial, const char *key, const char *value) {
  return tell(trial, "attr", key, value, 1);
}

int sweepgate_trial_attr_number(struct sweepgate_trial *trial, const char *key, double value) {
  char number[40];
  write_number(value, number);
  return tell(trial, "attr", key, number, 0);
}
