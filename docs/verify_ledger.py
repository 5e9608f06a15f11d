#!/usr/bin/env python3
"""Checks an export of a ledger: sen ledger export --to FILE, then verify_ledger.py FILE [CHECKPOINT].

Needs nothing but Python. docs/ledger-format.md describes what is checked here.
"""
import hashlib, json, struct, sys

def i64(n): return struct.pack(">q", n)
def text(s): return i64(len(s.encode())) + s.encode()
def sha(b): return hashlib.sha256(b).digest()

def entry_hash(e):
    postings = e["postings"] or []
    return sha(b"E" + i64(e["id"]) + text(e["reason"]) + i64(e["at"]) + i64(len(postings))
               + b"".join(i64(account) + i64(amount) for account, amount in postings))

def ed25519_ok(key, message, signature):
    """RFC 8032, section 5.1.7."""
    p, q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
    d = -121665 * pow(121666, -1, p) % p
    def point(b):
        y = int.from_bytes(b, "little"); sign, y = y >> 255, y & (1 << 255) - 1
        xx = (y*y - 1) * pow(d*y*y + 1, -1, p) % p
        x = pow(xx, (p + 3) // 8, p)
        if x*x % p != xx: x = x * pow(2, (p - 1) // 4, p) % p
        if x*x % p != xx: raise ValueError("no point of the curve")
        return (p - x if x & 1 != sign else x, y)
    def add(a, b):
        t = d * a[0]*b[0]*a[1]*b[1] % p
        return ((a[0]*b[1] + a[1]*b[0]) * pow(1 + t, -1, p) % p, (a[1]*b[1] + a[0]*b[0]) * pow(1 - t, -1, p) % p)
    def times(n, a):
        r = (0, 1)
        while n: r, a, n = (add(r, a) if n & 1 else r), add(a, a), n >> 1
        return r
    base_y = 4 * pow(5, -1, p) % p
    base = point(base_y.to_bytes(32, "little"))
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % q
    s = int.from_bytes(signature[32:], "little")
    return s < q and times(s, base) == add(point(signature[:32]), times(h, point(key)))

def heads_of(checkpoint):
    """The heads in a checkpoint whose signature is right, by chain."""
    signed, _, signature = checkpoint.rpartition("signature ")
    lines = [line.split(" ") for line in signed.splitlines()]
    key = bytes.fromhex(next(w[1] for w in lines if w[0] == "key"))
    assert ed25519_ok(key, signed.encode(), bytes.fromhex(signature.strip())), "the signature of the checkpoint is wrong"
    return key.hex(), {int(w[1]): (int(w[2]), w[4]) for w in lines if w[0] == "chain"}

def main(export, kept=None):
    chains, entries, seals, own = {}, {}, {}, None
    for line in open(export, encoding="utf-8"):
        r = json.loads(line)
        if r["type"] == "chain": chains[r["id"]] = r
        elif r["type"] == "entry": entries[r["id"]] = r
        elif r["type"] == "seal": seals[r["chain"], r["n"]] = r
        elif r["type"] == "checkpoint": own = r["text"]
    for e in entries.values():
        assert sum(amount for _, amount in e["postings"]) == 0, f"entry {e['id']} does not balance"
    places, free = {}, set(entries)
    root = sha(b"R" + text(chains[0]["label"]) + i64(chains[0]["opened_at"]))
    places[0, 0] = root.hex()
    for c in range(1, len(chains)):
        row = chains[c]
        root = sha(b"C" + root + i64(c) + text(row["label"]) + i64(row["opened_at"]))
        places[0, c] = places[c, 0] = root.hex()
        before = root
        for n in range(1, row["n"] + 1):
            s = seals.pop((c, n))
            hashes = b"".join(entry_hash(entries[id]) for id in s["entries"])
            before = sha(b"S" + before + i64(c) + i64(n) + i64(len(s["entries"])) + sha(hashes))
            assert before.hex() == s["hash"], f"seal {c}/{n} does not fit its entries"
            places[c, n] = s["hash"]
            free -= set(s["entries"])
        assert before.hex() == row["head"], f"chain {c} ends elsewhere"
    assert places[0, chains[0]["n"]] == chains[0]["head"] and len(chains) - 1 == chains[0]["n"], "the list of chains is not complete"
    assert not free and not seals, f"in no chain: entries {sorted(free)[:10]}, seals {sorted(seals)[:10]}"
    for checkpoint in filter(None, [own, kept and open(kept, encoding="utf-8").read()]):
        key, heads = heads_of(checkpoint)
        for c, (n, head) in heads.items():
            assert places.get((c, n)) == head, f"chain {c} is not as the checkpoint has it at {n}"
    print(f"right: {len(entries)} entries in {len(chains) - 1} chains, signed by {key}")

if __name__ == "__main__":
    main(*sys.argv[1:])
