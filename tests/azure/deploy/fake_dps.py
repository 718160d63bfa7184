"""The part of the stand-in of the Azure CLI that the extension azure-iot is: enrollments."""

import json
import os
from pathlib import Path

FOLDER = Path(os.environ["FAKE_AZ"])


class Refused(Exception):
    """What the real CLI would say on stderr."""


def enrollments(state, flags, kind):
    services = state["services"]
    if flags["--dps-name"] not in services:
        raise Refused("(NotFound) no such Device Provisioning Service")
    return services[flags["--dps-name"]].setdefault(kind, {})


def listed(state, flags, kind):
    """As the service shows them: the query of a webhook is hidden."""
    shown = json.loads(json.dumps(list(enrollments(state, flags, kind).values())))
    for it in shown:
        webhook = it.get("customAllocationDefinition")
        if webhook:
            webhook["webhookUrl"] = webhook["webhookUrl"].partition("?")[0] + "?****"
    return shown


def shown(state, flags, kind):
    known = enrollments(state, flags, kind).get(flags["--enrollment-id"])
    if known is None:
        raise Refused("{'errorCode': 404202, 'message': 'Enrollment not found.'} (404)")
    return known


def changed(state, flags, kind):
    known = shown(state, flags, kind)
    known["allocationPolicy"] = flags.get("--allocation-policy", known.get("allocationPolicy"))
    if "--webhook-url" in flags:
        known["customAllocationDefinition"] = {
            "webhookUrl": flags["--webhook-url"], "apiVersion": flags["--api-version"]}
    if state.get("failAt") == flags["--enrollment-id"]:
        del state["failAt"]
        write(FOLDER / "state.json", state)
        raise Refused("the connection was reset")


def do_iot_dps_enrollment_group_list(state, flags):
    return listed(state, flags, "enrollment-group")


def do_iot_dps_enrollment_list(state, flags):
    return listed(state, flags, "enrollment")


def do_iot_dps_enrollment_group_show(state, flags):
    return shown(state, flags, "enrollment-group")


def do_iot_dps_enrollment_show(state, flags):
    return shown(state, flags, "enrollment")


def do_iot_dps_enrollment_group_create(state, flags):
    name = flags["--enrollment-id"]
    enrollments(state, flags, "enrollment-group")[name] = {"enrollmentGroupId": name}
    changed(state, flags, "enrollment-group")


def do_iot_dps_enrollment_group_update(state, flags):
    changed(state, flags, "enrollment-group")


def do_iot_dps_enrollment_update(state, flags):
    changed(state, flags, "enrollment")


def write(path, value):
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(value))
    fresh.rename(path)
