"""The compiled part; see the functions of the package of the same names."""

from collections.abc import Callable, Mapping
from typing import Any

from .records import Analysis, EnsembleReport, Report

__all__ = ["analyze", "run", "ensemble"]

def analyze(case: Mapping[str, Any], jobs: int | None) -> Analysis: ...
def run(
    experiment: Mapping[str, Any], progress: Callable[[int, int], object] | None, jobs: int | None
) -> Report: ...
def ensemble(
    ensemble: Mapping[str, Any], progress: Callable[[int, int], object] | None, jobs: int | None
) -> EnsembleReport: ...
