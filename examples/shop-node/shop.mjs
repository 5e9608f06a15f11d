// A small shop that takes payments: an order and its page, a callback, the way
// back, a saved wallet, a refund. See README.md.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { call, goodRedirect, newID, newRefundID, readCallback } from "./zalopay.mjs";
import { homePage, orderPage } from "./pages.mjs";

const addr = process.env.SHOP_ADDR ?? "127.0.0.1:9000";
const self = process.env.SHOP_URL ?? "http://" + addr; // as payers and the gateway reach it

const customer = "khach-1"; // who is signed in: this shop knows one person, yours has a login
const products = [
  // Whole dong: there is nothing smaller, so no fractions and no "× 100".
  { id: "tra", name: "Trà sen · Lotus tea", price: 45000 },
  { id: "caphe", name: "Cà phê sữa · Milk coffee", price: 29000 },
  { id: "banhmi", name: "Bánh mì · Baguette", price: 25000 },
];

// The books. Yours are a database: what is decided here between two awaits is
// there an UPDATE … WHERE state = 'waiting'.
const orders = new Map(); // by app_trans_id
const wallets = new Map(); // by customer
let asked = ""; // app_trans_id of the last binding that was asked for

// What will never be otherwise ("sen codes list" has them all). With any other
// value an order can still be paid, and a refund still be made.
const FINAL_ORDER = [-54, -217, -332, -333, -1330, -1331, -1332, -1333, -1340, -1341, -1342, -1343];
const FINAL_REFUND = [-2, -13, -14, -32, 0];

const refusal = (answer) => `${answer.sub_return_code}: ${answer.sub_return_message}`;

// create makes an order. It is in the books before the gateway hears of it: the
// callback may overtake the answer.
async function create(product, productCode = "") {
  const order = { id: newID(), product, state: "waiting", note: "", deliveries: 0 };
  orders.set(order.id, order);
  try {
    const answer = await call("/v2/create", {
      app_trans_id: order.id, app_user: customer, amount: product.price, description: product.name,
      app_time: Date.now(), // in milliseconds, and at most 15 minutes off
      item: "[]", embed_data: JSON.stringify({ redirecturl: self + "/back" }), // encoded once: signed and sent as this text
      callback_url: self + "/callback", product_code: productCode,
    });
    if (answer.return_code !== 1) throw new Error(refusal(answer));
    order.url = answer.order_url;
    order.token = answer.zp_trans_token;
  } catch (error) {
    // Whatever arrived is not paid, because nobody has its page. The customer
    // buys again under a new identifier: this one may be used now (-68).
    order.state = "failed";
    order.note = error.message;
  }
  return order;
}

// settle books a payment: once, however often it is told. A callback can come
// twice, at the same time as a query says the same, and after the order seemed lost.
function settle(id, amount, number) {
  const order = orders.get(id);
  if (!order || amount !== order.product.price) return false;
  if (order.state === "waiting" || order.state === "failed") {
    Object.assign(order, { state: "paid", note: "", number });
    order.deliveries++; // here the goods go out
  }
  return true;
}

// bound notes what became of a binding: status 1 is confirmed, others are its end.
function bound(user, data) {
  if (data.status === 1) wallets.set(user, { phone: data.masked_user_phone, token: data.pay_token, binding: data.binding_id });
  else if (wallets.get(user)?.binding === data.binding_id) wallets.delete(user); // ended in the wallet
}

// The gateway repeats what is answered with 0, and nothing else.
function callback(body) {
  const received = readCallback(body);
  if (!received) return { return_code: -1, return_message: "mac not equal" };
  const { type, data } = received;
  if (type === 2 && data.binding_id) bound(data.merchant_user_id, data);
  else if (type !== 1 || !data.zp_trans_id || !settle(data.app_trans_id, data.amount, data.zp_trans_id)) {
    return { return_code: 2, return_message: "not an order of this shop" };
  }
  return { return_code: 1, return_message: "success" };
}

// sync asks the gateway what the shop does not know yet: callbacks get lost, and
// refunds have none.
async function sync(order) {
  if (order.state === "waiting") {
    const answer = await call("/v2/query", { app_trans_id: order.id });
    if (answer.return_code === 1) settle(order.id, answer.amount, answer.zp_trans_id);
    else if (answer.return_code === 2 && FINAL_ORDER.includes(answer.sub_return_code) && order.state === "waiting") {
      Object.assign(order, { state: "failed", note: refusal(answer) });
    }
  } else if (order.state === "refunding") {
    const answer = await call("/v2/query_refund", { m_refund_id: order.refund, timestamp: Date.now() });
    if (answer.return_code === 1) order.state = "refunded";
    else if (answer.return_code === 2 && FINAL_REFUND.includes(answer.sub_return_code)) {
      Object.assign(order, { state: "paid", note: refusal(answer) });
    }
  }
}

// payByWallet pays with the wallet that the customer has saved. A success may
// also be "under way" (3): the query and the callback say.
async function payByWallet(order) {
  const wallet = wallets.get(customer);
  const answer = await call("/v2/agreement/pay", {
    pay_token: wallet?.token ?? "", identifier: customer, zp_trans_token: order.token, req_date: Date.now(),
  });
  if (answer.return_code === 2) order.note = refusal(answer); // it can still be paid on its page
  if ([-101, -1002, -1007].includes(answer.sub_return_code)) wallets.delete(customer); // that token pays no more
}

// refund gives all of a payment back. The identifier is in the books before the
// call, and a repeated click uses the same one: -23 then says that it was there.
async function refund(order) {
  if (order.state === "paid") Object.assign(order, { state: "refunding", note: "", refund: newRefundID() });
  if (order.state !== "refunding") return;
  const answer = await call("/v2/refund", {
    m_refund_id: order.refund, zp_trans_id: order.number, amount: order.product.price, description: "Khách đổi ý", timestamp: Date.now(),
  });
  const unsure = [-23, -500].includes(answer.sub_return_code); // after any other refusal surely nothing was done
  if (answer.return_code === 2 && !unsure) Object.assign(order, { state: "paid", note: refusal(answer) });
}

const file = (name, type) => () => ({ type, body: readFileSync(new URL("../" + name, import.meta.url)) });
const html = (body) => ({ type: "text/html; charset=utf-8", body });
const json = (value) => ({ type: "application/json", body: JSON.stringify(value) });
const see = (location) => ({ status: 303, location });
const refuse = (status, body) => ({ status, type: "text/plain; charset=utf-8", body });

const routes = {
  "GET /": () => html(homePage(products, [...orders.values()].reverse(), wallets.get(customer))),
  "GET /shop.css": file("shop.css", "text/css"),
  "GET /qr.mjs": file("qr.mjs", "text/javascript"),

  // Leads to where an order is paid: the gateway's page, a QR for another device,
  // or the wallet that was saved.
  "POST /buy": async ({ form }) => {
    const product = products.find((p) => p.id === form.get("product"));
    if (!product) return refuse(400, "no such product");
    const by = form.get("by");
    const order = await create(product, by === "wallet" ? "AGREEMENT" : "");
    if (order.state === "waiting" && by === "wallet") await payByWallet(order);
    return see(order.state === "waiting" && !by ? order.url : "/orders/" + order.id);
  },
  "GET /orders/*": async ({ order }) => {
    await sync(order).catch((error) => console.warn(error.message)); // the page says what is known
    return html(orderPage(order));
  },
  "POST /orders/*/refund": async ({ order }) => {
    await refund(order);
    return see("/orders/" + order.id);
  },
  // Where payers come back to. What the address says only chooses the page: the
  // payer can keep it and open it again. Whether it is paid, the gateway says.
  "GET /back": ({ query }) =>
    goodRedirect(query) ? see("/orders/" + query.get("apptransid")) : refuse(400, "Địa chỉ này đã bị sửa · This address was changed"),

  "POST /callback": ({ body }) => json(callback(body)),
  "GET /callback": () => refuse(405, "callbacks are sent by POST"),

  "POST /wallet": async () => {
    asked = newID();
    const answer = await call("/v2/agreement/bind", {
      app_trans_id: asked, identifier: customer, binding_type: "WALLET", binding_data: "{}", max_amount: 0, req_date: Date.now(),
      callback_url: self + "/callback", redirect_url: self + "/wallet/back",
    });
    return answer.return_code === 1 ? see(answer.binding_qr_link) : refuse(502, refusal(answer));
  },
  // This address has no checksum, so it proves nothing: ask.
  "GET /wallet/back": async () => {
    const answer = await call("/v2/agreement/query", { app_trans_id: asked, req_date: Date.now() });
    if (answer.return_code === 1) bound(customer, answer.data);
    return see("/");
  },
  "POST /wallet/forget": async () => {
    const wallet = wallets.get(customer);
    wallets.delete(customer);
    if (wallet) await call("/v2/agreement/unbind", { binding_id: wallet.binding, identifier: customer, req_date: Date.now() });
    return see("/");
  },

  // Asks about everything that is open. Call it every minute or so, for those who
  // paid, closed the browser, and whose callback was lost.
  "POST /sync": async () => {
    for (const order of orders.values()) await sync(order);
    return { status: 204 };
  },
};

if (process.env.SHOP_TEST) { // for "sen certify"
  routes["POST /test/order"] = async () => {
    const order = await create(products[0]);
    return json({ app_trans_id: order.id, amount: order.product.price });
  };
  routes["GET /test/deliveries"] = ({ query }) => json(orders.get(query.get("id"))?.deliveries ?? 0);
}

async function serve(request) {
  const url = new URL(request.url, self);
  const [, id] = url.pathname.match(/^\/orders\/([^/]+)/) ?? [];
  const route = routes[`${request.method} ${id ? url.pathname.replace(id, "*") : url.pathname}`];
  const order = orders.get(id);
  if (!route || (id && !order)) return refuse(404, "not found");
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk); // bytes, so that no character is cut in two
  const body = Buffer.concat(chunks).toString();
  return route({ order, query: url.searchParams, body, form: new URLSearchParams(body) });
}

createServer(async (request, response) => {
  const answer = await serve(request).catch((error) => (console.error(error), refuse(502, error.message)));
  response.writeHead(answer.status ?? 200, { ...(answer.type && { "Content-Type": answer.type }), ...(answer.location && { Location: answer.location }) });
  response.end(answer.body);
}).listen(Number(addr.split(":").at(-1)), addr.split(":")[0], () => console.log("the shop is open at " + self));
