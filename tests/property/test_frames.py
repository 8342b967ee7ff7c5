"""The trusted parser of hostile bytes: only its three named findings ever come out."""

import json
import socket
import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.guest import wire
from autograder.sandbox import frames
from autograder.sandbox.channel import Channel, Closed, Late

FUZZ = settings(
    deadline=None, derandomize=True, max_examples=150, suppress_health_check=list(HealthCheck)
)
FINDINGS = (frames.Malformed, Closed, Late)


def receive(data, budget=1 << 20, seconds=1.0):
    """Feed bytes to a channel and return what one read gives."""
    ours, theirs = socket.socketpair()
    with ours:
        writer = threading.Thread(target=feed, args=(theirs, data))
        writer.start()
        try:
            return Channel(ours, budget, 64).receive(time.monotonic() + seconds)
        finally:
            ours.close()
            writer.join()


def feed(channel, data):
    with channel:
        try:
            channel.sendall(data)
        except OSError:
            return


def frame(header, payload=b""):
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return wire.PREFIX.pack(wire.MAGIC, len(head), len(payload)) + head + payload


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)  # fmt: skip


@FUZZ
@given(st.binary(max_size=300))
def test_random_bytes_give_a_finding(data):
    with pytest.raises(FINDINGS):
        receive(data)


@FUZZ
@given(JSON, st.binary(max_size=50))
def test_random_json_gives_a_message_or_a_finding(header, payload):
    try:
        message, _ = receive(frame(header, payload))
    except FINDINGS:
        return
    assert isinstance(message, frames.Locked | frames.CellReport | frames.CaseReport | frames.Done)


@FUZZ
@given(
    st.integers(0, 80), st.sampled_from([{"type": "locked"}, {"type": "done", "output": "x" * 40}])
)
def test_truncated_frame_is_closed(keep, header):
    whole = frame(header)
    if keep >= len(whole):
        return
    with pytest.raises(Closed):
        receive(whole[:keep])


@pytest.mark.parametrize(
    "sizes", [(1 << 31, 0), (0, 1 << 31), ((1 << 20) + 1, 0), (10, (1 << 32) - 1)]
)
def test_claimed_length_beyond_the_budget_is_refused_before_anything_is_read(sizes):
    with pytest.raises(frames.Malformed):
        receive(wire.PREFIX.pack(wire.MAGIC, *sizes))


def test_budget_is_for_all_frames_together():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours, 200, 64)
        theirs.sendall(frame({"type": "locked"}) * 9)
        with pytest.raises(frames.Malformed, match="more bytes"):
            for _ in range(9):
                channel.receive(time.monotonic() + 1)


def test_wrong_magic_is_refused():
    with pytest.raises(frames.Malformed):
        receive(b"AGF2" + frame({"type": "locked"})[4:])


def test_silence_is_late():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(Late):
        Channel(ours, 100, 64).receive(time.monotonic() + 0.05)


def test_trickle_is_late_however_often_a_byte_comes():
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def trickle():
        while not stop.is_set():
            theirs.send(b"A")
            time.sleep(0.02)

    writer = threading.Thread(target=trickle)
    writer.start()
    try:
        with pytest.raises((Late, frames.Malformed)):
            Channel(ours, 1 << 20, 64).receive(time.monotonic() + 0.3)
    finally:
        stop.set()
        writer.join()
        ours.close()
        theirs.close()


def test_deep_json_is_malformed():
    with pytest.raises(frames.Malformed):
        receive(frame(b'{"type":"done","output":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))


@FUZZ
@given(
    arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_]),
        array_shapes(min_dims=0, min_side=0),
    )
)
def test_array_comes_out_as_it_went_in(array):
    packer = wire.Packer()
    described = packer.add(array)
    value = frames.value_of(
        frames.Observed(
            "array", frames.ArrayFrame(**{**described, "shape": tuple(described["shape"])})
        ),
        packer.payload(),
    )
    assert value.dtype == array.dtype
    assert value.flags.owndata or value.base.flags.owndata
    np.testing.assert_array_equal(value, array)


@FUZZ
@given(
    st.lists(st.integers(0, 1 << 40), max_size=6),
    st.integers(0, 1 << 40),
    st.integers(0, 1 << 40),
    st.binary(max_size=64),
)
def test_array_that_does_not_fit_its_bytes_is_malformed(shape, offset, size, payload):
    observed = frames.Observed("array", frames.ArrayFrame("float64", tuple(shape), offset, size))
    try:
        value = frames.value_of(observed, payload)
    except frames.Malformed:
        return
    assert value.nbytes == size <= len(payload)


@pytest.mark.parametrize("shape", [(0, 1 << 40, 1 << 40), (1 << 40, 0, 1 << 40), (0,) + (9,) * 15])
def test_empty_array_of_a_shape_beyond_numpy_is_malformed(shape):
    observed = frames.Observed("array", frames.ArrayFrame("float64", shape, 0, 0))
    with pytest.raises(frames.Malformed):
        frames.value_of(observed, b"")


def test_one_payload_is_not_copied_for_each_of_many_names():
    whole = frames.Observed("array", frames.ArrayFrame("float64", (4,), 0, 32))
    report = frames.CaseReport(index=0, observed={"a": whole, "b": whole})
    with pytest.raises(frames.Malformed, match="share"):
        frames.values_of(report, bytes(32))
    assert set(frames.values_of(report, bytes(64))) == {"a", "b"}


def test_nor_is_it_for_each_of_many_results():
    whole = frames.NodeFrame(value=frames.ArrayFrame("float64", (4,), 0, 32))
    report = frames.CaseReport(index=0, observed={}, nodes={"1": whole, "2": whole})
    with pytest.raises(frames.Malformed, match="share"):
        frames.nodes_of(report, bytes(32))
    assert frames.nodes_of(report, bytes(64)).keys() == {1, 2}


def test_truth_value_is_zero_or_one():
    observed = frames.Observed("array", frames.ArrayFrame("bool", (2,), 0, 2))
    assert frames.value_of(observed, b"\x00\x01").tolist() == [False, True]
    with pytest.raises(frames.Malformed):
        frames.value_of(observed, b"\x01\x02")


@pytest.mark.parametrize("kind", ["array", "text"])
def test_observation_without_its_value_is_malformed(kind):
    with pytest.raises(frames.Malformed):
        frames.value_of(frames.Observed(kind), b"")


@pytest.mark.parametrize(
    "array",
    [
        {"dtype": "object", "shape": [1], "offset": 0, "size": 8},
        {"dtype": "float64", "shape": [-1], "offset": 0, "size": 8},
        {"dtype": "float64", "shape": [1] * 40, "offset": 0, "size": 8},
        {"dtype": "float64", "shape": "11", "offset": 0, "size": 8},
        {"dtype": "float64", "shape": [1], "offset": -8, "size": 8},
    ],
)
def test_array_of_another_kind_is_malformed(array):
    header = {"type": "case", "index": 0, "failure": None,
              "observed": {"x": {"kind": "array", "array": array}}}  # fmt: skip
    with pytest.raises(frames.Malformed):
        receive(frame(header, b"\0" * 8))


CALL = {
    "rule": "mulbackward", "step": 3, "depth": 0, "operands": [], "asking": [], "incoming": None,
    "form": "tuple", "entries": [],
}  # fmt: skip
WHOLE = {"dtype": "float64", "shape": [4], "offset": 0, "size": 32}


def traced(payload=b"", **changes):
    call = {**CALL, **changes}
    header = {"type": "case", "index": 0, "observed": {}, "applications": [call], "results": {}}
    message, received = receive(frame(header, payload))
    return frames.applications_of(message, received)


def test_a_traced_call_comes_out_with_its_arrays():
    numbers = np.arange(4.0)
    (call,) = traced(numbers.tobytes(), incoming=WHOLE, operands=[None])
    np.testing.assert_array_equal(call.incoming, numbers)
    assert (call.rule, call.step, call.operands, call.changed) == ("mulbackward", 3, (None,), False)


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "x" * 5000},
        {"step": -1},
        {"depth": 1 << 40},
        {"form": "friendly"},
        {"entries": [None] * 100},
        {"operands": "many"},
        {"incoming": {**WHOLE, "dtype": "object"}},
        {"incoming": {**WHOLE, "size": 8}},
        {"operands": [WHOLE, WHOLE]},
        {"incoming": WHOLE, "entries": [WHOLE]},
    ],
)
def test_a_traced_call_that_is_odd_is_malformed(changes):
    with pytest.raises(frames.Malformed):
        traced(bytes(32), **changes)
