"""infra/aws/template.yaml: by cfn-lint, by sam, and what the transform of SAM makes of it."""

import json
import logging
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra/aws/template.yaml"
VENV = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "aws/bin"
# The transform asks boto3 which region it is in.
os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
OFFLINE = os.environ | {"SAM_CLI_TELEMETRY": "0"}
# The transform wants to send figures of itself to AWS, and says so for each that it keeps.
logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)


class ManagedPolicies:
    """What the transform asks IAM for; the template names none of them."""

    def load(self):
        return {}


def transformed(**parameters):
    template = yaml_parse(TEMPLATE.read_text())
    # `sam package` has uploaded target/lambda by then.
    template["Resources"]["Webhook"]["Properties"]["CodeUri"] = "s3://bucket/key"
    return transform(template, {"AWS::Region": "eu-west-1"} | parameters, ManagedPolicies())


class Template(unittest.TestCase):
    def check_silent(self, *command):
        ran = subprocess.run(command, cwd=ROOT, env=OFFLINE, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def test_cfn_lint_has_nothing_to_say(self):
        said = self.check_silent(str(VENV / "cfn-lint"), str(TEMPLATE), "--include-checks", "I")
        self.assertEqual(said, "")

    def test_sam_finds_it_valid(self):
        said = self.check_silent(
            str(VENV / "sam"), "validate", "--lint", "--template-file", str(TEMPLATE))
        self.assertIn("is a valid SAM Template", said)

    def test_cfn_lint_finds_what_is_wrong(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as wrong:
            wrong.write(TEMPLATE.read_text().replace("MemorySize: !Ref", "MemorySiz: !Ref"))
            wrong.flush()
            ran = subprocess.run([VENV / "cfn-lint", wrong.name], env=OFFLINE, capture_output=True,
                                 text=True, check=False)
        self.assertIn("'MemorySiz' was unexpected", ran.stdout)


class Transformed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = transformed()
        cls.resources = cls.template["Resources"]

    def properties(self, kind):
        return [it["Properties"] for it in self.resources.values() if it["Type"] == kind]

    def test_both_machines_work(self):
        for machine in ("x86_64", "arm64"):
            function = transformed(Architecture=machine)["Resources"]["Webhook"]
            self.assertEqual(function["Type"], "AWS::Lambda::Function")
            self.assertEqual(function["Properties"]["Architectures"], [{"Ref": "Architecture"}])
        [function] = self.properties("AWS::Lambda::Function")
        self.assertEqual((function["Runtime"], function["Handler"]), ("provided.al2023", "bootstrap"))
        allowed = yaml_parse(TEMPLATE.read_text())["Parameters"]["Architecture"]["AllowedValues"]
        self.assertEqual(allowed, ["x86_64", "arm64"])

    def test_the_function_url_is_open_and_the_function_is_not(self):
        [url] = self.properties("AWS::Lambda::Url")
        self.assertEqual(url["AuthType"], "NONE")
        public = [it for it in self.properties("AWS::Lambda::Permission") if it["Principal"] == "*"]
        # Since October 2025 a function URL takes both.
        self.assertEqual({it["Action"] for it in public},
                         {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"})
        for permission in public:
            only_by_url = permission.get("FunctionUrlAuthType") == "NONE" \
                or permission.get("InvokedViaFunctionUrl") is True
            self.assertTrue(only_by_url, permission)

    def test_the_http_api_comes_with_its_condition(self):
        of_api = {name for name, it in self.resources.items() if it.get("Condition") == "HasHttpApi"}
        self.assertEqual(of_api, {"Api", "ApiIntegration", "ApiRoute", "ApiStage", "ApiPermission"})
        [integration] = self.properties("AWS::ApiGatewayV2::Integration")
        self.assertEqual(integration["PayloadFormatVersion"], "2.0")

    def test_keys_come_from_one_version_of_the_secret_while_it_is_deployed(self):
        [function] = self.properties("AWS::Lambda::Function")
        variables = function["Environment"]["Variables"]
        for slot in ("ALLOCATE_KEY_1", "ALLOCATE_KEY_2", "OPERATOR_KEY_1", "OPERATOR_KEY_2"):
            reference = f"{{{{resolve:secretsmanager:${{KeysSecret}}:SecretString:{slot}::${{KeysVersion}}}}}}"
            self.assertEqual(variables[slot], {"Fn::Sub": reference})
        text = json.dumps(self.resources["Role"])
        self.assertNotIn("secretsmanager", text, "nothing is fetched at run time")

    def test_other_secrets_are_the_text_of_a_version_or_nothing(self):
        [function] = self.properties("AWS::Lambda::Function")
        variables = function["Environment"]["Variables"]
        for setting, secret in (("PolicyTables__clientSecret", "ClientSecret"),
                                ("OTEL_EXPORTER_OTLP_HEADERS", "OtlpHeaders"),
                                ("APPLICATIONINSIGHTS_CONNECTION_STRING", "ApplicationInsights"),
                                ("LOG_ID_KEY", "LogIdKey")):
            reference = f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString:::${{{secret}Version}}}}}}"
            self.assertEqual(variables[setting],
                             {"Fn::If": [f"Has{secret}", {"Fn::Sub": reference}, ""]})

    def test_outputs_hold_no_secret(self):
        outputs = json.dumps(self.template["Outputs"])
        for secret in ("resolve:", "_KEY_", "code=", "ClientSecret"):
            self.assertNotIn(secret, outputs)

    def test_no_parameter_is_a_secret(self):
        for name, it in self.template["Parameters"].items():
            is_secret = re.search("key|secret|password", name, re.IGNORECASE)
            named = name.endswith("Version") or "name of the secret" in it["Description"].lower()
            self.assertTrue(not is_secret or named or "version" in it["Description"].lower(), name)

    def test_the_role_may_write_its_log_and_say_who_it_is(self):
        [role] = self.properties("AWS::IAM::Role")
        self.assertNotIn("ManagedPolicyArns", role)
        log, identity = role["Policies"]
        [statement] = log["PolicyDocument"]["Statement"]
        self.assertEqual(statement["Resource"], {"Fn::GetAtt": ["Log", "Arn"]})
        condition, policy, otherwise = identity["Fn::If"]
        self.assertEqual((condition, otherwise), ("HasAwsRole", {"Ref": "AWS::NoValue"}))
        [statement] = policy["PolicyDocument"]["Statement"]
        self.assertEqual(statement["Action"], "sts:GetWebIdentityToken")
        self.assertIn("api://AzureADTokenExchange", json.dumps(statement["Condition"]))

    def test_every_setting_is_one_that_the_webhook_reads(self):
        [function] = self.properties("AWS::Lambda::Function")
        # It is generated from the code that reads them.
        page = (ROOT / "functions/SETTINGS.md").read_text()
        for name in function["Environment"]["Variables"]:
            self.assertIn(f"`{name}`", page)

    def test_alarms_watch_the_function(self):
        alarms = self.properties("AWS::CloudWatch::Alarm")
        self.assertEqual({it["MetricName"] for it in alarms},
                         {"Errors", "Throttles", "Duration", "Url5xxCount", "Unauthorized"})
        for alarm in alarms:
            if alarm["MetricName"] == "Unauthorized":
                continue
            self.assertEqual(alarm["Dimensions"], [{"Name": "FunctionName", "Value": {"Ref": "Webhook"}}])

    def test_an_alarm_reports_callers_without_a_key(self):
        [metric] = self.properties("AWS::Logs::MetricFilter")
        self.assertEqual(metric["LogGroupName"], {"Ref": "Log"})
        rejected = (ROOT / "functions/dps-webhook/src/rejected.rs").read_text()
        for written in ('TARGET: &str = "unauthorized"', "log: TARGET", "allocate: u64"):
            self.assertIn(written, rejected)
        self.assertEqual(metric["FilterPattern"], '{ $.log = "unauthorized" && $.allocate > 0 }')
        [transformation] = metric["MetricTransformations"]
        self.assertEqual(transformation["MetricValue"], "$.allocate")
        alarms = self.properties("AWS::CloudWatch::Alarm")
        [alarm] = [it for it in alarms if it["MetricName"] == transformation["MetricName"]]
        self.assertEqual(alarm["Namespace"], transformation["MetricNamespace"])


if __name__ == "__main__":
    unittest.main()
