"""The pages of the shop."""
from html import escape

SAID = {
    "waiting": "chờ thanh toán · waiting", "paid": "đã thanh toán · paid", "failed": "không thành · failed",
    "refunding": "đang hoàn tiền · being refunded", "refunded": "đã hoàn tiền · refunded",
}


def _dong(amount):
    return f"{amount:,} ₫".replace(",", ".")


def _top(more=""):
    return f"""<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quán Sen · Python</title>
<link rel="stylesheet" href="/shop.css">{more}"""


def _state(order):
    html = f'<span id="{order["id"]}" class="state {order["state"]}">{SAID[order["state"]]}</span>'
    if order["note"]:
        html += f'<p class="note">{escape(order["note"])}'
    if order["state"] in ("paid", "refunding"):
        html += f'<form method="post" action="/orders/{order["id"]}/refund"><button>Hoàn tiền · Refund</button></form>'
    return html


def _product(product, wallet):
    by_wallet = f'<button name="by" value="wallet">Ví · Wallet {escape(wallet["phone"])}</button>' if wallet else ""
    return f"""<li><span class="sum">{_dong(product["price"])}</span>{escape(product["name"])}
<form method="post" action="/buy">
  <input type="hidden" name="product" value="{product["id"]}">
  <button class="first">Mua · Buy</button>
  <button name="by" value="qr">QR</button>
  {by_wallet}
</form>"""


def _row(order):
    product = order["product"]
    return f"""<li><span class="sum">{_dong(product["price"])}</span>
<a href="/orders/{order["id"]}">{escape(product["name"])}</a><br>{_state(order)}"""


def home(products, orders, wallet):
    if wallet:
        saved = f"""Ví đã lưu · Saved wallet: <b id="wallet">{escape(wallet["phone"])}</b>
<form method="post" action="/wallet/forget"><button>Bỏ ví này · Forget it</button></form>"""
    else:
        saved = '<form method="post" action="/wallet"><button>Lưu ví cho lần sau · Save my wallet for next time</button></form>'
    return f"""{_top()}
<h1>Quán Sen</h1>
<ul>{"".join(_product(p, wallet) for p in products)}</ul>
<section>{saved}</section>
<h2>Đơn hàng · Orders</h2>
<ul>{"".join(map(_row, orders)) or "<li>Chưa có đơn nào · None yet"}</ul>"""


def order(one):
    again = '<meta http-equiv="refresh" content="5">' if one["state"] in ("waiting", "refunding") else ""
    pay = ""
    if one["state"] == "waiting" and one["url"]:
        pay = f"""<p><a class="button" href="{escape(one["url"])}">Thanh toán · Pay</a>
<p>Hoặc quét mã bằng ví · Or scan this with the wallet:
<div data-qr="{escape(one["url"])}"></div>"""
    return f"""{_top(again)}
<h1>{escape(one["product"]["name"])}</h1>
<section><span class="sum">{_dong(one["product"]["price"])}</span>{_state(one)}{pay}</section>
<a href="/">← Quán · Shop</a>
<script type="module" src="/qr.mjs"></script>"""
