#!/usr/bin/env python3
"""Writes config tables, as CSV folders, that answer `body.json`.

    policy.py FOLDER --tenants 10000    50 hubs, latency from 60 regions, an enrollment each
    policy.py FOLDER --rows 100000      exactly so many rows: 50 hubs, no latency, the rest tenants

The enrollment group of the body leads to `tenant-00001` alone, at `westeurope`. No expression is on
its way, and its linked hubs hold no rollout target, so it takes every step up to the weights.
"""

import argparse
import csv
import json
import zlib
from pathlib import Path

BODY = json.loads((Path(__file__).parent / "body.json").read_bytes())

# https://learn.microsoft.com/azure/reliability/regions-list: 60 of them, by geography.
REGIONS = {
    "US": "eastus eastus2 centralus northcentralus southcentralus westcentralus "
    "westus westus2 westus3",
    "Canada": "canadacentral canadaeast",
    "LatinAmerica": "brazilsouth brazilsoutheast mexicocentral chilecentral",
    "Europe": "westeurope northeurope francecentral francesouth germanywestcentral germanynorth "
    "italynorth norwayeast norwaywest polandcentral spaincentral swedencentral swedensouth "
    "switzerlandnorth switzerlandwest austriaeast belgiumcentral",
    "UK": "uksouth ukwest",
    "MiddleEast": "uaenorth uaecentral qatarcentral israelcentral",
    "Africa": "southafricanorth southafricawest",
    "India": "centralindia southindia westindia jioindiawest jioindiacentral",
    "AsiaPacific": "eastasia southeastasia japaneast japanwest koreacentral koreasouth "
    "australiaeast australiasoutheast australiacentral australiacentral2 indonesiacentral "
    "malaysiawest newzealandnorth taiwannorth taiwannorthwest",
}
GEOGRAPHY = {region: name for name, regions in REGIONS.items() for region in regions.split()}
HOME = "westeurope"
TOLERANCE_MS = 20
CANARIES = (10, 40)  # numbers of the hubs that only the rollout fills

COLUMNS = {
    "hubs": "region geography pools weight tier state twin",
    "enrollments": "tenants tenantFrom location deviceRows twin",
    "tenants": "state pools residency placement toleranceMs withoutLocation onReprovision "
    "locationFrom twin reply salt",
    "rules": "when pools hub placement twin refuse",
    "rollouts": "from to cohort when steps ramp state pausedAt return include exclude salt twin",
    "latency": "milliseconds",
    "twins": "tags desired",
    "devices": "tenant location hub twin",
}


def hubs():
    """50 hubs, one in each region but every sixth."""
    regions = [region for n, region in enumerate(GEOGRAPHY) if n % 6 != 5]
    for number, region in enumerate(regions, 1):
        canary = number in CANARIES
        yield {
            "PartitionKey": "hub",
            "RowKey": f"contoso-fleet-hub-{number:04}.azure-devices.net",
            "region": region,
            "geography": GEOGRAPHY[region],
            "pools": "canary" if canary else "standard",
            "weight": 0 if canary else 1 + number % 3,
            "state": "open",
        }


def milliseconds(device, hub):
    """A round trip that looks like one: near, same geography, or far."""
    noise = zlib.crc32("/".join(sorted((device, hub))).encode())
    if device == hub:
        return 2
    return 8 + noise % 25 if GEOGRAPHY[device] == GEOGRAPHY[hub] else 60 + noise % 180


def latency(hub_rows):
    for location in GEOGRAPHY:
        for hub in hub_rows:
            trip = milliseconds(location, hub["region"])
            yield {"PartitionKey": location, "RowKey": hub["region"], "milliseconds": trip}


def tenants(count):
    for number in range(1, count + 1):
        yield {
            "PartitionKey": "tenant",
            "RowKey": f"tenant-{number:05}",
            "state": "active",
            "pools": "standard;canary",
            "placement": "latency",
            "toleranceMs": TOLERANCE_MS,
            "withoutLocation": "weighted",
        }


def enrollments(count, tenant_count):
    """The body's group for the first tenant, a group of its own for each other one.

    A group beyond `tenant_count` is the last tenant's second one.
    """
    locations = [HOME, *(region for region in GEOGRAPHY if region != HOME)]
    for number in range(1, count + 1):
        own = BODY["enrollmentGroup"]["enrollmentGroupId"]
        yield {
            "PartitionKey": "enrollment",
            "RowKey": own if number == 1 else f"fleet-{number:05}",
            "tenants": f"tenant-{min(number, tenant_count):05}",
            "location": locations[(number - 1) % len(locations)],
        }


RULES = [
    # An expression that the body's tenant never reaches.
    {
        "PartitionKey": "tenant-00002",
        "RowKey": "100-pilot",
        "when": 'payload.model == "pilot"',
        "placement": "weighted",
    },
    {"PartitionKey": "*", "RowKey": "900-fleet", "pools": "standard;canary"},
]
ROLLOUT = {
    "PartitionKey": "*",
    "RowKey": "canary",
    "to": "canary",
    "cohort": "new",
    "steps": "10%",
    "state": "running",
}
BESIDE_TENANTS = 50 + len(RULES) + 1


def write(folder, tenant_count, enrollment_count, with_latency):
    hub_rows = list(hubs())
    tables = dict.fromkeys(COLUMNS, []) | {
        "hubs": hub_rows,
        "enrollments": enrollments(enrollment_count, tenant_count),
        "tenants": tenants(tenant_count),
        "rules": RULES,
        "rollouts": [ROLLOUT],
        "latency": latency(hub_rows) if with_latency else [],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with open(folder / f"{name}.csv", "w", newline="") as file:
            columns = ["PartitionKey", "RowKey", *COLUMNS[name].split()]
            table = csv.DictWriter(file, columns, lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


def write_tenants(folder, count):
    write(folder, count, count, with_latency=True)


def write_rows(folder, count):
    """`count` data rows over all tables: the fixed ones, then tenants and enrollments by halves."""
    remaining = count - BESIDE_TENANTS
    if remaining < 4:
        raise ValueError(f"`{count}` rows are too few: at least {BESIDE_TENANTS + 4} are needed")
    write(folder, remaining // 2, remaining - remaining // 2, with_latency=False)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--tenants", type=int)
    size.add_argument("--rows", type=int)
    asked = parser.parse_args()
    if asked.tenants:
        write_tenants(asked.folder, asked.tenants)
    else:
        write_rows(asked.folder, asked.rows)


if __name__ == "__main__":
    main()
