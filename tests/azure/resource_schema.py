"""Holds resources of templates against the published schemas of Azure Resource Manager.

There is no Bicep compiler in the registries that tests may use. Microsoft generates the packages
azure-mgmt-* from the same specifications as the compiler's own types, one package version for an API
version; what a resource may have is read from their models.
"""

import importlib
import inspect
import re
from enum import EnumMeta

# Resource type: module of the models, model, and the module that states the API version.
MODELS = {
    "Microsoft.Authorization/roleAssignments": (
        "authorization.v2022_04_01", "RoleAssignmentCreateParameters", "_configuration"),
    "Microsoft.Devices/provisioningServices": (
        "iothubprovisioningservices", "ProvisioningServiceDescription", "_configuration"),
    "Microsoft.Insights/components": (
        "applicationinsights.v2020_02_02", "ApplicationInsightsComponent",
        "operations._components_operations"),
    "Microsoft.Insights/scheduledQueryRules": (
        "monitor", "ScheduledQueryRuleResource", "operations._scheduled_query_rules_operations"),
    "Microsoft.Insights/workbooks": (
        "applicationinsights.v2023_06_01", "Workbook", "operations._workbooks_operations"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": (
        "msi.v2024_11_30", "Identity", "_configuration"),
    "Microsoft.OperationalInsights/workspaces": ("loganalytics", "Workspace", "_configuration"),
    "Microsoft.Storage/storageAccounts": (
        "storage", "StorageAccountCreateParameters", "_configuration"),
    "Microsoft.Storage/storageAccounts/blobServices": (
        "storage", "BlobServiceProperties", "_configuration"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": (
        "storage", "BlobContainer", "_configuration"),
    "Microsoft.Storage/storageAccounts/tableServices": (
        "storage", "TableServiceProperties", "_configuration"),
    "Microsoft.Storage/storageAccounts/tableServices/tables": (
        "storage", "Table", "_configuration"),
    "Microsoft.Web/serverfarms": ("web", "AppServicePlan", "_configuration"),
    "Microsoft.Web/sites": ("web", "Site", "_configuration"),
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": (
        "web", "CsmPublishingCredentialsPoliciesEntity", "_configuration"),
}
# What Azure answers for a resource, where that is another model than what it takes.
ANSWERS = {"Microsoft.Storage/storageAccounts": "StorageAccount"}

# Said of every resource, not of its schema.
EVERYWHERE = {"name", "type", "apiVersion", "parent", "scope", "dependsOn"}
SIMPLE = {"str": str, "bool": bool, "int": int, "float": (int, float)}


class Schema:
    """What an object may have, from the model of that name."""

    def __init__(self, models, name):
        self.models = models
        self.model = getattr(models, name)
        self.members = {}
        rules = getattr(self.model, "_validation", {})
        enums = enumerations(self.model, models)
        for attribute, mapped in self.model._attribute_map.items():
            *above, last = re.split(r"(?<!\\)\.", mapped["key"])
            members = self.members
            for name in above:
                members = members.setdefault(name, {})
            rule = rules.get(attribute, {})
            members[last.replace("\\.", ".")] = (mapped["type"], rule, enums.get(attribute))

    def problems(self, where, value, is_expression):
        yield from self._object(where, self.members, value, is_expression)

    def _object(self, where, members, value, is_expression):
        if not isinstance(value, dict):
            if not is_expression(value):
                yield f"{where}: `{value}` is not an object"
            return
        for name, inner in value.items():
            if name in members:
                yield from self._member(f"{where}.{name}", members[name], inner, is_expression)
            else:
                yield f"{where}: `{name}` is not a property; there are {', '.join(sorted(members))}"
        for name, member in members.items():
            if isinstance(member, tuple) and required(member[1]) and name not in value:
                yield f"{where}: the required `{name}` is missing"

    def _member(self, where, member, value, is_expression):
        if isinstance(member, dict):
            yield from self._object(where, member, value, is_expression)
            return
        kind, rule, choices = member
        if rule.get("readonly"):
            yield f"{where}: only Azure sets it"
        elif not is_expression(value):
            yield from self._typed(where, kind, choices, value, is_expression)
        else:
            for inner in branches(value):
                looped = kind.startswith("[") and isinstance(inner, dict)
                inner_kind = kind[1:-1] if looped else kind
                yield from self._typed(where, inner_kind, choices, inner, is_expression)

    def _typed(self, where, kind, choices, value, is_expression):
        if kind.startswith("["):
            if not isinstance(value, list):
                yield f"{where}: `{value}` is not an array"
                return
            for index, item in enumerate(value):
                if not is_expression(item):
                    inner = f"{where}[{index}]"
                    yield from self._typed(inner, kind[1:-1], choices, item, is_expression)
        elif kind.startswith("{"):
            if not isinstance(value, dict):
                yield f"{where}: `{value}` is not an object"
                return
            for name, item in value.items():
                if not is_expression(item):
                    yield from self._typed(f"{where}.{name}", kind[1:-1], choices, item, is_expression)
        elif choices and value not in choices:
            yield f"{where}: `{value}` is none of {', '.join(sorted(choices))}"
        elif kind in SIMPLE:
            if not isinstance(value, SIMPLE[kind]) or (kind == "int" and isinstance(value, bool)):
                yield f"{where}: `{value}` is no {kind}"
        elif hasattr(self.models, kind) and not isinstance(getattr(self.models, kind), EnumMeta):
            yield from Schema(self.models, kind).problems(where, value, is_expression)


def branches(value):
    """The objects and arrays within a value that is computed: of a loop, of `a ? b : c`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("true_value", "false_value", "config") and isinstance(inner, (dict, list)):
                yield inner
            elif name in ("operator", "operands", "operand_2"):
                yield from branches(inner)


def required(rule):
    return rule.get("required") and not rule.get("readonly")


def enumerations(model, models):
    """The values of the attributes that are one of a few, from the types of the constructor."""
    found = {}
    for attribute, kind in model.__init__.__annotations__.items():
        for name in re.findall(r"_models\.(\w+)", str(kind)):
            values = getattr(models, name, None)
            if isinstance(values, EnumMeta):
                found[attribute] = {item.value for item in values}
    return found


def models_of(kind):
    return importlib.import_module(f"azure.mgmt.{MODELS[kind][0]}.models")


def knows(kind, version):
    """Whether the installed package is of that API version."""
    package, _, stated = MODELS[kind]
    source = inspect.getsource(importlib.import_module(f"azure.mgmt.{package}.{stated}"))
    return f'"{version}"' in source


def problems(kind, version, body, is_expression):
    """What is wrong with a resource: its type, API version, and everything that it says."""
    if kind not in MODELS:
        return [f"{kind}: no schema; add the type to MODELS and its package to requirements.txt"]
    if not knows(kind, version):
        return [f"{kind}: the pinned package has another API version than {version}"]
    schema = Schema(models_of(kind), MODELS[kind][1])
    said = {name: value for name, value in body.items() if name not in EVERYWHERE}
    return list(schema.problems(kind, said, is_expression))


def answers(kind, path):
    """Whether Azure answers a property of that path, such as `properties.principalId`."""
    models = models_of(kind)
    members = Schema(models, ANSWERS.get(kind, MODELS[kind][1])).members
    for name in path.split("."):
        if isinstance(members, tuple):
            inner = members[0]
            if not hasattr(models, inner):
                return False
            members = Schema(models, inner).members
        if name not in members:
            return False
        members = members[name]
    return True
