"""Lists what is linked into a program, as CycloneDX JSON (https://cyclonedx.org/docs/1.6/json)."""

import json
import subprocess
import tomllib


def bill_of_materials(root, package, target):
    """The crates that a package links on a target, with licence and checksum; the same input, the same text."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, cwd=root, check=True, capture_output=True).stdout)
    crates = {it["id"]: it for it in metadata["packages"]}
    nodes = {it["id"]: it for it in metadata["resolve"]["nodes"]}
    (top,) = [it["id"] for it in metadata["packages"] if it["name"] == package]
    linked, left = set(), [top]
    while left:
        crate = left.pop()
        if crate in linked:
            continue
        linked.add(crate)
        left += [it["pkg"] for it in nodes[crate]["deps"] if any(kind["kind"] is None for kind in it["dep_kinds"])]
    locked = tomllib.loads((root / "Cargo.lock").read_text())["package"]
    checksums = {(it["name"], it["version"]): it.get("checksum") for it in locked}
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": component(crates[top], checksums, "application")},
        "components": [component(it, checksums, "library") for it in
                       sorted((crates[it] for it in linked - {top}), key=lambda it: (it["name"], it["version"]))],
    }
    return json.dumps(document, indent=1).encode() + b"\n"


def component(crate, checksums, kind):
    name, version = crate["name"], crate["version"]
    found = {"type": kind, "name": name, "version": version, "bom-ref": f"{name}@{version}"}
    if crate["source"]:
        found["purl"] = f"pkg:cargo/{name}@{version}"
    if crate["license"]:
        # Some crates still write `MIT/Apache-2.0`, which is not an SPDX expression.
        found["licenses"] = [{"expression": crate["license"].replace("/", " OR ")}]
    if checksum := checksums.get((name, version)):
        found["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return found
