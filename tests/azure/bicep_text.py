"""Reads the text of Bicep files: what is declared, what is used, what is described."""

import re
from dataclasses import dataclass, field

KEYWORDS = {
    "param", "var", "resource", "module", "output", "existing", "for", "in", "if", "true", "false",
    "null", "targetScope", "using", "string", "int", "bool", "array", "object",
}
# https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions
FUNCTIONS = {
    "resourceGroup", "subscription", "subscriptionResourceId", "resourceId", "uniqueString", "guid",
    "empty", "string", "environment", "loadTextContent", "listKeys",
}
DECORATORS = {"description", "minLength", "maxLength", "minValue", "maxValue", "allowed", "secure"}
DECLARED = re.compile(r"^(param|var|resource|module|output) +(\w+)", re.MULTILINE)
# A name on its own: no member of something else, no key of an object.
NAME = re.compile(r"(?<![\w.@])([A-Za-z_]\w*)(?!\w)(?!\s*:(?!:))")


@dataclass
class Source:
    """The text of a file without comments and without what strings say."""

    code: str
    declared: dict = field(default_factory=dict)

    @staticmethod
    def of(text):
        code = without_strings(without_comments(text))
        return Source(code, {name: kind for kind, name in DECLARED.findall(code)})

    def used(self):
        """The names that expressions read, loop variables aside."""
        loops = set()
        for one, two, three in re.findall(r"\[for +(?:(\w+)|\((\w+), *(\w+)\)) +in\b", self.code):
            loops |= {one, two, three}
        code = DECLARED.sub(" ", self.code)
        code = re.sub(r"(?<=\s)@\w+", " ", "\n" + code)
        # Colons behind expressions: `[for it in all: ..]`, `condition ? this : that`.
        code = re.sub(r"(\[for [^\n:]*):", r"\1 ", code)
        code = re.sub(r"\?([^:?\n]*):", r"(\1) ", code)
        called = set(re.findall(r"(?<![\w.@])(\w+)\(", code))
        return {name for name in NAME.findall(code) if name not in KEYWORDS | loops} - called

    def called(self):
        return set(re.findall(r"(?<![\w.@])(\w+)\(", DECLARED.sub(" ", self.code))) - KEYWORDS

    def decorators(self):
        return set(re.findall(r"^@(\w+)\(", self.code, re.MULTILINE))


def without_comments(text):
    text = re.sub(r"^\s*#disable-next-line [^\n]*|(?<!:)//[^\n]*", "", text, flags=re.MULTILINE)
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def without_strings(text):
    """Strings as their expressions: `'a-${b}'` becomes `(b)`; keys between quotes vanish."""
    result, at, depth, nested = [], 0, 0, []
    inside = False
    while at < len(text):
        char = text[at]
        if inside:
            if text.startswith("${", at):
                nested.append(depth)
                depth, inside = 0, False
                result.append("(")
                at += 2
                continue
            if char == "\\":
                at += 1
            elif char == "'":
                inside = False
                result.append(" ")
        elif char == "'":
            inside = True
        elif nested and char == "}" and depth == 0:
            depth, inside = nested.pop(), True
            result.append(")")
        else:
            depth += {"{": 1, "}": -1}.get(char, 0) if nested else 0
            result.append(char)
        at += 1
    return "".join(result)


def lint(text, file="main.bicep"):
    """What a compiler and its linter would say that a parser does not."""
    source = Source.of(text)
    used = source.used()
    found = []
    for name, kind in source.declared.items():
        if kind in ("param", "var") and name not in used:
            found.append(f"{file}: {kind} `{name}` is never used")
    for name in sorted(used - set(source.declared)):
        found.append(f"{file}: `{name}` is not declared")
    for name in sorted(source.called() - FUNCTIONS - DECORATORS):
        found.append(f"{file}: `{name}` is not a function")
    for name in sorted(source.decorators() - DECORATORS):
        found.append(f"{file}: `@{name}` is not a decorator")
    for name, said in described(text):
        if not said:
            found.append(f"{file}: `{name}` has no @description")
    for name, value in re.findall(r"^output +(\w+) +\w+ += +(.*)$", without_comments(text), re.M):
        if re.search(r"list\w*\(|key|secret|password|connectionstring", f"{name} {value}", re.I):
            found.append(f"{file}: output `{name}` may hold a secret")
    return found


def described(text):
    """Each parameter and output, and whether @description stands before it."""
    said = False
    for line in text.splitlines():
        declared = re.match(r"(param|output) +(\w+)", line)
        if declared:
            yield declared[2], said
        if line.startswith("@description('") and not line.startswith("@description('')"):
            said = True
        elif not line.startswith("@"):
            said = False
