#!/usr/bin/env python3
"""How dps-allocator chooses, in Python: a second implementation, to check ours by.

  check.py                                checks every vector in hashing.json beside this file
  check.py bucket SALT ID                 the rollout bucket of a device, 0 to 99999
  check.py pick SALT ID HOST=WEIGHT ...   the hub of a device

SALT is the rollout's (by default its id) or the tenant's ('' by default). The text of a group stands in
place of the ID of its devices. A hub counts by its classic host name: NAME.device.azure-devices.net is
NAME.azure-devices.net.
"""
import hashlib, json, math, re, sys
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

MASK = 2**64 - 1
ROLLOUT, PLACEMENT, HUB = (f"dps-allocator {use} v1\0" for use in ("rollout", "placement", "hub"))
STEPS = ((0, 1, 13, True), (2, 3, 16, False), (0, 3, 21, False), (2, 1, 17, True))


def rotate(word, bits):
    return (word << bits | word >> 64 - bits) & MASK


def siphash24(key, message):
    """SipHash-2-4 as in the paper by Aumasson and Bernstein (2012)."""
    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D,
         k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rounds(count):
        for a, b, bits, halves in STEPS * count:
            v[a] = (v[a] + v[b]) & MASK
            v[b] = rotate(v[b], bits) ^ v[a]
            v[a] = rotate(v[a], 32) if halves else v[a]

    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) % 256])
    for start in range(0, len(padded), 8):
        word = int.from_bytes(padded[start:start + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def key_of(label, salt):
    return hashlib.sha256((label + salt).encode()).digest()[:16]


def folded(text):
    """In lower case as ids are: only A to Z, and without spaces around it."""
    return "".join(c.lower() if "A" <= c <= "Z" else c for c in text.strip(" "))


def keyed_hash(label, salt, text):
    return siphash24(key_of(label, salt), folded(text).encode())


def bucket(salt, device):
    return keyed_hash(ROLLOUT, salt, device) * 100_000 >> 64


def mix(h):
    """fmix64 of MurmurHash3."""
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD & MASK
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return h ^ h >> 33


getcontext().prec = 50  # far more digits than the table keeps
TABLE = [round((1 + Decimal(i) / 1024).ln() / Decimal(2).ln() * 2**32) for i in range(1025)]


def negative_log2(h):
    """-log2(h / 2^64) in 1/2^32: TABLE is log2(1 + i/1024), linear between its entries."""
    h |= 1
    whole = h.bit_length() - 1
    fraction = (h - 2**whole) << 63 >> whole  # the bits after the leading one, 63 of them
    cell, position = fraction >> 53, (fraction >> 21) % 2**32
    log = TABLE[cell] + ((TABLE[cell + 1] - TABLE[cell]) * position >> 32)
    assert abs(whole + log / 2**32 - math.log2(h)) < 1.8e-7
    return max(1, (64 - whole) * 2**32 - log)


def classic(host):
    """The host name by which a hub is hashed, for both of its names."""
    device_name = r"([^.]+)\.device\.(azure-devices\.(?:net|us|cn))"
    return re.sub(rf"^{device_name}$", r"\1.\2", host.lower())


def pick(salt, device, hubs):
    """The hub with the least -log2(hash) per weight; weight 0 only if no hub has more."""
    device_hash = keyed_hash(PLACEMENT, salt, device)

    def distance(host):
        drawn = negative_log2(mix(device_hash ^ keyed_hash(HUB, "", classic(host))))
        return hubs[host] == 0, Fraction(drawn, hubs[host] or 1), classic(host)

    return min(hubs, key=distance)


def check():
    path = Path(__file__).with_name("hashing.json")
    try:
        vectors = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"check.py: {path} cannot be read: {error}; it belongs beside this script")
    results = [("paper", siphash24(bytes(range(16)), bytes(range(15))), 0xA129CA6149BE45E5)]
    for name, compared in {
        "keys": lambda v: (key_of(v["label"], v["salt"]).hex(), v["key"]),
        "buckets": lambda v: (bucket(v["salt"], v["id"]), v["bucket"]),
        "idHashes": lambda v: (f"{keyed_hash(PLACEMENT, v['salt'], v['id']):016x}", v["hash"]),
        "hubHashes": lambda v: (f"{keyed_hash(HUB, '', v['host']):016x}", v["hash"]),
        "logTable": lambda v: (TABLE[v["index"]], v["value"]),
        "negativeLog2": lambda v: (negative_log2(int(v["hash"], 16)), v["value"]),
        "picks": lambda v: (pick(v["salt"], v["id"], vectors["hubs"][v["hubs"]]), v["host"]),
        "groupBuckets": lambda v: (bucket(v["salt"], v["group"]), v["bucket"]),
        "groupPicks": lambda v: (pick(v["salt"], v["group"], vectors["hubs"][v["hubs"]]), v["host"]),
    }.items():
        results += [(f"{name} {vector}", *compared(vector)) for vector in vectors[name]]
    failed = [f"{what}: got {got}, not {due}" for what, got, due in results if got != due]
    print(*failed, f"{len(results) - len(failed)} passed, {len(failed)} failed", sep="\n")
    return 1 if failed else 0


def weighted(hub):
    host, _, weight = hub.partition("=")
    if not host or not re.fullmatch("[0-9]{1,4}", weight) or int(weight) > 1000:
        sys.exit(f"check.py: `{hub}` is not a hub with its weight; write HOST=WEIGHT, a weight from 0 to 1000")
    return host, int(weight)


if __name__ == "__main__":
    command, *given = sys.argv[1:] or ["check"]
    if command == "check" and not given:
        sys.exit(check())
    elif command == "bucket" and len(given) == 2:
        print(bucket(*given))
    elif command == "pick" and len(given) > 2:
        print(pick(*given[:2], dict(map(weighted, given[2:]))))
    else:
        sys.exit(__doc__)
