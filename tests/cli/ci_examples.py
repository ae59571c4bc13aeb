#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the CI examples that a shell can run: ci_examples.py github|gitlab FILE writes the step's commands to ./step.sh
and its variables to ./step.env; ci_examples.py check DIR checks the form of all of them."""
import re
import sys

import yaml


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def write(commands, variables):
    with open("step.sh", "w", encoding="utf-8") as out:
        out.write(commands)
    with open("step.env", "w", encoding="utf-8") as out:
        out.write("".join("export %s='%s'\n" % item for item in variables.items()))


def check(folder):
    workflow = load(folder + "/github-actions.yml")
    assert workflow[True]["pull_request"]["paths"], "on: without paths"  # YAML 1.1 reads `on` as true
    steps = workflow["jobs"]["validate"]["steps"]
    assert all(("uses" in s) != ("run" in s) for s in steps)
    assert all(re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", s["uses"]) for s in steps if "uses" in s)
    assert all(s["if"].startswith("always()") for s in steps if "upload" in s.get("uses", "")), "reports of a failed run get lost"
    job = load(folder + "/gitlab-ci.yml")["validate data"]
    assert job["artifacts"]["when"] == "always" and job["artifacts"]["reports"]["junit"] in " ".join(job["script"])
    assert all(isinstance(line, str) for line in job["script"] + job["before_script"]), "a command that YAML reads as a map"
    (hook,) = load(folder + "/pre-commit-config.yaml")["repos"][0]["hooks"]
    assert {"id", "name", "language", "entry", "files"} <= set(hook)
    assert re.search(hook["files"], "data/a.csv") and not re.search(hook["files"], "other/a.csv")
    print(hook["entry"])


def main():
    what, path = sys.argv[1:3]
    if what == "check":
        check(path)
    elif what == "github":
        workflow = load(path)
        (step,) = [s for s in workflow["jobs"]["validate"]["steps"] if s.get("name") == "Validate"]
        write(step["run"], workflow["env"])
    else:
        job = load(path)["validate data"]
        write("\n".join(job["script"]) + "\n", job["variables"])


if __name__ == "__main__":
    main()
