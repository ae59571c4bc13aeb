/* SPDX-License-Identifier: GPL-3.0-or-later
 * `sweepgate trial-report`: the trial protocol (docs/trials.md) for shell scripts. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/num.h"
#include "jobs/cli/command.h"

static const struct core_option trial_report_options[] = {
    {.name = "step",
     .letter = 's',
     .type = CORE_OPT_INT,
     .min = 0,
     .max = 9007199254740992.0,
     .unit = "N",
     .help = "the step that --value belongs to"},
    {.name = "value",
     .letter = 'v',
     .type = CORE_OPT_STRING,
     .unit = "V",
     .help = "an intermediate value; exit code 10: stop now, the trial is pruned"},
    {.name = "result",
     .letter = 'r',
     .type = CORE_OPT_LIST,
     .unit = "[METRIC=]V",
     .help = "the objective's value; once for each objective, with its name"},
    {.name = "attr",
     .letter = 'a',
     .type = CORE_OPT_LIST,
     .unit = "KEY=VALUE",
     .help = "something to keep with the trial: JSON, or else text"},
    {.name = "param",
     .letter = 'p',
     .type = CORE_OPT_STRING,
     .unit = "NAME",
     .help = "print the trial's value of a parameter"},
    {.name = "params", .type = CORE_OPT_FLAG, .help = "print the trial's parameters as JSON"},
    CORE_OPTION_END};

static void number_json(double value, struct core_str *out) {
  char text[CORE_NUM_BYTES];
  const size_t len = core_format_double(value, text);
  if (isfinite(value))
    core_str_append(out, text, len);
  else
    core_str_text_append(out, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
}

static enum core_status number_read(const char *option, const char *text, double *out,
                                    struct core_error *err) {
  if (core_parse_double(text, strlen(text), out)) return CORE_OK;
  return core_fail(err, CORE_INVAL, "trial-report: --%s '%s' is not a number", option, text);
}

/* {"result": 0.3} or {"result": {"a": 1, "b": 2}} */
static enum core_status result_json(const struct core_node *list, struct core_str *out,
                                    struct core_error *err) {
  double value = 0;
  if (list->n_children == 1 && !strchr(list->first->text.data, '=')) {
    CORE_TRY(number_read("result", list->first->text.data, &value, err));
    core_str_text_append(out, "{\"result\": ");
    number_json(value, out);
    core_str_text_append(out, "}\n");
    return CORE_OK;
  }
  core_str_text_append(out, "{\"result\": {");
  for (const struct core_node *n = list->first; n; n = n->next) {
    const char *sign = strrchr(n->text.data, '=');
    if (!sign || sign == n->text.data)
      return core_fail(err, CORE_INVAL,
                       "trial-report: --result '%s' has no name; with several write METRIC=VALUE",
                       n->text.data);
    CORE_TRY(number_read("result", sign + 1, &value, err));
    if (n != list->first) core_str_text_append(out, ", ");
    core_str_json(out, n->text.data, (size_t)(sign - n->text.data));
    core_str_text_append(out, ": ");
    number_json(value, out);
  }
  core_str_text_append(out, "}}\n");
  return CORE_OK;
}

/* Appends JSON as it is (in one line), anything else as a string. */
static void attr_value(const char *text, struct core_str *out) {
  struct core_tree tree = {0};
  struct core_str wrapped = {0};
  core_str_printf(&wrapped, "[%s]", text);
  const bool parsed =
      core_tree_parse_json(&tree, "attr", core_str_text(&wrapped), wrapped.len, NULL) == CORE_OK;
  if (parsed && tree.root->n_children == 1)
    core_node_json(tree.root->first, true, out);
  else
    core_str_json(out, text, strlen(text));
  if (parsed) core_tree_close(&tree);
  core_str_close(&wrapped);
}

static enum core_status attrs_json(const struct core_node *list, struct core_str *out,
                                   struct core_error *err) {
  for (const struct core_node *n = list->first; n; n = n->next) {
    const char *sign = strchr(n->text.data, '=');
    if (!sign || sign == n->text.data)
      return core_fail(err, CORE_INVAL, "trial-report: --attr '%s' is not KEY=VALUE", n->text.data);
    core_str_text_append(out, "{\"attr\": {");
    core_str_json(out, n->text.data, (size_t)(sign - n->text.data));
    core_str_text_append(out, ": ");
    attr_value(sign + 1, out);
    core_str_text_append(out, "}}\n");
  }
  return CORE_OK;
}

/* All that is to be sent, in the order attributes, report, result. */
static enum core_status lines_make(const struct core_options *options, struct core_str *out,
                                   struct core_error *err) {
  const struct core_node *attrs = core_option_node(options, "attr");
  const struct core_node *result = core_option_node(options, "result");
  const bool step = core_option_given(options, "step"), given = core_option_given(options, "value");
  if (attrs) CORE_TRY(attrs_json(attrs, out, err));
  if (step != given)
    return core_fail(err, CORE_INVAL,
                     "trial-report: --step and --value go together; --%s is missing",
                     step ? "value" : "step");
  if (given) {
    double value = 0;
    CORE_TRY(number_read("value", core_option_text(options, "value"), &value, err));
    core_str_printf(
        out, "{\"report\": {\"step\": %" PRId64 ", \"value\": ", core_option_int(options, "step"));
    number_json(value, out);
    core_str_text_append(out, "}}\n");
  }
  if (result) CORE_TRY(result_json(result, out, err));
  return core_str_status(out, err);
}

static enum core_status params_print(const struct core_options *options, struct core_error *err) {
  const char *name = core_option_text(options, "param");
  const char *json = getenv("SWEEPGATE_PARAMS");
  if (!name && !core_option_flag(options, "params")) return CORE_OK;
  if (!json)
    return core_fail(err, CORE_INVAL,
                     "trial-report: SWEEPGATE_PARAMS is not set: this is no trial of a sweep");
  if (core_option_flag(options, "params")) puts(json);
  if (!name) return CORE_OK;
  struct core_tree tree = {0};
  CORE_TRY(core_tree_parse_json(&tree, "SWEEPGATE_PARAMS", json, strlen(json), err));
  const struct core_node *value = core_node_get(tree.root, name);
  enum core_status st = CORE_OK;
  if (value)
    puts(value->text.data);
  else
    st = core_fail(err, CORE_INVAL, "trial-report: this trial has no parameter '%s'", name);
  core_tree_close(&tree);
  return st;
}

static bool send_all(int fd, const char *bytes, size_t len) {
  while (len) {
    const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes += n;
    len -= (size_t)n;
  }
  return true;
}

/* Reads one answer, a byte at a time: the socket is shared with the script. True: stop. */
static bool answer_says_stop(int fd) {
  struct core_str line = {0};
  bool ended = false;
  while (!ended && line.len < 256) {
    char c = 0;
    const ssize_t n = recv(fd, &c, 1, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break; /* nobody is there any more: to go on would be for nothing */
    ended = c == '\n';
    core_str_char(&line, c);
  }
  const bool stop = !ended || strstr(core_str_text(&line), "true");
  core_str_close(&line);
  return stop;
}

static enum core_status report(const struct core_options *options, bool *stop,
                               struct core_error *err) {
  struct core_str lines = {0};
  int64_t fd = -1;
  const char *fd_text = getenv("SWEEPGATE_FD");
  enum core_status st = lines_make(options, &lines, err);
  if (st == CORE_OK) st = params_print(options, err);
  if (st != CORE_OK || lines.len == 0 || !fd_text) goto out; /* no sweep: go on */
  if (!core_parse_int64(fd_text, strlen(fd_text), &fd) || fd < 0 || fd > INT32_MAX) {
    st = core_fail(err, CORE_INVAL, "trial-report: SWEEPGATE_FD '%s' is no descriptor", fd_text);
    goto out;
  }
  if (!send_all((int)fd, core_str_text(&lines), lines.len)) {
    if (errno == EBADF || errno == ENOTSOCK)
      st = core_fail_errno(err, CORE_IO, errno,
                           "trial-report: descriptor %s of SWEEPGATE_FD does not reach the sweep",
                           fd_text);
    *stop = true;
  } else if (core_option_given(options, "value")) {
    *stop = answer_says_stop((int)fd);
  }
out:
  core_str_close(&lines);
  return st;
}

static int trial_report_run(const struct core_options *options, const char *const *words,
                            size_t n_words) {
  (void)words, (void)n_words;
  struct core_error err = {0};
  bool stop = false;
  if (report(options, &stop, &err) != CORE_OK) return job_exit_failure(&err);
  return stop ? JOB_EXIT_PRUNED : JOB_EXIT_GOOD;
}

const struct job_command job_command_trial_report = {
    .name = "trial-report",
    .synopsis = "[options]",
    .summary = "tell a sweep how the trial goes, from a shell script",
    .description =
        "For use inside of a trial. With --step and --value it tells an intermediate value and "
        "waits for the answer: exit code 0 means go on, 10 means stop now.\n\n"
        "  sweepgate trial-report --step 3 --value 0.21 || exit\n"
        "  sweepgate trial-report --result 0.18\n\n"
        "Outside of a sweep it does nothing and exits 0, so that the script can be run by hand.",
    .options = trial_report_options,
    .run = trial_report_run,
};
