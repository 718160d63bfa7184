"""What telling of requests costs: user instructions with spans and metrics on and off."""

from . import NotMeasured
from .instructions import spans
from .programs import SUBJECT

ROUNDS = 1


def measure(programs, policies, rounds):
    if SUBJECT not in programs.commands:
        raise NotMeasured(f"telemetry: not measured, only {SUBJECT} can be")
    return [{"round": number, **spans(programs, policies)} for number in range(rounds)]


def report(samples):
    lines = ["| told | user instructions/request | more than off |", "|--|--|--|"]
    for what in [name for name in samples[0] if name != "round"]:
        each = sorted(sample[what] for sample in samples)[len(samples) // 2]
        off = sorted(sample["off"] for sample in samples)[len(samples) // 2]
        lines.append(f"| {what} | {each:,.0f} | {each - off:,.0f} |")
    return "\n".join(lines)
