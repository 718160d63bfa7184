"""Measures dps-webhook beside control servers and what users would write instead."""


class Failure(Exception):
    """What makes a measurement impossible or worthless, in a sentence for the user."""


class NotMeasured(Failure):
    """What can't be measured here, while other measurements can."""
