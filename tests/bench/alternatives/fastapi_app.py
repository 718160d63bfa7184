"""A custom handler on FastAPI: uvicorn with uvloop and httptools, one worker, no access log."""

import os

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

TOASTER_HUB = "contoso-fleet-hub-0016.azure-devices.net"
HEAT_PUMP_HUB = "contoso-fleet-hub-0017.azure-devices.net"

PAYLOAD = {
    "site": "breakroom",
    "timeServer": "time.contoso.example",
    "telemetryEndpoint": "telemetry.contoso.example:8883",
    "support": "https://support.contoso.example/toasters/tstr-007",
    "telemetryIntervalSeconds": 60,
    "reportFirmware": True,
}

app = FastAPI()


@app.get("/")
async def ready():
    return Response()


@app.post("/api/allocate")
async def allocate(request: Request):
    """The suffix rule of Microsoft's tutorial, see `sample.mjs`."""
    body = await request.json()
    registration_id = body.get("deviceRuntimeContext", {}).get("registrationId")
    if not registration_id:
        return refused("registration id not provided for the device")
    hubs = body.get("linkedHubs")
    if not hubs:
        return refused("no hub group defined for the enrollment")

    if "-contoso-tstrsd-" in registration_id:
        desired = {"state": "ready", "darknessSetting": "medium"}
        return assign(hubs, TOASTER_HUB, {"deviceType": "toaster"}, desired)
    if "-contoso-hpsd-" in registration_id:
        desired = {"state": "on", "temperatureSetting": "65"}
        return assign(hubs, HEAT_PUMP_HUB, {"deviceType": "heatpump"}, desired)
    return refused("unrecognized device registration")


def assign(hubs, wanted, tags, desired):
    if wanted not in hubs:
        return refused(f"`{wanted}` is not linked")
    twin = {"tags": tags, "properties": {"desired": desired}}
    return JSONResponse({"iotHubHostName": wanted, "initialTwin": twin, "payload": PAYLOAD})


def refused(reason):
    return JSONResponse({"refused": reason}, status_code=400)


if __name__ == "__main__":
    port = int(os.environ["FUNCTIONS_CUSTOMHANDLER_PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
