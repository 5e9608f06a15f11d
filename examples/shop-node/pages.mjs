// The pages of the shop.
const SAID = {
  waiting: "chờ thanh toán · waiting", paid: "đã thanh toán · paid", failed: "không thành · failed",
  refunding: "đang hoàn tiền · being refunded", refunded: "đã hoàn tiền · refunded",
};

const safe = (text) => String(text ?? "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const dong = (amount) => String(amount).replace(/\B(?=(\d{3})+$)/g, ".") + " ₫";

const top = (more = "") => `<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quán Sen · Node.js</title>
<link rel="stylesheet" href="/shop.css">${more}`;

const state = (order) => `<span id="${order.id}" class="state ${order.state}">${SAID[order.state]}</span>
${order.note ? `<p class="note">${safe(order.note)}` : ""}
${order.state === "paid" || order.state === "refunding"
    ? `<form method="post" action="/orders/${order.id}/refund"><button>Hoàn tiền · Refund</button></form>` : ""}`;

const good = (product, wallet) => `<li><span class="sum">${dong(product.price)}</span>${safe(product.name)}
<form method="post" action="/buy">
  <input type="hidden" name="product" value="${product.id}">
  <button class="first">Mua · Buy</button>
  <button name="by" value="qr">QR</button>
  ${wallet ? `<button name="by" value="wallet">Ví · Wallet ${safe(wallet.phone)}</button>` : ""}
</form>`;

const row = (order) => `<li><span class="sum">${dong(order.product.price)}</span>
<a href="/orders/${order.id}">${safe(order.product.name)}</a><br>${state(order)}`;

export const homePage = (products, orders, wallet) => `${top()}
<h1>Quán Sen</h1>
<ul>${products.map((p) => good(p, wallet)).join("")}</ul>
<section>${wallet
    ? `Ví đã lưu · Saved wallet: <b id="wallet">${safe(wallet.phone)}</b>
  <form method="post" action="/wallet/forget"><button>Bỏ ví này · Forget it</button></form>`
    : `<form method="post" action="/wallet"><button>Lưu ví cho lần sau · Save my wallet for next time</button></form>`}
</section>
<h2>Đơn hàng · Orders</h2>
<ul>${orders.map(row).join("") || "<li>Chưa có đơn nào · None yet"}</ul>`;

export const orderPage = (order) => `${top(/ing$/.test(order.state) ? '<meta http-equiv="refresh" content="5">' : "")}
<h1>${safe(order.product.name)}</h1>
<section><span class="sum">${dong(order.product.price)}</span>${state(order)}
${order.state === "waiting" && order.url ? `<p><a class="button" href="${safe(order.url)}">Thanh toán · Pay</a>
<p>Hoặc quét mã bằng ví · Or scan this with the wallet:
<div data-qr="${safe(order.url)}"></div>` : ""}
</section>
<a href="/">← Quán · Shop</a>
<script type="module" src="/qr.mjs"></script>`;
