// The suffix rule of Microsoft's tutorial, as a function app in JavaScript would hold it:
// https://learn.microsoft.com/azure/iot-dps/tutorial-custom-allocation-policies

const TOASTER_HUB = "contoso-fleet-hub-0016.azure-devices.net";
const HEAT_PUMP_HUB = "contoso-fleet-hub-0017.azure-devices.net";

const PAYLOAD = {
  site: "breakroom",
  timeServer: "time.contoso.example",
  telemetryEndpoint: "telemetry.contoso.example:8883",
  support: "https://support.contoso.example/toasters/tstr-007",
  telemetryIntervalSeconds: 60,
  reportFirmware: true,
};

/** The hub and the twin for an allocation request, or `{ refused }` with the reason. */
export function allocate(request) {
  const registrationId = request.deviceRuntimeContext?.registrationId;
  if (!registrationId) return { refused: "registration id not provided for the device" };
  const hubs = request.linkedHubs;
  if (!hubs) return { refused: "no hub group defined for the enrollment" };

  if (registrationId.includes("-contoso-tstrsd-")) {
    const desired = { state: "ready", darknessSetting: "medium" };
    return assign(hubs, TOASTER_HUB, { deviceType: "toaster" }, desired);
  }
  if (registrationId.includes("-contoso-hpsd-")) {
    const desired = { state: "on", temperatureSetting: "65" };
    return assign(hubs, HEAT_PUMP_HUB, { deviceType: "heatpump" }, desired);
  }
  return { refused: "unrecognized device registration" };
}

function assign(hubs, wanted, tags, desired) {
  const hub = hubs.find((name) => name === wanted);
  if (!hub) return { refused: `\`${wanted}\` is not linked` };
  return {
    iotHubHostName: hub,
    initialTwin: { tags, properties: { desired } },
    payload: PAYLOAD,
  };
}
