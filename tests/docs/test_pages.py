"""Links, paths, commands and the size of every page of the documentation."""

import functools
import json
import os
import re
import shlex
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AZ = json.loads((ROOT / "tests/azure/deploy/az_commands.json").read_text())["commands"]
EVERYWHERE = {"--query", "--output", "-o", "--subscription"}
FOLDERS = {"functions", "infra", "shared", "tests"}
# Sources that print commands or carry them in comments.
COMMENTED = ("infra/azure/az.py", "infra/azure/main.bicep", "infra/container/kubernetes.yaml")
# The changelog names what older versions had.
HISTORY = "CHANGELOG.md"
LONGEST = {"README.md": 200, "tests/ARCHITECTURE.md": 60}


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def pages():
    """Every page of the checkout, those not yet committed included."""
    names = git("ls-files", "--cached", "--others", "--exclude-standard", "*.md").split()
    return [name for name in sorted(set(names)) if (ROOT / name).exists()]


def text(name):
    return (ROOT / name).read_text()


def fenced(page):
    return re.findall(r"^```\w*\n(.*?)^```", page, re.S | re.M)


def prose(page):
    return re.sub(r"^```.*?^```", "", page, flags=re.S | re.M)


def quoted(page):
    """What stands between backticks, line breaks read as spaces."""
    return [it.replace("\n", " ") for it in re.findall(r"`([^`]+)`", prose(page))]


def anchors(page):
    """The anchors that GitHub gives to headings; a repeated heading gets a number."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", prose(page), re.M):
        anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        number = 0
        while (f"{anchor}-{number}" if number else anchor) in found:
            number += 1
        found.add(f"{anchor}-{number}" if number else anchor)
    return found


def links(page):
    """File and anchor of each link that leads to no other site."""
    return re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)", prose(page))


def broken_links(name, page):
    broken = []
    for file, anchor in links(page):
        target = os.path.normpath(os.path.join(os.path.dirname(name), file)) if file else name
        if file and not (ROOT / target).exists():
            broken.append(f"{file}: there is no such file")
        elif anchor and anchor not in anchors(page if target == name else text(target)):
            broken.append(f"{file}#{anchor}: there is no such heading")
    return broken


def missing_paths(name, page):
    """Paths between backticks and in commands that lead nowhere, from the root or from the page."""
    beside = (ROOT / name).parent
    words = {word for it in quoted(page) + [line for block in fenced(page) for line in block.splitlines()]
             for word in re.split(r"[\s=:\"'@(),;|]+", it)}
    missing = []
    for word in words:
        word = word.rstrip("/.")
        first, _, rest = word.partition("/")
        named = rest and (first in FOLDERS or re.fullmatch(r"[\w./-]+\.(rs|py|bicep|toml|md)", word))
        if not named or re.search(r"[<>$]|[A-Z]{3,}/|\.\.", word) or first == "target":
            continue
        if not any(any(base.glob(word)) for base in (ROOT, beside)):
            missing.append(word)
    return sorted(missing)


def commands(page):
    """Command lines in code blocks and between backticks, without the variables set before them."""
    page = re.sub(r"\\\n\s*", "", page)
    command = r"\s*(?:\w+=\S* )*((?:az|(?:infra|tests)/[\w/.-]+) .*)"
    for block in fenced(page):
        # An argument between quotes may have several lines.
        for line in re.findall(r"(?:'[^']*'|[^'\n])+", block):
            if found := re.fullmatch(command, line, re.S):
                yield found[1]
    for it in quoted(page):
        if found := re.fullmatch(command, it):
            yield found[1]


def problems(line):
    """What is wrong with a command line."""
    words = shlex.split(line, comments=True)
    flags = {it.split("=")[0] for it in words if it.startswith("-")}
    if words[0] == "az":
        named = words[1:next((i for i, it in enumerate(words) if it.startswith("-")), None)]
        known = AZ.get(" ".join(named))
        if known is None:
            return [f"az has no `{' '.join(named)}`"]
        missing = [it for it in known["required"] if it not in flags]
        return [f"no flag `{it}`" for it in sorted(flags - set(known["flags"]) - EVERYWHERE)] \
            + [f"`{it}` is required" for it in missing]
    if not os.access(ROOT / words[0], os.X_OK):
        return [f"there is no script `{words[0]}`"]
    known = help_of(words[0])
    return [f"no flag `{it}`" for it in sorted(flags) if not re.search(rf"{it}\b", known)]


def missing_tests(_name, page):
    """Commands that would run no test, such as `cargo test -p CRATE --test it FILTER`."""
    missing = []
    for crate, suite, filtered in re.findall(r"cargo test -p ([\w-]+)(?: --test (\w+))?(?: ([\w:]+))?", page):
        folders = [ROOT / it for it in git("ls-files", f"*/{crate}/Cargo.toml").split()]
        folder = folders and folders[0].parent / (f"tests/{suite}" if suite else ".")
        known = list(folder.rglob("*.rs")) if folders else []
        word = filtered.rpartition("::")[2]
        if not any(word in it.stem or re.search(rf"fn \w*{word}\w*\(", it.read_text()) for it in known):
            missing.append(f"{crate} {suite} {filtered}")
    return missing


def shortened(_name, page):
    """Commands between backticks that leave out their beginning."""
    return [it for it in quoted(page) if it.startswith(".. ")]


def nesting_copies(_name, page):
    """Copies of a folder that end up inside of it where a page before has made it."""
    return [f"cp -r {source} {to}" for line in page.splitlines()
            for source, to in re.findall(r"\bcp -r ([\w./-]+) ([\w./-]+)", line) if f"rm -rf {to} &&" not in line]


@functools.cache
def help_of(script):
    """Scripts without `--help` print their usage as an error."""
    ran = subprocess.run([ROOT / script, "--help"], capture_output=True, text=True)
    return ran.stdout + ran.stderr


class Pages(unittest.TestCase):
    def check(self, find, least):
        """`find` yields one entry for each fault of a page."""
        names = [name for name in pages() if name != HISTORY]
        self.assertGreater(len(names), least)
        found = {name: faults for name in names if (faults := find(name, text(name)))}
        self.assertEqual(found, {})

    def test_links_lead_to_files_and_headings(self):
        self.check(broken_links, 20)

    def test_paths_that_are_named_exist(self):
        self.check(missing_paths, 20)

    def test_tests_that_are_named_exist(self):
        self.check(missing_tests, 20)

    def test_commands_are_whole(self):
        self.check(shortened, 20)

    def test_copies_can_be_made_again(self):
        self.check(nesting_copies, 20)

    def test_commands_and_their_flags_exist(self):
        count = 0
        for name in [*pages(), *COMMENTED]:
            for line in commands(text(name)):
                count += 1
                self.assertEqual(problems(line), [], f"{name}: {line}")
        self.assertGreater(count, 40)

    def test_no_page_is_longer_than_it_may_be(self):
        for name in pages():
            if name != HISTORY:
                self.assertLessEqual(len(text(name).splitlines()), LONGEST.get(name, 299), name)

    def test_every_page_is_two_hops_from_the_readme(self):
        def linked(names):
            return {os.path.normpath(os.path.join(os.path.dirname(name), file))
                    for name in names for file, _ in links(text(name)) if file.endswith(".md")}
        first = linked({"README.md"})
        self.assertEqual(set(pages()) - {"README.md"} - first - linked(first), set())

    def test_first_questions_are_answered_two_hops_from_the_readme(self):
        """A page that the README links to names the file in a row of a table."""
        linked = {os.path.normpath(file) for file, _ in links(text("README.md")) if file.endswith(".md")}
        rows = [(name, row) for name in linked for row in re.findall(r"^\| (.*) \|$", text(name), re.M)]
        for question in ("a column is checked", "the share of a rollout is computed", "a twin is merged",
                         "a push is undone"):
            answers = [(name, row) for name, row in rows if question in row.split(" | ")[0]]
            self.assertEqual(len(answers), 1, question)
            [(name, row)] = answers
            self.assertRegex(row, r"`[\w/]+\.rs`", f"{name}: {question}")

    def test_trust_names_tests_that_exist(self):
        sources = [text(it) for it in git("ls-files", "*.rs", "*.py").split() if (ROOT / it).exists()]
        known = {name for it in sources for name in re.findall(r"^ *(?:async )?(?:fn|def) (\w+)\(", it, re.M)}
        named = set(re.findall(r"`(\w+_\w+_\w+)`", text("infra/trust.md")))
        self.assertGreater(len(named), 30)
        self.assertEqual(named - known, set())


class Faults(unittest.TestCase):
    """Each check finds what it is for."""

    def test_of_commands(self):
        for line, said in (
            ("az iot dps enrolment list --dps-name x", "az has no"),
            ("az group exists --nam x", "no flag `--nam`"),
            ("az group exists --query x", "`--name` is required"),
            ("infra/azure/undeploy --group x", "there is no script"),
            ("infra/azure/deploy --grp x", "no flag `--grp`"),
            ("tests/run --quickly", "no flag `--quickly`"),
        ):
            self.assertIn(said, "\n".join(problems(line)), line)
        page = "```sh\necho x |\n  az group exists \\\n  --name 'a\nb'\n```\nor `KEY=k infra/doctor --wait\n5 URL`"
        self.assertEqual(list(commands(page)), ["az group exists --name 'a\nb'", "infra/doctor --wait 5 URL"])

    def test_of_tests(self):
        for command, good in (
            ("cargo test -p dps-allocation", True), ("cargo test -p dps-alocation", False),
            ("cargo test -p dps-allocation --test it pages", True), ("cargo test -p dps-allocation --test it pagse", False),
            ("cargo test -p dps-allocation --test at pages", False),
        ):
            self.assertEqual(missing_tests("x.md", f"```sh\n{command}\n```") == [], good, command)

    def test_of_shortened_commands(self):
        self.assertEqual(shortened("x.md", "`cargo test` and `.. --test it`, `a..b`"), [".. --test it"])

    def test_of_copies(self):
        for line, good in (
            ("cp -r infra/policy target/policy", False), ("rm -rf target/policy && cp -r infra/policy target/policy", True),
            ("rm -rf target && cp -r infra/policy target/policy", False), ("cp infra/policy/*.csv target/policy", True),
        ):
            self.assertEqual(nesting_copies("x.md", f"| `{line}` |") == [], good, line)

    def test_of_links(self):
        page = "# A page\n## Twice\n## Twice\n```\n# no heading\n[no](link)\n```\n"
        for link, good in (
            ("#a-page", True), ("#twice-1", True), ("#twice-2", False), ("#no-heading", False),
            ("../README.md", True), ("../README.md#no-such-heading", False), ("../nothing.md", False),
        ):
            self.assertEqual(broken_links("tests/x.md", f"{page}[here]({link})") == [], good, link)

    def test_of_paths(self):
        for word, good in (
            ("infra/policy", True), ("tests/docs/test_pages.py", True), ("docs/test_pages.py", True),
            ("infra/policies", False), ("docs/nothing.py", False), ("shared/*/README.md", True),
            ("cat infra/nothing.csv", False), ("target/funcapp", True), ("application/json", True),
        ):
            self.assertEqual(missing_paths("tests/x.md", f"`{word}`") == [], good, word)
            self.assertEqual(missing_paths("tests/x.md", f"```sh\n{word}\n```\n") == [], good, word)


if __name__ == "__main__":
    unittest.main()
