"""A small shop that takes payments: an order and its page, a callback, the way
back, a saved wallet, a refund. See README.md."""
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pages
from zalopay import call, good_redirect, new_id, new_refund_id, now_ms, read_callback

ADDR = os.environ.get("SHOP_ADDR", "127.0.0.1:9000")
SELF = os.environ.get("SHOP_URL", "http://" + ADDR)  # as payers and the gateway reach it

CUSTOMER = "khach-1"  # who is signed in: this shop knows one person, yours has a login
PRODUCTS = [
    # Whole dong: there is nothing smaller, so no floats and no "× 100".
    {"id": "tra", "name": "Trà sen · Lotus tea", "price": 45_000},
    {"id": "caphe", "name": "Cà phê sữa · Milk coffee", "price": 29_000},
    {"id": "banhmi", "name": "Bánh mì · Baguette", "price": 25_000},
]

# The books. Yours are a database: what the lock guards here is there an
# UPDATE … WHERE state = 'waiting'.
lock = threading.Lock()
orders = {}  # by app_trans_id
wallets = {}  # by customer
asked = ""  # app_trans_id of the last binding that was asked for

# What will never be otherwise ("sen codes list" has them all). With any other
# value an order can still be paid, and a refund still be made.
FINAL_ORDER = (-54, -217, -332, -333, -1330, -1331, -1332, -1333, -1340, -1341, -1342, -1343)
FINAL_REFUND = (-2, -13, -14, -32, 0)


def refusal(answer):
    return f'{answer["sub_return_code"]}: {answer["sub_return_message"]}'


def create(product, product_code=""):
    """Makes an order. It is in the books before the gateway hears of it: the
    callback may overtake the answer."""
    order = {"id": new_id(), "product": product, "state": "waiting", "note": "", "url": "", "deliveries": 0}
    orders[order["id"]] = order
    try:
        answer = call(
            "/v2/create", app_trans_id=order["id"], app_user=CUSTOMER, amount=product["price"], description=product["name"],
            app_time=now_ms(), item="[]", embed_data=json.dumps({"redirecturl": SELF + "/back"}),  # signed and sent as this text
            callback_url=SELF + "/callback", product_code=product_code,
        )
        problem = "" if answer["return_code"] == 1 else refusal(answer)
    except (OSError, ValueError) as error:
        problem = str(error)
    if problem:
        # Whatever arrived is not paid, because nobody has its page. The customer
        # buys again under a new identifier: this one may be used now (-68).
        order.update(state="failed", note=problem)
    else:
        order.update(url=answer["order_url"], token=answer["zp_trans_token"])
    return order


def settle(app_trans_id, amount, number):
    """Books a payment: once, however often it is told. A callback can come twice, at
    the same time as a query says the same, and after the order seemed lost."""
    with lock:
        order = orders.get(app_trans_id)
        if order is None or amount != order["product"]["price"]:
            return False
        if order["state"] in ("waiting", "failed"):
            order.update(state="paid", note="", number=number)
            order["deliveries"] += 1  # here the goods go out
        return True


def move(order, seen, **change):
    """Changes an order, if it is still in the state that was seen."""
    with lock:
        if order["state"] == seen:
            order.update(change)
            return True
        return False


def bound(user, data):
    """Notes what became of a binding: status 1 is confirmed, others are its end."""
    with lock:
        if data["status"] == 1:
            wallets[user] = {"phone": data["masked_user_phone"], "token": data["pay_token"], "binding": data["binding_id"]}
        elif wallets.get(user, {}).get("binding") == data["binding_id"]:
            del wallets[user]  # ended in the wallet


def callback(body):
    """The gateway repeats what is answered with 0, and nothing else."""
    received = read_callback(body)
    if received is None:
        return {"return_code": -1, "return_message": "mac not equal"}
    kind, data = received
    if kind == 2 and "binding_id" in data:
        bound(data["merchant_user_id"], data)
    elif kind != 1 or not data.get("zp_trans_id") or not settle(data["app_trans_id"], data["amount"], data["zp_trans_id"]):
        return {"return_code": 2, "return_message": "not an order of this shop"}
    return {"return_code": 1, "return_message": "success"}


def sync(order):
    """Asks the gateway what the shop does not know yet: callbacks get lost, and
    refunds have none."""
    if order["state"] == "waiting":
        answer = call("/v2/query", app_trans_id=order["id"])
        if answer["return_code"] == 1:
            settle(order["id"], answer["amount"], answer["zp_trans_id"])
        elif answer["return_code"] == 2 and answer["sub_return_code"] in FINAL_ORDER:
            move(order, "waiting", state="failed", note=refusal(answer))
    elif order["state"] == "refunding":
        answer = call("/v2/query_refund", m_refund_id=order["refund"], timestamp=now_ms())
        if answer["return_code"] == 1:
            move(order, "refunding", state="refunded")
        elif answer["return_code"] == 2 and answer["sub_return_code"] in FINAL_REFUND:
            move(order, "refunding", state="paid", note=refusal(answer))


def pay_by_wallet(order):
    """Pays with the wallet that the customer has saved. A success may also be "under
    way" (3): the query and the callback say."""
    token = wallets.get(CUSTOMER, {}).get("token", "")
    answer = call("/v2/agreement/pay", pay_token=token, identifier=CUSTOMER, zp_trans_token=order["token"], req_date=now_ms())
    if answer["return_code"] == 2:
        order["note"] = refusal(answer)  # it can still be paid on its page
    if answer["sub_return_code"] in (-101, -1002, -1007):
        wallets.pop(CUSTOMER, None)  # that token pays no more


def refund(order):
    """Gives all of a payment back. The identifier is in the books before the call, and
    a repeated click uses the same one: -23 then says that it was there."""
    move(order, "paid", state="refunding", note="", refund=new_refund_id())
    if order["state"] != "refunding":
        return
    answer = call(
        "/v2/refund", m_refund_id=order["refund"], zp_trans_id=order["number"], amount=order["product"]["price"],
        description="Khách đổi ý", timestamp=now_ms(),
    )
    unsure = answer["sub_return_code"] in (-23, -500)  # after any other refusal surely nothing was done
    if answer["return_code"] == 2 and not unsure:
        move(order, "refunding", state="paid", note=refusal(answer))


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        self.guard(self.get)

    def do_POST(self):
        self.guard(self.post)

    def guard(self, serve):
        try:
            serve()
        except (OSError, ValueError) as error:  # the gateway can't be reached, or answers what can't be read
            self.log_error("%s", error)
            self.answer(str(error), "text/plain", 502)

    def get(self):
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        match address.path.split("/")[1:]:
            case [""]:
                self.answer(pages.home(PRODUCTS, list(orders.values())[::-1], wallets.get(CUSTOMER)))
            case ["orders", id] if id in orders:
                try:
                    sync(orders[id])
                except (OSError, ValueError) as error:
                    self.log_error("%s", error)  # the page says what is known
                self.answer(pages.order(orders[id]))
            case ["back"]:
                # What the address says only chooses the page: the payer can keep it and
                # open it again. Whether the order is paid, the gateway says.
                if good_redirect(query):
                    self.see("/orders/" + query["apptransid"])
                else:
                    self.answer("Địa chỉ này đã bị sửa · This address was changed", status=400)
            case ["wallet", "back"]:
                # This address has no checksum, so it proves nothing: ask.
                answer = call("/v2/agreement/query", app_trans_id=asked, req_date=now_ms())
                if answer["return_code"] == 1:
                    bound(CUSTOMER, answer["data"])
                self.see("/")
            case ["shop.css"]:
                self.answer(Path(__file__).parent.with_name("shop.css").read_text(), "text/css")
            case ["qr.mjs"]:
                self.answer(Path(__file__).parent.with_name("qr.mjs").read_text(), "text/javascript")
            case ["callback"]:
                self.answer("callbacks are sent by POST", status=405)
            case ["test", "deliveries"] if os.environ.get("SHOP_TEST"):  # for "sen certify"
                self.answer(str(orders.get(query.get("id"), {}).get("deliveries", 0)))
            case _:
                self.answer("not found", status=404)

    def post(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match self.path.split("/")[1:]:
            case ["callback"]:
                self.answer(json.dumps(callback(body)), "application/json")
            case ["buy"]:
                self.buy(dict(parse_qsl(body.decode())))
            case ["orders", id, "refund"] if id in orders:
                refund(orders[id])
                self.see("/orders/" + id)
            case ["wallet"]:
                self.bind()
            case ["wallet", "forget"]:
                wallet = wallets.pop(CUSTOMER, None)
                if wallet:
                    call("/v2/agreement/unbind", binding_id=wallet["binding"], identifier=CUSTOMER, req_date=now_ms())
                self.see("/")
            case ["sync"]:
                # Asks about everything that is open. Call it every minute or so, for those
                # who paid, closed the browser, and whose callback was lost.
                for order in list(orders.values()):
                    sync(order)
                self.answer("", status=204)
            case ["test", "order"] if os.environ.get("SHOP_TEST"):  # for "sen certify"
                order = create(PRODUCTS[0])
                self.answer(json.dumps({"app_trans_id": order["id"], "amount": order["product"]["price"]}), "application/json")
            case _:
                self.answer("not found", status=404)

    def buy(self, form):
        """Leads to where an order is paid: the gateway's page, a QR for another device,
        or the wallet that was saved."""
        product = next((p for p in PRODUCTS if p["id"] == form.get("product")), None)
        if product is None:
            return self.answer("no such product", status=400)
        by = form.get("by", "")
        order = create(product, "AGREEMENT" if by == "wallet" else "")
        if order["state"] == "waiting" and by == "wallet":
            pay_by_wallet(order)
        self.see(order["url"] if order["state"] == "waiting" and not by else "/orders/" + order["id"])

    def bind(self):
        """Asks the customer, at the gateway, whether the shop may charge the wallet."""
        global asked
        asked = new_id()
        answer = call(
            "/v2/agreement/bind", app_trans_id=asked, identifier=CUSTOMER, binding_type="WALLET", binding_data="{}", max_amount=0,
            req_date=now_ms(), callback_url=SELF + "/callback", redirect_url=SELF + "/wallet/back",
        )
        if answer["return_code"] == 1:
            self.see(answer["binding_qr_link"])
        else:
            self.answer(refusal(answer), status=502)

    def see(self, location):
        self.send_response(303)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, text, kind="text/html", status=200):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind + "; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    host, port = ADDR.rsplit(":", 1)
    server = ThreadingHTTPServer((host, int(port)), Shop)
    print("the shop is open at " + SELF, flush=True)
    server.serve_forever()
