"""The items of these pools say what the children are to do."""

from __future__ import annotations

import itertools
import math
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from provenance.errors import PhotoError, SettingsError
from provenance.photo.limits import Limits
from provenance.photo.pool import Failure, Pool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the accidents are POSIX's")

SLOW = Limits(seconds=30, memory=300 * 2**20)
QUICK = Limits(seconds=1.0)


def _crash(signal_number):
    os.kill(os.getpid(), signal_number)


def _refuse(*reason):
    raise PhotoError(*reason)


def _hang():
    while True:
        pass


def _stumble():
    raise ValueError("bad\x1b[31m value\nof it")


ACTS = {
    "crash": _crash,
    "exit": os._exit,
    "hang": _hang,
    "eat": lambda: bytearray(10**10),
    "refuse": _refuse,
    "stumble": _stumble,
    "give a function": lambda: lambda: None,
    "wait": time.sleep,
    "give much": lambda: bytes(5_000_000),
    "give process": os.getpid,
}


def _act(item):
    """Do what the item says, `(act, arguments...)`; any other item comes back."""
    if isinstance(item, tuple):
        return ACTS[item[0]](*item[1:])
    return item


def _outcomes(items, *, workers=2, limits=SLOW):
    with Pool(_act, limits=limits) as pool:
        return list(pool.map(items, workers=workers))


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(workers):
    items = [*range(20), ("give much",), *range(20)]
    outcomes = _outcomes(items, workers=workers)
    assert [item for item, _ in outcomes] == items
    assert outcomes[7] == (7, 7)
    assert outcomes[20] == (("give much",), bytes(5_000_000))


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (("crash", signal.SIGSEGV), "the decoder crashed (signal SIGSEGV)"),
        (("crash", signal.SIGABRT), "the decoder crashed (signal SIGABRT)"),
        (
            ("crash", signal.SIGKILL),
            "the decoder was killed, most likely because the machine ran out of memory",
        ),
        (("exit", 3), "the decoder stopped (exit code 3)"),
        (("refuse", "truncated JPEG", "fetch the file again"), "truncated JPEG; fetch the file again"),
        (("refuse", "0 bytes"), "0 bytes"),
        (("stumble",), "the program failed on it (ValueError: bad [31m value of it)"),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_an_accident_costs_one_item_and_says_why(item, reason, workers):
    outcomes = _outcomes([1, item, 2, item, 3, 4], workers=workers)
    assert outcomes == [(1, 1), (item, Failure(reason)), (2, 2), (item, Failure(reason)), (3, 3), (4, 4)]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_hang_is_ended(workers):
    outcomes = _outcomes([1, ("hang",), 2, 3], workers=workers, limits=QUICK)
    assert outcomes == [(1, 1), (("hang",), Failure("working on it took more than 1 s")), (2, 2), (3, 3)]


def test_waiting_for_what_never_comes_is_ended():
    outcomes = _outcomes([1, ("wait", 1000), 2], limits=Limits(seconds=0.25))
    assert outcomes == [(1, 1), (("wait", 1000), Failure("it was not done after 1.5 s")), (2, 2)]


def test_time_in_which_others_are_at_work_does_not_count():
    assert _outcomes([("wait", 2.0), 1], limits=QUICK) == [(("wait", 2.0), None), (1, 1)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds memory")
def test_hunger_is_ended():
    outcomes = _outcomes([1, ("eat",), 2])
    assert outcomes == [(1, 1), (("eat",), Failure("decoding it needs more than 300 MB of memory")), (2, 2)]


def test_a_value_that_cannot_be_sent_is_a_failure():
    (_, failure), (_, value) = _outcomes([("give a function",), 1])
    assert isinstance(failure, Failure)
    assert value == 1


def test_endless_items_are_taken_only_as_needed():
    taken = []

    def items():
        for number in itertools.count():
            taken.append(number)
            yield number

    with Pool(_act, limits=SLOW) as pool:
        outcomes = pool.map(items(), workers=2)
        assert [next(outcomes)[1] for _ in range(50)] == list(range(50))
        assert len(taken) <= 50 + 8


def test_few_large_values_wait_for_their_turn(monkeypatch):
    monkeypatch.setattr("provenance.photo.pool._WAITING_BYTES", 8_000_000)
    taken = []

    def items():
        for item in [("wait", 1.0), *[("give much",)] * 7]:
            taken.append(item)
            yield item

    with Pool(_act, limits=SLOW, weigh=lambda value: len(value or b"")) as pool:
        outcomes = pool.map(items(), workers=2)
        assert next(outcomes) == (("wait", 1.0), None)
        assert len(taken) <= 4
        assert [len(value) for _, value in outcomes] == [5_000_000] * 7


def test_an_error_of_the_items_is_not_swallowed():
    def items():
        yield 1
        raise PhotoError("the list is broken")

    with Pool(_act, limits=SLOW) as pool, pytest.raises(PhotoError, match="the list is broken"):
        list(pool.map(items(), workers=2))


def test_an_eager_pool_has_a_child_at_once_and_another_only_when_an_item_needs_one():
    with Pool(_act, limits=SLOW) as eager, Pool(_act, limits=SLOW, eager=False) as patient:
        assert (len(eager._children), len(patient._children)) == (1, 0)
        assert list(patient.map([], workers=2)) == []
        assert patient._children == []
        assert list(patient.map([1, 2, 3], workers=1)) == [(1, 1), (2, 2), (3, 3)]
        assert len(patient._children) == 1


def _even(item):
    """Return what is known of even numbers; of all other items nothing is."""
    return f"known {item}" if isinstance(item, int) and item % 2 == 0 else None


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_known_values_take_their_place_among_those_that_children_find(workers):
    items = [0, 2, 1, 4, ("give much",), 6, 8, 3, ("exit", 3), 10]
    with Pool(_act, limits=SLOW) as pool:
        outcomes = list(pool.map(items, workers=workers, known=_even))
    assert outcomes == [
        (0, "known 0"),
        (2, "known 2"),
        (1, 1),
        (4, "known 4"),
        (("give much",), bytes(5_000_000)),
        (6, "known 6"),
        (8, "known 8"),
        (3, 3),
        (("exit", 3), Failure("the decoder stopped (exit code 3)")),
        (10, "known 10"),
    ]


@pytest.mark.parametrize("value", [(), 0, "", False])
def test_a_known_value_need_not_be_truthy_and_needs_no_child(value):
    with Pool(_act, limits=SLOW, eager=False) as pool:
        outcomes = pool.map([("exit", 1)] * 100, workers=2, known=lambda _: value)
        assert list(outcomes) == [(("exit", 1), value)] * 100
        assert pool._children == []


def test_a_child_starts_with_the_first_item_of_which_nothing_is_known():
    with Pool(_act, limits=SLOW, eager=False) as pool:
        outcomes = pool.map([*range(0, 100, 2), 1], workers=1, known=_even)
        assert [next(outcomes)[1] for _ in range(40)] == [f"known {n}" for n in range(0, 80, 2)]
        assert pool._children == []
        assert list(outcomes)[-1] == (1, 1)
        assert len(pool._children) == 1


def test_items_of_known_value_are_taken_only_as_needed_too():
    taken = []

    def items():
        for number in itertools.count():
            taken.append(number)
            yield number

    with Pool(_act, limits=SLOW, eager=False) as pool:
        outcomes = pool.map(items(), workers=2, known=lambda item: -item)
        assert taken == []
        assert [next(outcomes)[1] for _ in range(50)] == [-n for n in range(50)]
        assert len(taken) <= 50 + 8


def test_one_item_needs_one_child():
    with Pool(_act, limits=SLOW) as pool:
        list(pool.map([("give process",)], workers=8))
        assert len(pool._children) == 1


def test_a_pool_can_be_used_again_after_an_iteration_was_left():
    with Pool(_act, limits=SLOW) as pool:
        for _ in pool.map(itertools.count(), workers=2):
            break
        assert list(pool.map(["a", "b"], workers=2)) == [("a", "a"), ("b", "b")]


def test_a_child_that_died_while_it_was_free_costs_nothing():
    with Pool(_act, limits=SLOW) as pool:
        ((_, process),) = pool.map([("give process",)], workers=2)
        os.kill(process, signal.SIGKILL)
        pool._children[0].process.join()
        assert list(pool.map([1], workers=2)) == [(1, 1)]


def _refuse():
    raise SettingsError("the model is missing", "name another")


def test_what_warming_up_finds_wrong_with_the_call_is_raised_once_and_not_told_of_each_item():
    with Pool(_act, limits=SLOW, warm=_refuse) as pool:
        with pytest.raises(SettingsError, match="the model is missing") as told:
            list(pool.map(range(20), workers=2))
        assert told.value.advice == "name another"
        assert not any(child.ready for child in pool._children)


def test_leaving_ends_the_children():
    with Pool(_act, limits=SLOW) as pool:
        ((_, process),) = pool.map([("give process",)], workers=2)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_children_leave_an_interrupt_to_the_parent():
    with Pool(_act, limits=SLOW) as pool:
        assert list(pool.map([("crash", signal.SIGINT), 2], workers=2)) == [
            (("crash", signal.SIGINT), None),
            (2, 2),
        ]


def test_an_item_has_all_its_time_once_its_child_is_warm():
    prolonged = []

    class Watched(Pool):
        def _receive(self, child):
            before = child.deadline
            super()._receive(child)
            prolonged.append(child.deadline > before)

    with Watched(_act, limits=SLOW, warm=lambda: None) as pool:
        assert list(pool.map([1, 2], workers=1)) == [(1, 1), (2, 2)]
    assert prolonged == [True, False, False]


def test_a_failure_to_warm_does_not_end_the_run():
    with Pool(_act, limits=SLOW, warm=lambda: 1 / 0) as pool:
        assert list(pool.map([1], workers=2)) == [(1, 1)]


def test_there_is_always_one_worker():
    assert _outcomes([1, 2], workers=0) == [(1, 1), (2, 2)]


def _runs(process):
    """Wait for the end of a process that is no child of ours; whoever adopted it may not have buried it."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return False
    ended, _, _ = select.select([handle], [], [], 30)
    os.close(handle)
    return not ended


def test_children_that_do_not_come_by_a_fork_do_the_same(monkeypatch):
    monkeypatch.setattr("provenance.photo.pool._FORK", False)
    with Pool(math.sqrt, limits=SLOW) as pool:
        one, two, three = pool.map([4, -1, 9], workers=2)
    assert (one, three) == ((4, 2.0), (9, 3.0))
    assert two == (-1, Failure("the program failed on it (ValueError: math domain error)"))


ORPHANS = """
import os, signal
from provenance.photo.pool import Pool

with Pool(lambda item: os.getpid()) as pool:
    for _, process in pool.map(range(8), workers=2):
        print(process, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for a handle of the process")
def test_children_do_not_outlive_a_parent_that_is_killed():
    parent = subprocess.run([sys.executable, "-c", ORPHANS], capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL
    children = {int(line) for line in parent.stdout.split()}
    assert children
    assert not any(_runs(child) for child in children)
