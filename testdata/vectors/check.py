"""Computes the vectors in this directory again, without any code of Sen's.

Run it anywhere: python3 check.py. It prints what it checked, and ends with 1 if
something is not as the files say.
"""

import hashlib
import hmac
import json
import pathlib
import sys
import urllib.parse

HERE = pathlib.Path(__file__).parent

# Which members each mac covers, written down here once more.
FORMULAS = {
    "create_order": "app_id app_trans_id app_user amount app_time embed_data item",
    "query_order": "app_id app_trans_id key1",
    "cancel_order": "app_id app_trans_id key1",
    "refund_order": "app_id zp_trans_id amount refund_fee_amount? description timestamp",
    "query_refund": "app_id m_refund_id timestamp",
    "create_binding_wallet": "app_id app_trans_id binding_data binding_type identifier max_amount req_date",
    "query_payment_token_wallet": "app_id app_trans_id req_date",
    "query_balance_wallet": "app_id pay_token identifier amount req_date",
    "pay_by_token_wallet": "app_id identifier zp_trans_token pay_token req_date",
    "unbinding_wallet": "app_id identifier binding_id req_date",
    "query_user_info": "app_id access_token req_date",
    "create_binding_card": "app_id app_trans_id identifier binding_mode binding_type device_type binding_data payment_data req_date",
    "query_binding_card": "app_id app_trans_id req_date",
    "pay_by_token_card": "app_id identifier zp_trans_token pay_token req_date",
    "unbinding_card": "app_id identifier binding_id req_date",
    "quick_pay": "app_id app_trans_id app_user amount app_time embed_data item payment_code",
    "list_banks": "appid reqtime",
    "disbursement_user": "app_id phone time",
    # The mac of this one is not sent: its text is signed with RSA.
    "disbursement_topup": "app_id payment_id partner_order_id m_u_id amount description partner_embed_data extra_info time",
    "disbursement_txn": "app_id partner_order_id time",
    "disbursement_balance": "app_id payment_id time",
    "get_bank_deep_links": "app_id bank_codes os_type order_token",
    "create_zod": "appId mcRefId amount mcExtInfo",
    "query_zod_invoice": "appId mcRefId",
    "query_zod_status": "appId mcRefId",
}
REDIRECT = "appid apptransid pmcid bankcode amount discountamount status"

problems = []


def read(name):
    vectors = json.loads((HERE / name).read_text(encoding="utf-8"))
    names = [v["name"] for v in vectors]
    if name != "statuses.json":  # several operations have values of the same name
        expect(f"names in {name}", len(set(names)), len(names))
    return vectors


def sign(secret, text):
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def expect(name, got, want):
    if got != want:
        problems.append(f"{name}: {got!r}, not {want!r}")


def signed(formula, members, secret):
    parts = []
    for member in formula.split():
        if member == "key1":
            parts.append(secret)
        elif member.endswith("?"):
            if members.get(member[:-1], "") != "":
                parts.append(members[member[:-1]])
        else:
            parts.append(members.get(member, ""))
    return "|".join(parts)


def check_macs():
    vectors = read("macs.json")
    for v in vectors:
        text = signed(FORMULAS[v["operation"]], v["members"], v["secret"])
        expect(v["name"], text, v["signed"])
        expect(v["name"], sign(v["secret"], text), v["mac"])
    expect("operations in macs.json", {v["operation"] for v in vectors}, set(FORMULAS))
    return len(vectors)


def read_callback(v):
    """Returns the reason to refuse, or none."""
    try:
        body = json.loads(v["body"])
        data = body["data"]
    except (ValueError, KeyError, TypeError):
        return "unreadable"
    if not isinstance(data, str):
        return "unreadable"
    if not hmac.compare_digest(sign(v["secret"], data), str(body.get("mac", "")).lower()):
        return "mac_wrong"
    try:
        inner = json.loads(data)
    except ValueError:
        return "unreadable"
    needed, app = {1: "zp_trans_id", 2: "binding_id"}.get(body.get("type")), "app_id"
    if body.get("type") == 1 and inner.get("mcRefId"):  # a ZOD invoice
        needed, app = "zpTransId", "appId"
    if needed is None or not inner.get(needed) or inner.get(app) != v["app_id"]:
        return "unreadable"
    return None


def check_callbacks():
    vectors = read("callbacks.json")
    for v in vectors:
        reason = read_callback(v)
        expect(v["name"], reason, v.get("reason"))
        expect(v["name"], reason is None, v["valid"])
    return len(vectors)


def read_redirect(v):
    pairs = urllib.parse.parse_qs(v["query"], keep_blank_values=True)
    if any(len(pairs.get(name, [])) > 1 for name in REDIRECT.split() + ["checksum"]):
        return "unreadable"
    members = {name: values[0] for name, values in pairs.items()}
    text = signed(REDIRECT, members, v["secret"])
    expect(v["name"], text, v["signed"])
    if not hmac.compare_digest(sign(v["secret"], text), members.get("checksum", "").lower()):
        return "mac_wrong"
    return None if members["appid"] == str(v["app_id"]) else "unreadable"


def check_redirects():
    vectors = read("redirects.json")
    for v in vectors:
        reason = read_redirect(v)
        expect(v["name"], reason, v.get("reason"))
        expect(v["name"], reason is None, v["valid"])
    return len(vectors)


def check_statuses():
    vectors = read("statuses.json")
    seen = set()
    for v in vectors:
        key = (v["operation"], v["value"])
        expect(f"{key} is there twice", key in seen, False)
        seen.add(key)
        expect(f"{key} has a meaning", all(v["meaning"].get(lang) for lang in ("vi", "en")), True)
        expect(f"{key} retryable", v["retryable"], v["retry"] == "same")
    expect("documented values", sum(v["documented"] for v in vectors), 113)
    return len(vectors)


print(f"{check_macs()} macs, {check_callbacks()} callbacks, {check_redirects()} redirects, {check_statuses()} status values")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
