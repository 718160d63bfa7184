"""Samples into figures: medians, ratios of paired samples, Markdown."""

from statistics import median

from .programs import NAMES, label


def spread(values, digits=0):
    """`median [min-max]`."""
    if not values:
        return "-"
    figures = (min(values), median(values), max(values))
    low, middle, high = (f"{figure:,.{digits}f}" for figure in figures)
    return f"{middle} [{low}-{high}]" if len(values) > 1 else middle


def pick(samples, key, **where):
    """The values of `key` in the samples that match, in order of rounds."""
    return [s[key] for s in samples if all(s[name] == value for name, value in where.items())]


def ratios(samples, key, subject, other, **where):
    """Subject over other, pairing the samples of one round."""
    ours = pick(samples, key, server=subject, **where)
    theirs = pick(samples, key, server=other, **where)
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def servers(samples):
    """Names in the order of the programs; what follows a comma is a variant."""
    names = dict.fromkeys(s["server"] for s in samples)
    return sorted(names, key=lambda name: NAMES.index(name.partition(",")[0]))


def table(head, rows):
    lines = [head, ["--"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def by_server(samples, columns):
    """A row a server; a column is its head, key, digits and what else must match."""

    def cell(name, column):
        _, key, digits, where = column
        return spread(pick(samples, key, server=name, **where), digits)

    rows = [[label(name), *(cell(name, column) for column in columns)] for name in servers(samples)]
    return table(["server", *(head for head, *_ in columns)], rows)


def against_others(samples, columns, digits=2):
    """A row for each other server: the first one's figures over its own."""
    subject, *others = servers(samples)

    def cell(other, column):
        _, key, _, where = column
        return spread(ratios(samples, key, subject, other, **where), digits)

    rows = [[label(other), *(cell(other, column) for column in columns)] for other in others]
    return table([f"{label(subject)} /", *(head for head, *_ in columns)], rows) if others else ""
