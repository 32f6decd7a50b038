"""The native program, which is compared with, and few threads for torch, since matrices here are small."""

import os
import pathlib
import subprocess
import sys

import pytest
import torch

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent

sys.path.insert(0, str(HERE))
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def native():
    """Runs the native program, the value of EIGENDRIFT_HEADLESS, with a command and the JSON text that it reads."""
    program = os.environ.get("EIGENDRIFT_HEADLESS", str(ROOT / "target/debug/headless"))
    assert pathlib.Path(program).exists(), f"{program} is missing; scripts/package --check python builds it"

    def execute(command, text):
        return subprocess.run([program, command, "-"], input=text, capture_output=True, text=True)

    return execute
