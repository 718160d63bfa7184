"""The config tables the webhook is measured with, written anew for each run."""

import shutil

import policy


class Policies:
    """Four folders: a fleet with everything in it, few rows, more, many."""

    tenants = 10_000
    small_rows = 100
    medium_rows = 10_000
    large_rows = 100_000

    def __init__(self, scratch):
        folder = scratch / "policies"
        shutil.rmtree(folder, ignore_errors=True)
        self.fleet = folder / "fleet"
        self.small = folder / "small"
        self.medium = folder / "medium"
        self.large = folder / "large"
        policy.write_tenants(self.fleet, self.tenants)
        policy.write_rows(self.small, self.small_rows)
        policy.write_rows(self.medium, self.medium_rows)
        policy.write_rows(self.large, self.large_rows)
