"""SDKs of Azure IoT, as they are: devices register, connect to the hub that they are given, and read its twin."""

import unittest

from local import HERE, HUBS, TARGET, Local, derived

PYTHON = [str(TARGET / "devices-python/bin/python"), str(HERE / "python/device.py")]
NODE = ["node", str(HERE / "node/device.js")]


class Sdks(Local):
    def check(self, *command, **device):
        """A device registers, and again for the other hub: its twin says so, as it begins again or moves with it."""
        for hub, substatus in ((1, "initialAssignment"), (0, "deviceDataMigrated")):
            got = self.run_sdk(*command, payload={"hub": hub}, **device)
            self.assertEqual(got["hub"], HUBS[hub], got)
            self.assertEqual(got["substatus"], substatus)
            self.assertEqual(got["payload"], {"welcome": HUBS[hub]})
            self.assertEqual(got["desired"]["placedOn"], HUBS[1], "the twin is migrated")

    def test_python_mqtt_key(self):
        self.check(*PYTHON, registrationId="py-key", key=derived("py-key"), transport="mqtt")

    def test_python_mqtt_certificate(self):
        self.check(*PYTHON, registrationId="py-x509", transport="mqtt", **self.certificate("py-x509"))

    def test_python_websocket_key(self):
        self.check(*PYTHON, registrationId="py-ws", key=derived("py-ws"), transport="mqtt-ws")

    def test_python_websocket_certificate(self):
        self.check(*PYTHON, registrationId="py-ws-x509", transport="mqtt-ws", **self.certificate("py-ws-x509"))

    def test_node_websocket_key(self):
        self.check(*NODE, registrationId="node-ws", key=derived("node-ws"), transport="mqtt-ws")

    def test_node_mqtt_key(self):
        self.check(*NODE, registrationId="node-mqtt-key", key=derived("node-mqtt-key"), transport="mqtt")

    def test_node_mqtt_certificate(self):
        self.check(*NODE, registrationId="node-mqtt-x509", transport="mqtt", **self.certificate("node-mqtt-x509"))

    def test_node_http_key(self):
        self.check(*NODE, registrationId="node-http-key", key=derived("node-http-key"), transport="http")

    def test_node_http_certificate(self):
        self.check(*NODE, registrationId="node-http-x509", transport="http", **self.certificate("node-http-x509"))

    def test_node_amqp_key(self):
        self.check(*NODE, registrationId="node-amqp-key", key=derived("node-amqp-key"), transport="amqp")

    def test_node_amqp_certificate(self):
        self.check(*NODE, registrationId="node-amqp-x509", transport="amqp", **self.certificate("node-amqp-x509"))

    def test_node_amqp_websocket_key(self):
        self.check(*NODE, registrationId="node-amqp-ws", key=derived("node-amqp-ws"), transport="amqp-ws")

    def test_node_amqp_websocket_certificate(self):
        identity = self.certificate("node-amqp-ws-x509")
        self.check(*NODE, registrationId="node-amqp-ws-x509", transport="amqp-ws", **identity)

    def test_a_wrong_key_is_refused(self):
        wrong = derived("another")
        for command, transport, error in ((PYTHON, "mqtt", "ClientError"), (NODE, "mqtt", "UnauthorizedError"),
                                          (NODE, "http", "UnauthorizedError"),
                                          (NODE, "amqp", "amqp:unauthorized-access")):
            got = self.run_sdk(*command, registrationId="wrong", key=wrong, transport=transport)
            self.assertEqual(got, {"refused": error})

    def test_what_the_webhook_refuses_fails(self):
        for command, transport, error in ((PYTHON, "mqtt", "ClientError"),
                                          (NODE, "mqtt", "ProvisioningRegistrationFailedError"),
                                          (NODE, "amqp", "ProvisioningRegistrationFailedError")):
            got = self.run_sdk(*command, registrationId="refused", key=derived("refused"), transport=transport,
                               payload={"status": 404})
            self.assertEqual(got, {"refused": error})

    def test_node_service(self):
        got = self.run_sdk("node", str(HERE / "node/operator.js"))
        self.assertEqual(got, {"tags": {"made": "by Node"}, "etag": True, "keyLength": 88, "listed": ["from-node"],
                               "groups": 1, "more": True})


if __name__ == "__main__":
    unittest.main()
