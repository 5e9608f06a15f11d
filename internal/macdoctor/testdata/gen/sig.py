# Payouts whose sig is wrong, as Python makes them: python3 sig.py > ../sig-python.jsonl
import base64
import hashlib
import hmac
import json
import pathlib
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

KEY1 = "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"
KEY2 = "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"
HERE = pathlib.Path(__file__).parent
DER = base64.b64decode((HERE / "../../../sandbox/disbursement_key.txt").read_text())
KEY = serialization.load_der_private_key(DER, None)
NAMES = "app_id payment_id partner_order_id m_u_id amount description partner_embed_data extra_info time".split()
ORDER = {
    "app_id": "2553", "payment_id": "default", "partner_order_id": "hoan-tien-77", "m_u_id": "00ff00ff00ff00ff",
    "amount": "25000", "description": "Hoàn tiền đơn #77", "partner_embed_data": '{"đơn": 77, "kho": ["Kho A", "Kho B"]}',
    "extra_info": '{"kênh": "app"}', "time": "1795345968657",
}


def text(**other):
    return "|".join({**ORDER, **other}[n] for n in NAMES)


def mac(t, key=KEY1):
    return hmac.new(key.encode(), t.encode(), hashlib.sha256).hexdigest()


def sign(t, pad=None, algorithm=None, key=KEY):
    t = t if isinstance(t, bytes) else t.encode()
    return key.sign(t, pad or padding.PKCS1v15(), algorithm or hashes.SHA256())


def b64(raw):
    return base64.b64encode(raw).decode()


RIGHT = mac(text())
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)
CASES = [
    ("good", b64(sign(RIGHT))),
    ("sig_url_safe", base64.urlsafe_b64encode(sign(RIGHT)).decode()),
    ("sig_padded", str(base64.b64encode(sign(RIGHT)))[1:]),
    ("sig_hex", sign(RIGHT).hex()),
    ("sig_hex", sign(RIGHT).hex(":")),
    ("sig_line_breaks+sig_mac_bytes", base64.encodebytes(sign(bytes.fromhex(RIGHT))).decode()),
    ("sig_pss", b64(sign(RIGHT, PSS))),
    ("sig_pss+sig_other_hash", b64(sign(RIGHT, padding.PSS(padding.MGF1(hashes.SHA512()), 64), hashes.SHA512()))),
    ("sig_other_hash", b64(sign(RIGHT, None, hashes.SHA384()))),
    ("sig_other_hash", b64(sign(RIGHT, None, hashes.MD5()))),
    ("sig_mac_bytes", b64(sign(hmac.new(KEY1.encode(), text().encode(), hashlib.sha256).digest()))),
    # The digest of the mac, given to a function that hashes again, and to one that does not.
    ("sig_hashed_twice", b64(sign(hashlib.sha256(RIGHT.encode()).digest()))),
    ("good", b64(KEY.sign(hashlib.sha256(RIGHT.encode()).digest(), padding.PKCS1v15(), utils.Prehashed(hashes.SHA256())))),
    # The bytes of the HMAC taken for the digest.
    ("sig_other_text", b64(KEY.sign(bytes.fromhex(RIGHT), padding.PKCS1v15(), utils.Prehashed(hashes.SHA256())))),
    ("sig_plain_text", b64(sign(text()))),
    ("sig_plain_text+newline", b64(sign(text() + "\n"))),
    ("key2", b64(sign(mac(text(), KEY2)))),
    ("json_spacing", b64(sign(mac(text(partner_embed_data=json.dumps(json.loads(ORDER["partner_embed_data"]), ensure_ascii=False, separators=(",", ":"))))))),
    ("json_escapes", b64(sign(mac(text(partner_embed_data=json.dumps(json.loads(ORDER["partner_embed_data"]))))))),
    ("number_format", b64(sign(mac(text(amount="25000.0"))))),
    ("key_padded", b64(sign(mac(text(), KEY1 + "\n")))),
    ("sig_other_key", b64(sign(RIGHT, key=rsa.generate_private_key(65537, 2048)))),
    ("sig_key_size", b64(sign(RIGHT, key=rsa.generate_private_key(65537, 4096)))),
]

for cause, sig in CASES:
    members = {**ORDER, "sig": sig}
    for kind, body in (
        ("application/json", json.dumps(members)),
        ("application/x-www-form-urlencoded", urllib.parse.urlencode(members)),
    ):
        print(json.dumps({"language": "python", "operation": "disbursement_topup", "app_id": 2553, "cause": cause, "content_type": kind, "body": body}))
