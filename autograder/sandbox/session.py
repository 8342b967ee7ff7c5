"""Run one submission in a sandbox, whatever it does, and say what came of each cell and case."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import time
from collections.abc import Sequence

import msgspec

from autograder.cells import Cell
from autograder.config import Limits
from autograder.errors import InfrastructureError
from autograder.guest import wire
from autograder.sandbox import frames
from autograder.sandbox.cases import PreparedCase, describe
from autograder.sandbox.channel import BACKSTOP, Channel, Closed, Greedy, Late
from autograder.sandbox.records import (
    CaseOutput,
    Job,
    LossReason,
    Lost,
    LostStatement,
    PlaceboSpec,
    Run,
)
from autograder.sandbox.worker import LIVED_ON, Worker

LOCK_SECONDS = 30
"""How long our own part of a child may take on a busy machine before it is called broken."""

MAX_KILLS_FROM_OUTSIDE = 2
MAX_GARBLED = 5
"""Nobody writes to the grader's channel by accident, and each new child takes time."""

MAX_CAREFUL = 3
"""Cells that may be run again to find which of their statements ended the child."""
MAX_ENDS = 5
"""Statements of one submission that may end a child before whole cells are given up."""


class Connection:
    """A child's socket, and the channel that reads it."""

    def __init__(self, worker: Worker, reply_bytes: int, threads: int) -> None:
        self.socket = worker.submit()
        self.channel = Channel(self.socket, reply_bytes, threads, worker.scratch)

    def hang_up(self) -> None:
        """Tell the child that no more jobs come, so that it ends."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close both."""
        self.channel.close()
        self.socket.close()


class Session:
    """Runs one submission on one worker. All of its runs share the submission's limits.

    Close it, or use it in a ``with`` statement, where a run leaves its child waiting.
    """

    def __init__(self, worker: Worker, limits: Limits, job: Job) -> None:
        self._worker = worker
        self._limits = limits
        self._job = job
        self._ends: dict[int, dict[int, LostStatement]] = {}
        self._careful = {cell.index for cell in job.cells if job.script}
        self._statement: frames.StatementReport | None = None
        self._deadline = time.monotonic() + limits.submission_seconds
        self._latest = self._deadline + (BACKSTOP - 1) * limits.submission_seconds
        self._processor_left: float = limits.submission_cpu_seconds
        self._reply_left = limits.reply_mib << 20
        self._kills_from_outside = 0
        self._garbled = 0
        self._waiting: Connection | None = None
        self._in_flight = ("job", -1)
        self._start_over()

    def _start_over(
        self,
        *,
        traced: bool = False,
        stay: bool = False,
        placebos: Sequence[PlaceboSpec] = (),
    ) -> None:
        self._cells: dict[int, frames.CellReport | Lost] = {}
        self._cases: dict[int, CaseOutput | Lost] = {}
        self._seconds: dict[int, float] = {}
        self._output = ""
        self._traced = traced
        self._placebos = placebos
        self._stay = stay

    def run(
        self, cases: Sequence[PreparedCase], *, traced: bool = False, stay: bool = False
    ) -> Run:
        """Run all cells, then all cases; start afresh after whatever ends a child early.

        Parameters
        ----------
        traced
            Also note each call of a rule.
        stay
            Leave the last child waiting, so that :meth:`trace` need not run the cells again.
        """
        self.close()
        self._start_over(traced=traced, stay=stay)
        return self._go_on(cases)

    def trace(self, cases: Sequence[PreparedCase]) -> Run:
        """Run cases once more and note each call of a rule; in the child that waits, if one does.

        Where none waits, the cells run again.
        """
        self._start_over(traced=True)
        return self._once_more(cases)

    def replace_rules(self, cases: Sequence[PreparedCase], placebos: Sequence[PlaceboSpec]) -> Run:
        """Run cases once more with placebos for some rules, and leave the child waiting.

        Parameters
        ----------
        placebos
            Which rules to replace, one entry for each case.
        """
        self._start_over(placebos=placebos, stay=True)
        return self._once_more(cases)

    def _once_more(self, cases: Sequence[PreparedCase]) -> Run:
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            try:
                self._talk(waiting, None, _in_order(cases), cases)
            finally:
                if waiting is not self._waiting:
                    waiting.close()
        return self._go_on(cases)

    def close(self) -> None:
        """Let a waiting child go."""
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            with contextlib.closing(waiting):
                self._part(waiting)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def _go_on(self, cases: Sequence[PreparedCase]) -> Run:
        cells = self._job.cells
        rest = [index for index in _in_order(cases) if index not in self._cases]
        again = self._traced or bool(self._placebos)
        while rest or not (again or all(cell.index in self._cells for cell in cells)):
            if self._is_over():
                self._lose_the_rest(len(cases))
                break
            self._attempt(rest, cases)
            rest = [index for index in rest if index not in self._cases]
        return Run(
            cells=self._cells,
            cases=tuple(self._cases[index] for index in range(len(cases))),
            output=self._output,
            statements={cell: tuple(ends.values()) for cell, ends in self._ends.items()},
            seconds=self._seconds,
        )

    def _is_over(self) -> bool:
        return (
            time.monotonic() >= self._deadline
            or self._processor_left <= 0
            or self._garbled >= MAX_GARBLED
        )

    def _attempt(self, rest: list[int], cases: Sequence[PreparedCase]) -> None:
        """Run in one child until it is done, or has lost the cell or case in flight."""
        cells = [cell for cell in self._job.cells if not self._is_lost(cell)]
        connection = Connection(self._worker, self._reply_left, self._limits.threads)
        try:
            self._wait_for_lock(connection.channel)
            self._talk(connection, cells, rest, cases)
        finally:
            if connection is not self._waiting:
                connection.close()

    def _is_lost(self, cell: Cell) -> bool:
        return isinstance(self._cells.get(cell.index), Lost)

    def _talk(
        self,
        connection: Connection,
        cells: Sequence[Cell] | None,
        rest: list[int],
        cases: Sequence[PreparedCase],
    ) -> None:
        """Send jobs and read what comes of them.

        Parameters
        ----------
        cells
            None where the child has run them, so that the submission answers for what it does.
        """
        channel = connection.channel
        self._in_flight = ("job", -1)
        try:
            self._ask(connection, cells, rest, cases)
        except Late as late:
            self._end_child(channel)
            reason: LossReason = "submission-timeout" if self._is_over() else "timeout"
            self._lose(self._in_flight, Lost(reason=reason, detail=str(late)))
        except Greedy as error:
            self._settle(channel)
            self._lose(self._in_flight, Lost(reason="killed", detail=str(error)))
        except frames.Malformed as error:
            self._settle(channel)
            self._garbled += 1
            self._lose(self._in_flight, Lost(reason="garbled", detail=str(error)))
        except Closed:
            status = self._worker.reap()
            # Whatever ended it may have touched the worker, so the next child has another one.
            self._settle(channel)
            if self._was_killed_from_outside(status):
                self._try_again()
            else:
                self._lose(self._in_flight, _how_it_ended(status))
        else:
            if self._stay:
                self._waiting = connection
            else:
                self._part(connection)

    def _ask(
        self,
        connection: Connection,
        cells: Sequence[Cell] | None,
        rest: list[int],
        cases: Sequence[PreparedCase],
    ) -> None:
        """Ask for the cells and for the cases, and note what is in flight."""
        channel = connection.channel
        for number, request in enumerate(_requests(rest, cases)):
            if number == 0 and cells is not None:
                self._send_job(connection.socket, cells, request, cases)
                for cell in cells:
                    self._in_flight = ("cell", cell.index)
                    self._read_cell(channel, cell.index)
            else:
                self._in_flight = ("case", request[0])
                self._ask_for_more(connection.socket, request, cases)
            for index in request:
                self._in_flight = ("case", index)
                self._read_case(channel, index, cases[index].cpu_seconds)
            self._in_flight = ("end", -1)
            self._read_end(channel)

    def _part(self, connection: Connection) -> None:
        """Let a child go that has done all that was asked."""
        connection.hang_up()
        status = self._worker.reap()
        self._count(connection.channel)
        if status != 0:
            self._worker.stop()

    def _was_killed_from_outside(self, status: int | None) -> bool:
        """Tell whether the machine ended the child: nothing inside can send this signal.

        The kernel sends it for processor time too, but only after we would have noticed.
        """
        if status is None:
            return True
        by_signal = status != LIVED_ON and os.WIFSIGNALED(status)
        killed = by_signal and os.WTERMSIG(status) == signal.SIGKILL
        return killed and self._processor_left > 0

    def _try_again(self) -> None:
        """Let the next attempt have what was in flight, since the submission is not to blame."""
        self._kills_from_outside += 1
        if self._kills_from_outside > MAX_KILLS_FROM_OUTSIDE:
            raise InfrastructureError(
                "Something on this machine keeps killing the sandbox; it may be out of memory",
                "Look at dmesg, or grade with fewer --jobs.",
            )

    def _end_child(self, channel: Channel) -> None:
        """Kill a child that takes too long; its worker, which only waits for it, goes on."""
        if self._worker.tier == "none":  # it may have processes of its own
            self._settle(channel)
            return
        self._count(channel)
        channel.kill_child()
        status = self._worker.reap()
        if status is None or status == LIVED_ON or not os.WIFSIGNALED(status):
            self._worker.stop()

    def _settle(self, channel: Channel) -> None:
        self._count(channel)
        self._worker.stop()

    def _count(self, channel: Channel) -> None:
        self._processor_left -= channel.processor_seconds()
        self._reply_left = channel.reply_bytes

    def _wait_for_lock(self, channel: Channel) -> None:
        try:
            deadline = time.monotonic() + LOCK_SECONDS
            channel.identify(deadline)
            message, _ = channel.receive(deadline)
        except (Late, Closed, frames.Malformed):
            self._worker.stop()
            raise InfrastructureError(
                "The sandbox could not lock itself in before reading a submission",
                "autograder doctor explains what is missing.",
            ) from None
        if not isinstance(message, frames.Locked):
            raise InfrastructureError("The sandbox spoke out of turn")

    def _ask_for_more(
        self, connection: socket.socket, request: list[int], cases: Sequence[PreparedCase]
    ) -> None:
        """Send another job to a child in which the submission runs: it may not take it."""
        connection.settimeout(self._limits.case_seconds)
        try:
            wire.send_encoded(connection, *self._encode([], request, cases))
        except TimeoutError:
            raise Late("wall clock") from None
        except ConnectionError:
            raise Closed from None

    def _send_job(
        self,
        connection: socket.socket,
        cells: Sequence[Cell],
        rest: list[int],
        cases: Sequence[PreparedCase],
    ) -> None:
        connection.settimeout(LOCK_SECONDS)
        try:
            wire.send_encoded(connection, *self._encode(cells, rest, cases))
        except (TimeoutError, ConnectionError) as error:
            # No code of the submission has run yet: the machine is to blame.
            self._worker.stop()
            raise InfrastructureError(
                f"The sandbox did not take its job: {type(error).__name__}"
            ) from None

    def _encode(
        self, cells: Sequence[Cell], rest: list[int], cases: Sequence[PreparedCase]
    ) -> tuple[bytes, bytes]:
        """Return a job's header and payload."""
        new: list[PreparedCase] = []
        order: list[tuple[int, int]] = []
        for index in rest:
            place = self._worker.place_of(cases[index])
            if place is None:
                place = self._worker.cases_known + len(new)
                new.append(cases[index])
            order.append((index, place))
        described, payload = describe(new)
        header = {
            "script": self._job.script,
            "wanted": self._job.wanted,
            "modules": self._job.modules,
            "cells": [self._described(cell) for cell in cells],
            "cases": described,
            "order": order,
            "traced": self._traced,
            "placebos": {index: self._placebos[index] for index in rest if self._placebos},
        }
        return msgspec.json.encode(header), payload

    def _described(self, cell: Cell) -> dict[str, object]:
        return {
            "index": cell.index,
            "source": cell.source,
            "fallback": cell.fallback,
            "careful": cell.index in self._careful,
            "skip": tuple(self._ends.get(cell.index, ())),
        }

    def _read_cell(self, channel: Channel, index: int) -> None:
        limits = self._limits
        self._statement = None
        while True:
            message, _ = self._receive(channel, limits.cell_seconds, limits.cell_cpu_seconds)
            careful = index in self._careful
            if not (careful and isinstance(message, frames.StatementReport)):
                break
            self._statement = message if message.index == index else None
        if not isinstance(message, frames.CellReport) or message.index != index:
            raise frames.Malformed("not the report of the cell that is due")
        self._cells[index] = message

    def _read_case(self, channel: Channel, index: int, own_budget: float) -> None:
        processor = min(self._limits.case_cpu_seconds, own_budget)
        started = time.monotonic()
        try:
            message, payload = self._receive(channel, self._limits.case_seconds, processor)
        finally:
            took = time.monotonic() - started
            self._seconds[index] = self._seconds.get(index, 0.0) + took
        if not isinstance(message, frames.CaseReport) or message.index != index:
            raise frames.Malformed("not the report of the case that is due")
        self._cases[index] = CaseOutput(
            observed=frames.values_of(message, payload),
            failure=message.failure,
            stand_in=message.stand_in,
            applications=frames.applications_of(message, payload),
            results={int(step): what for step, what in message.results.items() if step.isdecimal()},
            nodes=frames.nodes_of(message, payload),
        )

    def _read_end(self, channel: Channel) -> None:
        limits = self._limits
        message, _ = self._receive(channel, limits.cell_seconds, limits.cell_cpu_seconds)
        self._output = message.output if isinstance(message, frames.Done) else ""

    def _receive(
        self, channel: Channel, seconds: float, cpu_seconds: float
    ) -> tuple[frames.Message, bytes]:
        """Read a frame within an item's limits and within those of the submission."""
        used, waited = channel.processor_seconds(), channel.waited
        try:
            return channel.receive(
                min(time.monotonic() + seconds, self._deadline),
                min(used + cpu_seconds, self._processor_left),
            )
        finally:
            # What it waited for a processor is not its time.
            self._deadline = min(self._deadline + channel.waited - waited, self._latest)

    def _lose(self, in_flight: tuple[str, int], lost: Lost) -> None:
        kind, index = in_flight
        if kind == "cell":
            self._lose_of_cell(index, lost)
        elif kind == "case":
            self._cases[index] = lost

    def _lose_of_cell(self, index: int, lost: Lost) -> None:
        """Lose one statement of a cell, if it can be found out which; else the cell.

        The first time, the cell is run once more with care, in the next child.
        """
        statement = self._statement
        again = len(self._careful) < MAX_CAREFUL and not self._is_over()
        if index not in self._careful and again:
            self._careful.add(index)
        elif statement is None or sum(map(len, self._ends.values())) >= MAX_ENDS:
            self._cells[index] = lost
        else:
            known = LostStatement(lost=lost, line=statement.line, wanted=statement.wanted)
            self._ends.setdefault(index, {})[statement.number] = known

    def _lose_the_rest(self, count: int) -> None:
        garbled = self._garbled >= MAX_GARBLED
        reason: LossReason = "garbled" if garbled else "submission-timeout"
        for index in range(count):
            self._cases.setdefault(index, Lost(reason=reason))


def _in_order(cases: Sequence[PreparedCase]) -> list[int]:
    """Return the places of cases in the order in which they run."""
    return sorted(range(len(cases)), key=lambda place: cases[place].last)


def _requests(rest: list[int], cases: Sequence[PreparedCase]) -> list[list[int]]:
    """Split cases into requests: one about cost stands alone.

    Its budget of processor time is counted from the request on, so nothing is gained by holding
    the answer before it back.
    """
    requests: list[list[int]] = [[]]
    for index in rest:
        alone = math.isfinite(cases[index].cpu_seconds)
        if requests[-1] and (alone or math.isfinite(cases[requests[-1][-1]].cpu_seconds)):
            requests.append([])
        requests[-1].append(index)
    return requests


def _how_it_ended(status: int | None) -> Lost:
    if status == LIVED_ON:
        return Lost(reason="garbled", detail="it closed the channel and went on")
    if status is not None and os.WIFEXITED(status):
        return Lost(reason="exited", detail=f"exit status {os.WEXITSTATUS(status)}")
    number = signal.SIGKILL if status is None else os.WTERMSIG(status)
    if number in {signal.SIGKILL, signal.SIGXCPU}:
        return Lost(reason="timeout", detail="processor time")
    return Lost(reason="killed", detail=f"signal {number}")
