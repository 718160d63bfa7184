"""The pages of `--report` in headless Chromium: what people see, and that it is what `--json` says.

Each page is seen on a phone, a small and a large screen, in light and dark mode, and on paper.
"""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from browser import Browser

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PROGRAM = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "dps-policy"
MEASURE = (HERE / "measure.js").read_text()
SCREENS = [(width, scheme, "screen") for width in (360, 800, 1400) for scheme in ("light", "dark")]
# A4 within the margins of a browser.
PAPER = [(718, scheme, "print") for scheme in ("light", "dark")]
CLOUD = ".azure-devices.net"

# What a page says, without what only programs see.
SAID = """(() => {
  const all = (selector, read) => [...document.querySelectorAll(selector)].map(read);
  const cells = row => [...row.cells].map(cell => cell.textContent);
  const section = heading => [...document.querySelectorAll("section")]
    .find(it => it.querySelector("h2").textContent === heading);
  return {
    title: document.title,
    numbers: Object.fromEntries(all("[data-number]", it => [it.dataset.number, it.textContent])),
    hubs: all(".bars > [data-hub]", it => ({...it.dataset, text: it.innerText, widths:
      [...it.querySelectorAll("rect")].map(bar => bar.getBoundingClientRect().width)})),
    flows: all(".flow", it => ({...it.dataset})),
    ends: all(".flows li", it => it.innerText.replaceAll("\\n", " ")),
    regions: all("[data-region]", it => ({...it.dataset})),
    tables: Object.fromEntries(all("h2", it => [it.textContent,
      [...section(it.textContent).querySelectorAll("tbody tr")].map(cells)])),
    scripts: document.scripts.length,
    handlers: all("*", it => [...it.attributes].filter(has => has.name.startsWith("on")).length)
      .reduce((sum, it) => sum + it, 0),
  };
})()"""

LOAD = """(() => {
  const all = (selector, read) => [...document.querySelectorAll(selector)].map(read);
  return {
    numbers: Object.fromEntries(all("[data-number]", it => [it.dataset.number, it.textContent])),
    charts: all("figure", it => ({hub: it.dataset.hub, text: it.innerText, capacity: !!it.querySelector(".capacity"),
      line: it.querySelector(".line").getAttribute("d")})),
    table: all("section:last-of-type tbody tr", row => [...row.cells].map(cell => cell.textContent)),
    scripts: document.scripts.length, handlers: 0,
  };
})()"""


def run(*arguments, code=0):
    """What the tool answers as JSON."""
    command = [PROGRAM, *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != code:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr}{done.stdout[:500]}")
    return json.loads(done.stdout)


def day(time):
    """A time as pages write it."""
    return time[:16].removesuffix("T00:00") if time else ""


def number(text):
    return int(text.replace(",", ""))


def short(host):
    return host.removesuffix(CLOUD)


def write(folder, tables):
    folder.mkdir()
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(["PartitionKey,RowKey," + lines[0], *lines[1:]]) + "\n")
    return folder


def large(folder, state, name="fleet"):
    """Fifty hubs with long names in all regions of a list, a thousand tenants, and texts that HTML would obey."""
    regions = ["westeurope", "northeurope", "uksouth", "francecentral", "germanywestcentral", "swedencentral",
               "norwayeast", "eastus", "eastus2", "centralus", "westus2", "westus3", "southeastasia", "japaneast",
               "koreacentral", "australiaeast", "brazilsouth", "southafricanorth", "uaenorth", "-89.9,179.9"]
    hubs = [f"hub,{name}-{'of-a-very-long-name-' * 2}{hub:02}{CLOUD},\"{regions[hub % 20]}\",\"<b>&'{hub % 3}\",all,"
            f"{state if hub < 20 else 'open'}" for hub in range(50)]
    tenants = [f"tenant,tenant-{number:04}{'-long' * 10},weighted" for number in range(1000)]
    return write(folder, {
        "hubs": ["region,geography,pools,state", *hubs], "tenants": ["placement", *tenants],
        "enrollments": ["tenants", "enrollment,factory,*"],
        "rules": ["when,refuse", "*,\u05d0\u05d1<script>alert(1)</script>,\"registrationId == '</td><script>'\",true"]})


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        kept = tempfile.TemporaryDirectory()
        cls.addClassCleanup(kept.cleanup)
        cls.folder = Path(kept.name)

    def page(self, name):
        return self.folder / f"{name}.html"

    def look(self, page, said=SAID):
        """What a page says, after it was seen in every way."""
        self.browser.open(page)
        for width, scheme, media in SCREENS + PAPER:
            self.browser.show(width, scheme, media)
            with self.subTest(page=page.name, width=width, scheme=scheme, media=media):
                self.assertEqual(self.browser.value(MEASURE), [])
        self.assertTrue(self.browser.printed().startswith(b"%PDF"))
        self.assertEqual(self.browser.requested, [page.as_uri()], "it asks for nothing from elsewhere")
        self.browser.show(800)
        said = self.browser.value(said)
        self.assertEqual((said["scripts"], said["handlers"]), (0, 0))
        return said

    def compare(self, said, found):
        """The numbers of a page with those of `--json`."""
        summary = found["summary"]
        shown = {name: number(text) for name, text in said["numbers"].items()}
        self.assertEqual(shown, {name: summary[name] for name in shown})
        always = {"moved", "devices", "leastMoves", "refused", "accepted", "twinDiffers", "undecidable",
                  "acrossResidency"}
        self.assertEqual(set(shown), always | {name for name, count in summary.items() if count})
        hubs = [hub for hub in found["load"] if hub["before"] + hub["after"] or hub["weight"] is not None]
        most = max((max(hub["before"], hub["after"]) for hub in hubs), default=0)
        self.assertEqual(len(said["hubs"]), len(hubs) if most else 0)
        longest = max((max(it["widths"]) for it in said["hubs"]), default=0)
        for it, hub in zip(said["hubs"], hubs):
            counts = [hub["before"], hub["after"]]
            self.assertEqual([it["hub"], int(it["before"]), int(it["after"])], [hub["hub"], *counts])
            for word, count in zip(["before", "after"], counts):
                self.assertIn(f"{word} {count:,}", it["text"])
            self.assertIn(short(hub["hub"]), it["text"].replace("\n", ""))
            for width, count in zip(it["widths"], counts):
                self.assertAlmostEqual(width, longest * count / most, delta=1.5)
        self.assertEqual(*self.flows(said, found))
        regions = {}
        for hub in found["load"]:
            before, after = regions.get(hub["region"], (0, 0))
            regions[hub["region"]] = before + hub["before"], after + hub["after"]
        regions = {region: counts for region, counts in regions.items() if any(counts)}
        self.assertEqual({it["region"]: (int(it["before"]), int(it["after"])) for it in said["regions"]}, regions)
        listed = said["tables"].get("Regions", [])
        self.assertEqual({row[1]: (number(row[2]), number(row[3])) for row in listed}, regions)
        groups = [[group["change"], short(group["from"]), short(group["to"]), group["tenant"] or "",
                   f"{group['devices']:,}", group["row"] or ""] for group in found["groups"][:50]]
        listed = said["tables"].get("Devices that change alike", [])
        self.assertEqual([row[:6] for row in listed], groups)
        faults = [[it["file"], str(it["line"])] for it in found["faults"]]
        self.assertEqual([row[:2] for row in said["tables"].get("Lines that are not devices", [])], faults)

    def flows(self, said, found):
        """The sizes of those that are drawn, and of the largest of `--json`."""
        flows = {}
        for group in found["groups"]:
            if group["change"] == "moved":
                ends = group["from"], group["to"]
                flows[ends] = flows.get(ends, 0) + group["devices"]
        drawn = {(it["from"], it["to"]): int(it["devices"]) for it in said["flows"]}
        self.assertEqual(drawn, {ends: flows[ends] for ends in drawn})
        for at in range(2):
            for hub in {ends[at] for ends in drawn}:
                devices = sum(count for ends, count in drawn.items() if ends[at] == hub)
                is_said = [text for text in said["ends"] if text.startswith(f"{short(hub)} {devices:,}")]
                self.assertTrue(is_said, f"{hub} {devices} in {said['ends']}")
        return sorted(drawn.values(), reverse=True), sorted(flows.values(), reverse=True)[:24]

    def test_the_starter_tables_at_two_dates(self):
        page = self.page("starter")
        found = run("preview", "infra/policy", "infra/policy", "--synthetic", "1000", "--at", "2026-11-01", "--at",
                    "2027-01-01", "--report", page)
        said = self.look(page)
        self.compare(said, found)
        self.assertGreater(found["summary"]["moved"], 0)
        self.assertEqual(said["title"], f"Preview: {found['summary']['moved']} of 1,000 devices move")

    def test_fifty_hubs_a_thousand_tenants_and_hostile_names(self):
        before = large(self.folder / "<script>alert(1)<", "open")
        after = large(self.folder / "\u05d0\u05d1\u05d2-&quot;-\u202e", "closed")
        fleet = self.folder / "<img src=x onerror=alert(1)>\u05e9\u05dc\u05d5\u05dd.csv"
        rows = [f"dev-{device},factory,tpm" for device in range(20000)]
        fleet.write_text("\n".join(["id,enrollment,attestation", "<script>alert(1)</script>,factory,tpm",
                                    f"\u05d0\u05d1{'x' * 200},factory,tpm", *rows]) + "\n")
        # The tenant of a device is the number of its id.
        for folder in (before, after):
            (folder / "enrollments.csv").write_text(
                "PartitionKey,RowKey,tenants,tenantFrom\n"
                f"enrollment,factory,*,\"'tenant-0' + registrationId.substring(4, 7) + '{'-long' * 10}'\"\n")
        page = self.page("large")
        found = run("preview", before, after, "--fleet", fleet, "--without", "payload", "--report", page)
        self.assertGreater(found["summary"]["moved"], 1000)
        self.assertGreater(len(found["groups"]), 500)
        self.assertEqual(found["summary"]["faults"], 2)
        said = self.look(page)
        self.compare(said, found)
        self.assertEqual(len(said["hubs"]), 50)

    def test_no_device(self):
        fleet = self.folder / "none.csv"
        fleet.write_text("id\n")
        page = self.page("none")
        found = run("preview", "infra/policy", "infra/policy", "--fleet", fleet, "--report", page, code=2)
        said = self.look(page)
        self.compare(said, found)
        self.assertEqual(said["title"], "Preview: 0 of 0 devices move")

    def test_refused_devices(self):
        tables = shutil.copytree(ROOT / "infra/policy", self.folder / "refusing")
        hubs = tables / "hubs.csv"
        hubs.write_text(hubs.read_text().replace(",open,", ",closed,"))
        page = self.page("refused")
        found = run("preview", "infra/policy", tables, "--synthetic", "12345", "--report", page)
        self.assertGreater(found["summary"]["refused"], 1000)
        self.compare(self.look(page), found)

    def test_the_load_of_hubs_over_time(self):
        tables = shutil.copytree(ROOT / "infra/policy", self.folder / "drained")
        rollouts = tables / "rollouts.csv"
        rollouts.write_text(rollouts.read_text().replace("2026-12-01=1% 2026-12-08=10% 2026-12-15=25%",
                                                         "2026-12-01=100%"))
        page = self.page("load")
        found = run("simulate", tables, "--synthetic", "20000", "--from", "2026-12-01", "--register-every", "30d",
                    "--capacity", "3000", "--capacity", f"contoso-weu-1{CLOUD}=1000000", "--report", page, code=1)
        self.compare_load(self.look(page, LOAD), found)
        self.assertTrue(any(hub["emptyFrom"] for hub in found["hubs"]))
        self.assertTrue(any(hub["fullFrom"] for hub in found["hubs"]))

    def test_the_load_of_fifty_hubs_with_long_names(self):
        tables = large(self.folder / "<b>\u05d0\u05d1", "closed")
        fleet = self.folder / "<i>.csv"
        fleet.write_text("\n".join(["id,enrollment,attestation,tenant", *(
            f"dev-{device},factory,tpm,x" for device in range(3000))]) + "\n")
        (tables / "enrollments.csv").write_text(
            f"PartitionKey,RowKey,tenants\nenrollment,factory,tenant-0000{'-long' * 10}\n")
        page = self.page("hubs")
        found = run("simulate", tables, "--fleet", fleet, "--without", "payload", "--report", page)
        self.assertEqual(len(found["hubs"]), 30)
        self.compare_load(self.look(page, LOAD), found)

    def test_no_device_over_time(self):
        fleet = self.folder / "nobody.csv"
        fleet.write_text("id\n")
        page = self.page("nobody")
        found = run("simulate", "infra/policy", "--fleet", fleet, "--report", page)
        self.compare_load(self.look(page, LOAD), found)

    def compare_load(self, said, found):
        moments, hubs = found["moments"], found["hubs"]
        numbers = {"devices": found["devices"], "undecidable": found["undecidable"], "faults": found["faults"],
                   "repeated": found["repeated"], "moved": sum(it["moved"] for it in moments),
                   "refused": sum(it["refused"] for it in moments),
                   "over": sum(hub["capacity"] is not None and max(hub["devices"]) > hub["capacity"] for hub in hubs)}
        self.assertEqual({name: number(text) for name, text in said["numbers"].items()}, numbers)
        self.assertEqual([it["hub"] for it in said["charts"]], [hub["hub"] for hub in hubs])
        most = max((max(hub["devices"]) for hub in hubs), default=0)
        near = [hub["capacity"] for hub in hubs if (hub["capacity"] or most * 2) <= most * 1.5]
        top = max([most, *near])
        for chart, hub in zip(said["charts"], hubs):
            devices = hub["devices"]
            self.assertIn(short(hub["hub"]), chart["text"].replace("\n", ""))
            self.assertIn(f"{devices[0]:,} to {devices[-1]:,}, at most {max(devices):,} device", chart["text"])
            points = [pair.split() for pair in chart["line"][1:].split("L")]
            self.assertEqual(len(points), len(moments))
            for (x, y), at, count in zip(points, range(len(points)), devices):
                self.assertAlmostEqual(float(x), 100 * at / (len(points) - 1), delta=.02)
                self.assertAlmostEqual(float(y), 100 - 100 * count / top, delta=.02)
            self.assertEqual(chart["capacity"], hub["capacity"] is not None and hub["capacity"] <= top)
        cells = [[short(hub["hub"]), f"{hub['devices'][0]:,}", f"{hub['devices'][-1]:,}", f"{max(hub['devices']):,}",
                  "" if hub["capacity"] is None else f"{hub['capacity']:,}", day(hub["fullFrom"]),
                  day(hub["emptyFrom"])] for hub in hubs]
        self.assertEqual(said["table"], cells)


class Measured(unittest.TestCase):
    """The measurements find what they are for."""

    FAULTS = {
        '<div style="width:2000px">x</div>': "wider than the window",
        '<div style="width:50px">unbreakableword</div>': "its content sticks out",
        '<svg viewBox="0 0 100 10" width="400"><text x="95">word</text></svg>': "sticks out of the drawing",
        '<svg width="400" height="40"><text y="20">one</text><text y="20">two</text></svg>': "covers",
        '<p style="color:#aaa">pale</p>': "less than 4.5",
        '<svg><rect class="before" fill="#ddd" width="9" height="9"/></svg>': "less than 3",
        '<svg viewBox="0 0 1000 100" width="300"><text y="50">tiny</text></svg>': "letters of",
        '<svg><rect class="before" width="9" height="9"/><rect class="after" y="9" width="9" height="9"/></svg>':
            "is like .after",
    }

    def test_planted_faults_are_found(self):
        browser = Browser()
        self.addCleanup(browser.close)
        with tempfile.TemporaryDirectory() as folder:
            for body, fault in self.FAULTS.items():
                page = Path(folder) / "page.html"
                page.write_text(f"<!doctype html><body style='background:#fff;margin:8px'>{body}")
                browser.open(page)
                browser.show(360)
                found = browser.value(MEASURE)
                self.assertTrue(any(fault in it for it in found), f"{fault} not in {found}: {body}")
            page.write_text("<!doctype html><body style='background:#fff'><p>plain</p>")
            browser.open(page)
            self.assertEqual(browser.value(MEASURE), [])


if __name__ == "__main__":
    unittest.main()
