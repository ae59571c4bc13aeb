# SPDX-License-Identifier: MIT
"""What a training program in Python needs to be a trial of sweepgate. Standard library only; copy
this file beside your program.

    import sweepgate_trial

    with sweepgate_trial.Trial() as trial:
        lr = trial.params.get("lr", 0.1)
        for epoch in range(1, 11):
            loss = train_one_epoch(lr)
            if trial.report(loss, epoch):   # True: stop now, the trial is pruned
                break
        trial.result(loss)

Without a sweep around it everything still works: params is empty, report() says go on, results are
printed on stderr. So the program can be run by hand.

In a parallel program let one process report and tell the others the answer: the descriptor is
inherited, but only one process at a time may wait for an answer.
"""
import json
import os
import socket
import sys
import threading

__all__ = ["Trial", "TrialPruned"]


class TrialPruned(Exception):
    """Raised by Trial.report_or_stop; a `with Trial()` block ends quietly with it."""


class Trial:
    """The trial that this process is."""

    def __init__(self, environ=os.environ):
        self.params = json.loads(environ.get("SWEEPGATE_PARAMS") or "{}")
        self.number = int(environ["SWEEPGATE_TRIAL"]) if "SWEEPGATE_TRIAL" in environ else None
        self.attempt = int(environ.get("SWEEPGATE_ATTEMPT") or 0)
        self.study = environ.get("SWEEPGATE_STUDY")
        self.seed = int(environ.get("SWEEPGATE_SEED") or 0)
        self._pruned = False
        self._lock = threading.Lock()
        self._socket = None
        if environ.get("SWEEPGATE_FD"):
            # A copy: closing it leaves the descriptor to child processes and other users.
            self._socket = socket.socket(fileno=os.dup(int(environ["SWEEPGATE_FD"])))
            self._socket.setblocking(True)

    @property
    def in_sweep(self):
        return self._socket is not None

    @property
    def pruned(self):
        """Was the last report answered by "stop"?"""
        return self._pruned

    def report(self, value, step):
        """Tells an intermediate value; True means: stop now. Steps begin at 0 or 1 and grow."""
        if self._socket is None:
            return False
        with self._lock:
            try:
                self._send({"report": {"step": int(step), "value": float(value)}})
                answer = self._read_line()
            except OSError:
                answer = b""
            # Nobody there any more: to go on would be for nothing.
            if not answer or json.loads(answer).get("prune"):
                self._pruned = True
        return self._pruned

    def report_or_stop(self, value, step):
        """As report(), but raises TrialPruned instead of giving True."""
        if self.report(value, step):
            raise TrialPruned(f"pruned at step {step}")

    def result(self, value=None, **values):
        """The objective's value: result(0.18), result(val_error=0.18) or result({"a": 1, "b": 2})."""
        if value is not None and values:
            raise TypeError("result() takes a value or keyword arguments, not both")
        if value is None:
            value = values
        if isinstance(value, dict):
            value = {name: float(number) for name, number in value.items()}
        else:
            value = float(value)
        self._tell({"result": value})

    def attr(self, key, value):
        """Keeps anything that JSON can hold with the trial."""
        self._tell({"attr": {str(key): value}})

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()
        return kind is not None and issubclass(kind, TrialPruned)

    def _tell(self, message):
        if self._socket is None:
            print(json.dumps(message), file=sys.stderr)
            return
        with self._lock:
            self._send(message)

    def _send(self, message):
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def _read_line(self):
        # A byte at a time: what follows the line may belong to another process.
        line = b""
        while not line.endswith(b"\n"):
            byte = self._socket.recv(1)
            if not byte:
                return b""
            line += byte
        return line
