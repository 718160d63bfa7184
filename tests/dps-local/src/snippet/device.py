# A device that registers and connects to its hub over MQTT. It needs: pip install azure-iot-device
from azure.iot.device import IoTHubDeviceClient, ProvisioningDeviceClient

key = "{{deviceKey}}"
# Names of Azure do not lead to this machine.
local = {"gateway_hostname": "{{address}}", "server_verification_cert": open("{{authority}}").read()}

client = ProvisioningDeviceClient.create_from_symmetric_key(
    provisioning_host="global.azure-devices-provisioning.net", registration_id="{{registrationId}}",
    id_scope="{{idScope}}", symmetric_key=key, **local)
state = client.register().registration_state
print(state.device_id, "is assigned to", state.assigned_hub)

hub = IoTHubDeviceClient.create_from_symmetric_key(
    symmetric_key=key, hostname=state.assigned_hub, device_id=state.device_id, **local)
hub.connect()
print("its twin is", hub.get_twin())
hub.send_message("hello")
hub.shutdown()
