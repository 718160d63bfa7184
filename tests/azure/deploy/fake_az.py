"""Stands in for the Azure CLI: keeps groups, apps, keys and enrollments in a folder.

Takes no command and no flag that the real CLI does not have (az_commands.json). An app is the stand-in
of the Functions host with the webhook behind it, started by `config-zip` from the zip that it is given.
"""

import base64
import fcntl
import json
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import fake_dps
from fake_dps import FOLDER, Refused, write

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = json.loads(Path(__file__).with_name("az_commands.json").read_text())["commands"]
EVERYWHERE = {"--only-show-errors", "--output", "-o", "--subscription"}
ID = "00000000-0000-0000-0000-00000000aaaa"
BARE = {"--only-show-errors", "--yes"}


def main(arguments):
    command, flags = parsed(arguments)
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = json.loads((FOLDER / "state.json").read_text())
        state["commands"].append([command, *sorted(flags)])
        # Without a subscription, the one that is current at that moment would count. A token acts on
        # the storage account of its request only, whatever is current.
        if command not in ("account show", "account get-access-token") and flags.get("--subscription") != ID:
            raise Refused(f"{command} names no subscription")
        name = "do_" + command.replace(" ", "_").replace("-", "_")
        answer = (globals().get(name) or getattr(fake_dps, name))(state, flags)
        write(FOLDER / "state.json", state)
    if answer is not None:
        print(json.dumps(answer))


def parsed(arguments):
    """The command and its flags, if the real CLI takes them; `@file` is what the file says."""
    words = [it for it in arguments[:next((i for i, a in enumerate(arguments) if a.startswith("-")), None)]]
    command = " ".join(words)
    if command not in COMMANDS:
        raise Refused(f"'{command}' is misspelled or not recognized by the system.")
    known, flags, at = COMMANDS[command], {}, len(words)
    while at < len(arguments):
        flag = arguments[at]
        if flag not in known["flags"] and flag not in EVERYWHERE:
            raise Refused(f"unrecognized arguments: {flag}")
        values = []
        at += 1
        while at < len(arguments) and not arguments[at].startswith("--"):
            values.append(arguments[at])
            at += 1
        if bool(values) == (flag in BARE):
            raise Refused(f"argument {flag}: expected {'no' if values else 'one'} argument")
        texts = [Path(it[1:]).read_text() if it.startswith("@") else it for it in values]
        flags[flag] = texts if len(texts) > 1 else texts[0] if texts else True
    missing = [it for it in known["required"] if it not in flags]
    if missing:
        raise Refused(f"the following arguments are required: {', '.join(missing)}")
    return command, flags


def do_account_show(state, _):
    user = {"type": state.get("userType", "user"), "name": "somebody@example.org"}
    return {"id": ID, "name": "a test", "user": user}


def do_ad_signed_in_user_show(*_):
    return {"id": "11111111-1111-1111-1111-111111111111"}


def do_account_get_access_token(*_):
    """A token as Microsoft Entra writes them, unsigned: Azurite reads who it is for, and until when."""
    now, tenant = int(time.time()), "22222222-2222-2222-2222-222222222222"
    claims = {"aud": "https://storage.azure.com", "iss": f"https://sts.windows.net/{tenant}/",
              "iat": now - 60, "nbf": now - 60, "exp": now + 3600, "tid": tenant, "ver": "1.0"}
    part = [base64.urlsafe_b64encode(json.dumps(it).encode()).decode().rstrip("=")
            for it in ({"alg": "none", "typ": "JWT"}, claims)]
    return {"accessToken": f"{part[0]}.{part[1]}.AA", "expires_on": now + 3600, "tenant": tenant,
            "expiresOn": "2099-01-01 00:00:00.000000", "tokenType": "Bearer"}


def do_extension_show(state, flags):
    if flags["--name"] not in state["extensions"]:
        raise Refused("The extension azure-iot is not installed. Please install the extension via "
                      "`az extension add -n azure-iot`.")
    return {"name": flags["--name"]}


def do_group_exists(state, flags):
    return flags["--name"] in state["groups"]


def do_group_show(state, flags):
    if flags["--name"] not in state["groups"]:
        raise Refused(f"(ResourceGroupNotFound) Resource group '{flags['--name']}' could not be found.")
    return state["groups"][flags["--name"]]


def do_group_create(state, flags):
    tags = dict([flags["--tags"].split("=")]) if "--tags" in flags else {}
    state["groups"][flags["--name"]] = {"location": flags["--location"], "tags": tags, "apps": {}}


def do_group_delete(state, flags):
    group = state["groups"].pop(flags["--name"])
    for app in group["apps"].values():
        stop(app, state["url"])


def do_resource_list(state, flags):
    apps = state["groups"][flags["--resource-group"]]["apps"]
    return [{"type": "Microsoft.Web/sites", "name": name} for name in apps]


def do_deployment_group_create(state, flags):
    group = state["groups"][flags["--resource-group"]]
    if not Path(flags["--template-file"]).is_file():
        raise Refused("the template file is not there")
    parameters = flags["--parameters"]
    group["parameters"] = parameters if isinstance(parameters, list) else [parameters]
    group["apps"].setdefault("app", {})
    make_tables(state)
    values = {"functionApp": "app", "url": state["url"], "tableServiceUri": state["tables"],
              "tablePrefix": state["prefix"]}
    return {"properties": {"outputs": {name: {"type": "String", "value": it} for name, it in values.items()}}}


def make_tables(state):
    """The tables of modules/storage.bicep."""
    text = (ROOT / "infra/azure/modules/storage.bicep").read_text()
    names = re.search(r"configTables = \[(.*)\]", text)[1].replace("'", "").split(", ")
    names.append(re.search(r"revisionsTable = '(.*)'", text)[1])
    trusted = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    open_url = build_opener(ProxyHandler({}), HTTPSHandler(context=trusted)).open
    token = do_account_get_access_token()["accessToken"]
    for name in names:
        body = json.dumps({"TableName": state["prefix"] + name}).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json",
                   "Accept": "application/json;odata=nometadata", "x-ms-version": "2019-02-02"}
        try:
            open_url(Request(f"{state['tables']}/Tables", body, headers), timeout=60).close()
        except HTTPError as refusal:
            if refusal.code != 409:  # it is there
                raise


def do_functionapp_show(state, flags):
    app_of(state, flags)
    return {"properties": {"defaultHostName": state["url"].removeprefix("http://")}}


def do_functionapp_deployment_source_config_zip(state, flags):
    app = app_of(state, flags)
    stop(app, state["url"])
    # A fresh one: a program that still ends cannot be written over.
    root = Path(tempfile.mkdtemp(prefix="wwwroot-", dir=FOLDER))
    with zipfile.ZipFile(flags["--src"]) as archive:
        for entry in archive.infolist():
            os.chmod(archive.extract(entry, root), entry.external_attr >> 16 & 0o777)
    if not (FOLDER / "keys.json").exists():
        made = {name: {"default": secrets.token_urlsafe(40)} for name in ("allocate", "explain", "policy")}
        write(FOLDER / "keys.json", {"functions": made})
    port = state["url"].rsplit(":", 1)[1]
    command = [state["host"], "--script-root", root, "--port", port, "--auth-keys", FOLDER / "keys.json"]
    command += [it for name, value in state["settings"].items() for it in ("--setting", f"{name}={value}")]
    log = open(FOLDER / "host.log", "ab")
    app["pid"] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  start_new_session=True).pid
    # Its functions are known a little later.
    app["new"] = True


def do_functionapp_function_keys_list(state, flags):
    app = app_of(state, flags)
    if app.pop("new", False):
        write(FOLDER / "state.json", state)
        raise Refused("Operation returned an invalid status 'Bad Request'")
    return keys()["functions"][flags["--function-name"]]


def do_functionapp_function_keys_set(state, flags):
    app_of(state, flags)
    known = keys()
    value = flags.get("--key-value") or secrets.token_urlsafe(40) + "=="
    known["functions"][flags["--function-name"]][flags["--key-name"]] = value
    write(FOLDER / "keys.json", known)
    return {"name": flags["--key-name"], "value": None}


def do_functionapp_function_keys_delete(state, flags):
    app_of(state, flags)
    known = keys()
    if known["functions"][flags["--function-name"]].pop(flags["--key-name"], None) is None:
        raise Refused("(NotFound) no such key")
    write(FOLDER / "keys.json", known)


def app_of(state, flags):
    group = state["groups"].get(flags["--resource-group"], {"apps": {}})
    if flags["--name"] not in group["apps"]:
        raise Refused(f"(ResourceNotFound) The Resource '{flags['--name']}' was not found.")
    return group["apps"][flags["--name"]]


def stop(app, url):
    """The app ends as at a scale-in; only the process that was started here is told."""
    pid = app.pop("pid", None)
    if not pid:
        return
    os.kill(pid, signal.SIGTERM)
    address = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(address) != 0:
                return
        time.sleep(0.05)


def keys():
    return json.loads((FOLDER / "keys.json").read_text())


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as reason:
        sys.exit(f"ERROR: {reason}")
