"""A device with the SDK for Python: registers, connects to its hub, reads its twin, reports, sends a message."""

import json
import socket
import sys

from azure.iot.device import IoTHubDeviceClient, ProvisioningDeviceClient, X509

device = json.loads(sys.argv[1])
look_up = socket.getaddrinfo


def look_up_locally(host, port, *arguments, **options):
    """What a line of /etc/hosts would do; and 443 would need root."""
    if not str(host).endswith(".net"):
        return look_up(host, port, *arguments, **options)
    return look_up(device["address"], device["httpsPort"] if port == 443 else port, *arguments, **options)


socket.getaddrinfo = look_up_locally
with open(device["ca"]) as file:
    trust = {"server_verification_cert": file.read()}
ways = {"websockets": device["transport"] == "mqtt-ws"}
if "key" in device:
    kind, credential = "symmetric_key", {"symmetric_key": device["key"]}
else:
    kind, credential = "x509_certificate", {"x509": X509(device["certificate"], device["certificateKey"])}

client = getattr(ProvisioningDeviceClient, f"create_from_{kind}")(
    provisioning_host="global.azure-devices-provisioning.net", registration_id=device["registrationId"],
    id_scope=device["idScope"], **credential, **trust, **ways)
if "payload" in device:
    client.provisioning_payload = device["payload"]
try:
    result = client.register()
except Exception as error:
    print(json.dumps({"refused": type(error).__name__}))
    sys.exit()
state = result.registration_state
hub = getattr(IoTHubDeviceClient, f"create_from_{kind}")(
    hostname=state.assigned_hub, device_id=state.device_id, **credential, **trust, **ways)
hub.connect()
hub.patch_twin_reported_properties({"firmware": "1.0"})
twin = hub.get_twin()
hub.send_message("hello")
hub.shutdown()
print(json.dumps({
    "hub": state.assigned_hub, "substatus": state.sub_status, "payload": json.loads(state.response_payload),
    "desired": twin["desired"], "reported": twin["reported"]}))
