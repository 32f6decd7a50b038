"""Other threads go on during a computation, and interruptions from the keyboard end it."""

import signal
import subprocess
import sys
import threading
import time

import eigendrift

# Far more than any test waits for.
LONG = {"steps": 10_000_000, "checkpoint_every": 10_000, "null_model": None}
LONG_ENSEMBLE = {"experiment": LONG, "seed_count": 4}


def test_other_threads_go_on_during_a_computation():
    """A thread that counts gets a share of the processor close to what it gets while this one sleeps."""
    count, ended = 0, threading.Event()

    def counting():
        nonlocal count
        while not ended.is_set():
            count += 1
            # One turn, after which whoever waits for the interpreter's lock may take it.
            time.sleep(0)

    thread = threading.Thread(target=counting)
    thread.start()
    try:
        began, before = time.perf_counter(), count
        report = eigendrift.run(steps=4000, checkpoint_every=1000, null_model=None, jobs=1)
        took, counted = time.perf_counter() - began, count - before
        before = count
        time.sleep(took)
        asleep = count - before
    finally:
        ended.set()
        thread.join()
    assert report["diverged"] is None and took > 0.1
    # With the lock held, it would be below a hundredth.
    assert counted > asleep / 10


PROGRAM = """
import eigendrift, sys
print("begins", flush=True)
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", flush=True)
    # The interpreter still works, also with the library.
    print(eigendrift.run(steps=1, checkpoint_every=1, null_model=None)["diverged"])
"""


def interrupted(call):
    """Seconds from SIGINT to the end of a program that makes `call`."""
    program = subprocess.Popen([sys.executable, "-c", PROGRAM.format(call=call)], stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "begins\n"
    time.sleep(1)
    assert program.poll() is None
    program.send_signal(signal.SIGINT)
    began = time.perf_counter()
    printed, _ = program.communicate(timeout=60)
    assert printed == "interrupted\nNone\n" and program.returncode == 0
    return time.perf_counter() - began


def test_an_interruption_ends_a_run():
    assert interrupted(f"eigendrift.run({LONG})") < 20


def test_an_interruption_ends_an_ensemble():
    assert interrupted(f"eigendrift.ensemble({LONG_ENSEMBLE})") < 20


def test_an_interruption_ends_an_analysis():
    # P = 4,880 with all eigenvalues: half a minute and more on one thread.
    case = (
        "{'layers': [60, 60, 20], 'activation': 'tanh', 'loss_function': 'cross_entropy', 'inputs': numpy.ones((900, 60)), "
        "'labels': numpy.arange(900) % 20, 'parameters': numpy.linspace(-1, 1, 4880), 'spectrum': 'full'}"
    )
    assert interrupted(f"import numpy; eigendrift.analyze({case}, jobs=1)") < 20


def test_calls_on_several_threads_at_once_do_not_mix():
    reports = {}

    def compute(seed):
        reports[seed] = eigendrift.run(steps=200, checkpoint_every=100, null_model=None, seed=seed)

    threads = [threading.Thread(target=compute, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, report in reports.items():
        alone = eigendrift.run(steps=200, checkpoint_every=100, null_model=None, seed=seed)
        assert (report["checkpoints"][-1]["parameters"] == alone["checkpoints"][-1]["parameters"]).all()
    assert len(reports) == 4
