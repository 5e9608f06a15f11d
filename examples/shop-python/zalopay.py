"""The Zalopay merchant API, as far as the shop needs it. Copy this file."""
import hashlib
import hmac
import json
import os
import secrets
import time
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

# The defaults are the public keys of a sandbox. Yours come from the environment,
# and never into a repository.
BASE = os.environ.get("ZALOPAY_BASE_URL", "http://127.0.0.1:8080")  # or https://sb-openapi.zalopay.vn, https://openapi.zalopay.vn
APP_ID = os.environ.get("ZALOPAY_APP_ID", "2553")
KEY1 = os.environ.get("ZALOPAY_KEY1", "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL")  # signs what we send
KEY2 = os.environ.get("ZALOPAY_KEY2", "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz")  # signs what we are sent

# What each mac covers, in this order, with | between; "key1" is the key itself.
SIGNED = {
    "/v2/create": "app_id app_trans_id app_user amount app_time embed_data item",
    "/v2/query": "app_id app_trans_id key1",
    "/v2/refund": "app_id zp_trans_id amount description timestamp",
    "/v2/query_refund": "app_id m_refund_id timestamp",
    "/v2/agreement/bind": "app_id app_trans_id binding_data binding_type identifier max_amount req_date",
    "/v2/agreement/query": "app_id app_trans_id req_date",
    "/v2/agreement/pay": "app_id identifier zp_trans_token pay_token req_date",
    "/v2/agreement/unbind": "app_id identifier binding_id req_date",
}


def _hmac(key, text):
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _same(good, given):
    """Compares in constant time, so that a forger can't find a mac digit by digit."""
    return hmac.compare_digest(good.encode(), str(given).encode("utf-8", "replace"))


def now_ms():
    """Times are in milliseconds, and may be at most 15 minutes off."""
    return int(time.time() * 1000)


def call(path, **fields):
    """Sends an operation and returns the answer, refusals included: the HTTP status
    is 200 for those too, and return_code tells (1 yes, 2 no, 3 under way).
    No answer at all is an OSError or a ValueError."""
    fields["app_id"] = APP_ID
    # What is not sent counts as empty.
    text = "|".join(KEY1 if name == "key1" else str(fields.get(name, "")) for name in SIGNED[path].split())
    fields["mac"] = _hmac(KEY1, text)
    with urllib.request.urlopen(BASE + path, urllib.parse.urlencode(fields).encode(), timeout=30) as answer:
        return json.load(answer)


def _today():
    """Today's date at GMT+7 as yymmdd, whatever the zone of this machine is."""
    return datetime.now(timezone(timedelta(hours=7))).strftime("%y%m%d")


def new_id():
    """An app_trans_id must begin with today's date (-401 otherwise). It is gone for
    good once it was used (-68), also when that order was never paid."""
    return f"{_today()}_{secrets.token_hex(8)}"


def new_refund_id():
    return f"{_today()}_{APP_ID}_{secrets.token_hex(8)}"


def read_callback(body):
    """Returns (type, data), or None if the gateway did not send it. The mac is over
    the string data exactly as it was received: decoding and encoding it again
    would change the text."""
    try:
        envelope = json.loads(body)
        text = envelope["data"]
        if not _same(_hmac(KEY2, text), envelope["mac"]):
            return None
        data = json.loads(text)
        return (envelope["type"], data) if str(data["app_id"]) == APP_ID else None
    except (ValueError, KeyError, TypeError, AttributeError):  # whatever it was
        return None


def good_redirect(query):
    """Checks what the payment page has added to our address."""
    signed = ("appid", "apptransid", "pmcid", "bankcode", "amount", "discountamount", "status")
    return _same(_hmac(KEY2, "|".join(query.get(name, "") for name in signed)), query.get("checksum", ""))
