import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, webcrypto } from "node:crypto";
import { after, before, test } from "node:test";
import { ArrivedError, Client, Code, DisbursementStates, lookup, Methods, RefusedError } from "../src/index.js";
import type { Callback } from "../src/index.js";
import { Card, Gateway, Wallets } from "../testing/index.js";
import { bin } from "./repository.js";

// Each operation of the SDK against the program: one gateway, whose clock stands.
let gw: Gateway;
const told: Callback[] = [];
let accepting = true;

before(async () => {
  gw = await Gateway.start({ bin, at: new Date("2026-01-02T07:00:00+07:00"), refundsTake: 60_000 });
  await gw.callbacksTo(
    gw.client.nodeCallbackHandler((callback) => {
      if (!accepting) throw new Error("the database is away");
      told.push(callback);
    }),
  );
});
after(async () => gw.stop());

const minute = 60_000;

function newOrder(suffix: string, amount = 50_000) {
  const app_trans_id = gw.client.appTransID(suffix);
  return gw.client.orders.create({
    app_trans_id,
    app_user: "Nguyễn Văn Ấn 🪷",
    amount,
    description: "Trà sen",
    item: [{ name: "Trà sen", quantity: 1, price: amount }],
    embed_data: { redirecturl: "https://shop.example/thanks", cart: suffix },
  });
}

/** Waits for a call to be refused, and returns the refusal. */
async function refusalOf(call: Promise<unknown>): Promise<RefusedError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error("the call was not refused");
}

test("an order: created, paid, told, queried, refunded", async () => {
  const app_trans_id = gw.client.appTransID("paid");
  const order = await newOrder("paid");
  assert.equal(order.return_code, 1);
  assert.ok(order.order_url.startsWith(gw.url) && order.zp_trans_token !== "");

  const waiting = await gw.client.orders.query({ app_trans_id });
  assert.deepEqual([waiting.paid, waiting.pending, waiting.amount], [false, true, 0]);

  const payment = await gw.pay(order.order_url);
  const callback = told.find((one) => one.order?.app_trans_id === app_trans_id)?.order;
  assert.equal(callback?.amount, 50_000);
  assert.equal(callback.app_user, "Nguyễn Văn Ấn 🪷");
  assert.equal(callback.zp_trans_id, payment.zp_trans_id);
  assert.equal(callback.channel, Methods.Wallet);
  assert.deepEqual(JSON.parse(callback.embed_data), { redirecturl: "https://shop.example/thanks", cart: "paid" });

  const paid = await gw.client.orders.query({ app_trans_id });
  assert.deepEqual([paid.paid, paid.amount, paid.zp_trans_id], [true, 50_000, payment.zp_trans_id]);
  assert.equal((await refusalOf(gw.client.orders.cancel({ app_trans_id }))).code, Code.AlreadyPaid);

  const m_refund_id = gw.client.mRefundID("paid");
  const refund = await gw.client.refunds.create({
    m_refund_id,
    zp_trans_id: paid.zp_trans_id,
    amount: 20_000,
    refund_fee_amount: 500,
    description: "Khách đổi ý",
  });
  assert.ok(refund.refund_id > 0);
  const early = await gw.client.refunds.query({ m_refund_id });
  assert.deepEqual([early.done, early.pending], [false, true]);
  await gw.advance(minute);
  const late = await gw.client.refunds.query({ m_refund_id });
  assert.deepEqual([late.done, late.pending], [true, false]);

  const rest = { zp_trans_id: String(paid.zp_trans_id), description: "Khách đổi ý" };
  const again = await refusalOf(gw.client.refunds.create({ ...rest, m_refund_id, amount: 20_000 }));
  assert.equal(again.code, Code.DuplicateRefund);
});

test("a ZOD invoice: created, paid, told, refunded; and bank deep links", async () => {
  const mcRefId = "SHIP-7";
  const made = await gw.client.deliveries.create({
    mcRefId,
    amount: 430_000,
    receiver: { contact: "Nguyễn Thị Lan" },
    orderInfo: [{ trackingNumber: "SPX001", description: "Giày", amount: 400_000 }],
    mcExtInfo: { shippingSubtotal: 30_000 },
  });
  assert.equal((await gw.client.deliveries.invoice({ mcRefId })).orderUrl, made.orderUrl);
  const waiting = await gw.client.deliveries.status({ mcRefId });
  assert.deepEqual([waiting.paid, waiting.amount, waiting.zpTransId], [false, 0, 0]);
  const payment = await gw.pay(made.orderUrl);
  const callback = told.find((one) => one.zod?.mcRefId === mcRefId)?.zod;
  assert.deepEqual([callback?.userChargeAmount, callback?.mcExtInfo], [430_000, '{"shippingSubtotal":30000}']);
  const paid = await gw.client.deliveries.status({ mcRefId });
  assert.deepEqual([paid.paid, paid.amount, paid.zpTransId], [true, 430_000, payment.zp_trans_id]);
  const m_refund_id = gw.client.mRefundID("zod");
  const refund = { m_refund_id, zp_trans_id: paid.zpTransId, amount: 430_000, description: "Hàng lỗi" };
  assert.ok((await gw.client.refunds.create(refund)).refund_id > 0);
  assert.equal((await refusalOf(gw.client.deliveries.status({ mcRefId: "none" }))).code, Code.NotFound);

  const order = await newOrder("links");
  const { data } = await gw.client.banks.deepLinks({
    os_type: "ios",
    bank_codes: "VTB",
    order_token: order.order_token,
  });
  assert.deepEqual([data?.length, data?.[0]?.is_auto_fill, data?.[0]?.deep_link.startsWith(gw.url)], [1, true, true]);
  const refused = await refusalOf(gw.client.banks.deepLinks({ os_type: "android", order_token: "AC" }));
  assert.equal(refused.code, Code.BankOrder);
});

test("an order: cancelled, expired, declined", async () => {
  await newOrder("cancelled");
  const cancelled = { app_trans_id: gw.client.appTransID("cancelled") };
  await gw.client.orders.cancel(cancelled);
  await gw.client.orders.cancel(cancelled);
  assert.equal((await refusalOf(gw.client.orders.query(cancelled))).code, Code.Expired);

  await newOrder("slow");
  const slow = { app_trans_id: gw.client.appTransID("slow") };
  await gw.decline(slow.app_trans_id);
  const declined = await refusalOf(gw.client.orders.query(slow));
  assert.deepEqual([declined.code, declined.status?.finality, declined.retryable], [Code.BalanceTooLow, "open", true]);
  assert.match(declined.advice("vi"), /Báo khách/);
  assert.match(declined.advice("en-GB"), /Ask the customer/);
  await gw.expire(slow.app_trans_id);
  const expired = await refusalOf(gw.client.orders.query(slow));
  assert.deepEqual([expired.code, expired.status?.finality], [Code.Expired, "final"]);
});

test("a wallet: bound, asked, charged by token, unbound", async () => {
  const app_trans_id = gw.client.appTransID("wallet");
  const asked = await gw.client.bindings.create({ app_trans_id, identifier: "lan", binding_data: { plan: "tháng" } });
  const waiting = await gw.client.bindings.query({ app_trans_id });
  assert.deepEqual([waiting.pending, waiting.confirmed, waiting.data], [true, false, undefined]);

  const pay_token = await gw.agree(asked.binding_token);
  const agreement = told.find((one) => one.agreement?.app_trans_id === app_trans_id)?.agreement;
  assert.deepEqual([agreement?.pay_token, agreement?.binding_data], [pay_token, '{"plan":"tháng"}']);
  const bound = await gw.client.bindings.query({ app_trans_id });
  assert.deepEqual([bound.confirmed, bound.data?.pay_token], [true, pay_token]);

  assert.ok((await gw.client.bindings.balance({ pay_token, identifier: "lan", amount: 30_000 })).payable);
  assert.ok(!(await gw.client.bindings.balance({ pay_token, identifier: "lan", amount: 900_000_000 })).payable);
  assert.match((await gw.client.bindings.user({ access_token: pay_token })).phone, /^\*+0001$/);

  const { zp_trans_token } = await newOrder("by-wallet-token");
  const payment = await gw.client.bindings.pay({ pay_token, identifier: "lan", zp_trans_token });
  const again = await gw.client.bindings.pay({ pay_token, identifier: "lan", zp_trans_token });
  assert.equal(again.zp_trans_id, payment.zp_trans_id);
  assert.ok((await gw.client.orders.query({ app_trans_id: gw.client.appTransID("by-wallet-token") })).paid);

  const binding_id = bound.data?.binding_id ?? "";
  assert.equal((await gw.client.bindings.end({ binding_id, identifier: "lan" })).return_code, 1);
  assert.equal((await refusalOf(gw.client.bindings.end({ binding_id, identifier: "lan" }))).code, Code.NotFound);
  const other = await newOrder("after-the-end");
  const refused = gw.client.bindings.pay({ pay_token, identifier: "lan", zp_trans_token: other.zp_trans_token });
  assert.equal((await refusalOf(refused)).code, Code.BindingEnded);
});

test("a card: bound, charged by token, unbound", async () => {
  const app_trans_id = gw.client.appTransID("card");
  const asked = await gw.client.cards.create({
    app_trans_id,
    identifier: "lan",
    redirect_url: "https://shop.example/bound",
  });
  assert.ok((await gw.client.cards.query({ app_trans_id })).pending);
  const pay_token = await gw.agree(asked.binding_token, { card: Card });
  const bound = await gw.client.cards.query({ app_trans_id });
  assert.deepEqual([bound.confirmed, bound.pay_token, bound.card_number], [true, pay_token, "411111******1111"]);
  assert.ok(told.some((one) => one.agreement?.card_number === "411111******1111"));

  const { zp_trans_token } = await newOrder("by-card-token");
  await gw.client.cards.pay({ pay_token, identifier: "lan", zp_trans_token });
  const paid = await gw.client.orders.query({ app_trans_id: gw.client.appTransID("by-card-token") });
  assert.deepEqual([paid.paid, paid.amount], [true, 50_000]);

  const end = { binding_id: bound.binding_id ?? "", identifier: "lan" };
  assert.equal((await gw.client.cards.end(end)).return_code, 1);
  assert.equal((await refusalOf(gw.client.cards.end(end))).code, Code.NotFound);
});

test("a card: bound and charged in one go", async () => {
  const app_trans_id = gw.client.appTransID("card-and-pay");
  const payment = { amount: 70_000, description: "Gói tháng đầu", embed_data: { plan: 1 } };
  const asked = await gw.client.cards.create({ app_trans_id, identifier: "lan", device_type: "MOBILE", payment });
  await gw.agree(asked.binding_token, { card: Card });
  const paid = await gw.client.orders.query({ app_trans_id });
  assert.deepEqual([paid.paid, paid.amount], [true, 70_000]);
  const callback = told.find((one) => one.order?.app_trans_id === app_trans_id)?.order;
  assert.deepEqual([callback?.amount, callback?.embed_data], [70_000, '{"plan":1}']);
});

test("a till: paid with a code as it was scanned, and encrypted", async () => {
  const { public_key } = await gw.control<{ public_key: string }>("POST", `apps/${gw.app.appId}/code-key`);
  const order = { app_user: "till-1", amount: 45_000, description: "Trà sen 🪷", userIP: "192.0.2.10" };
  for (const [suffix, codeKey] of [
    ["till-plain", undefined],
    ["till-sealed", public_key],
  ] as const) {
    const { orders } = gw.clientOf(gw.app, { codeKey });
    const app_trans_id = gw.client.appTransID(suffix);
    const payment_code = await gw.paymentCode();
    const paid = await orders.quickPay({ ...order, app_trans_id, payment_code, item: [{ name: "Trà" }] });
    assert.deepEqual([paid.pending, paid.is_processing, paid.zp_trans_id > 0], [false, false, true]);
    assert.equal((await orders.query({ app_trans_id })).zp_trans_id, paid.zp_trans_id);
    const again = orders.quickPay({ ...order, app_trans_id: gw.client.appTransID(suffix + "-2"), payment_code });
    assert.equal((await refusalOf(again)).code, Code.NotFound);
    assert.equal((await refusalOf(orders.quickPay({ ...order, app_trans_id, payment_code }))).code, Code.Duplicate);
  }
});

test("a payout: its receiver, its account, paid, waiting, failed", async () => {
  const account = await gw.control<{ private_key: string }>("GET", `apps/${gw.app.appId}/disbursement`);
  const payer = gw.clientOf(gw.app, { privateKey: account.private_key }).disbursements;
  const { data: receiver } = await payer.user({ phone: "0900000003" });
  assert.equal(receiver.phone, "0900000003");
  const nobody = await refusalOf(payer.user({ phone: "0999999999" }));
  assert.equal(nobody.code, Code.NotFound);

  const before = (await payer.balance()).data.balance;
  const payout = { m_u_id: receiver.m_u_id, amount: 120_000, description: "Lương tháng 1 🪷" };
  const made = await payer.topUp({
    ...payout,
    partner_order_id: "salary-1",
    partner_embed_data: { store: "Quận 1" },
    extra_info: '{ "a": 1 }',
  });
  assert.deepEqual([made.paid, made.pending, made.data.status], [true, false, DisbursementStates.Paid]);
  const paid = await payer.query({ partner_order_id: "salary-1" });
  assert.deepEqual(
    [paid.paid, paid.data.amount, paid.data.description, paid.data.extra_info],
    [true, 120_000, payout.description, '{ "a": 1 }'],
  );
  assert.equal((await payer.balance({ payment_id: "CASHIN" })).data.balance, before - 120_000);
  assert.equal((await refusalOf(payer.topUp({ ...payout, partner_order_id: "salary-1" }))).code, Code.Duplicate);

  await gw.control("POST", `apps/${gw.app.appId}/disbursement`, { held: true });
  const waiting = await payer.topUp({ ...payout, partner_order_id: "salary-2" });
  assert.deepEqual([waiting.paid, waiting.pending], [false, true]);
  await gw.control("POST", `disbursements/${waiting.data.order_id}/reject`);
  const failed = await payer.query({ partner_order_id: "salary-2" });
  assert.deepEqual([failed.paid, failed.pending, failed.data.status], [false, false, DisbursementStates.Failed]);
  await gw.control("POST", `apps/${gw.app.appId}/disbursement`, { held: false });
  assert.equal((await refusalOf(payer.query({ partner_order_id: "none" }))).code, Code.NotFound);
});

test("a payout with a key of WebCrypto, whose answer was lost", async () => {
  const { private_key } = await gw.control<{ private_key: string }>("GET", `apps/${gw.app.appId}/disbursement`);
  const der = createPrivateKey(private_key).export({ type: "pkcs8", format: "der" });
  const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const privateKey = await webcrypto.subtle.importKey("pkcs8", der, rsa, false, ["sign"]);
  const payer = gw.clientOf(gw.app, { privateKey, retries: 2 }).disbursements;
  const { data } = await payer.user({ phone: "0900000003" });
  await gw.force("disbursement_topup", { break: "reset", calls: 1 });
  const lost = payer.topUp({ partner_order_id: "lost-1", m_u_id: data.m_u_id, amount: 1_000, description: "Trà sen" });
  await assert.rejects(lost, (error) => error instanceof ArrivedError && error.id === "lost-1");
  assert.ok((await payer.query({ partner_order_id: "lost-1" })).paid);
});

test("the bank list", async () => {
  const { banks } = await gw.client.banks.list();
  const all = Object.values(banks).flat();
  assert.ok(all.some((bank) => bank.pmcid === Methods.Wallet && bank.minamount > 0));
});

test("every operation was called, and signed well", async () => {
  const requests = await gw.requests();
  const called = new Set(requests.map((request) => request.operation));
  assert.equal(called.size, 25, [...called].sort().join(" "));
  assert.ok(requests.every((request) => request.macGood));
});

test("a callback that is not taken comes again", async () => {
  accepting = false;
  const app_trans_id = gw.client.appTransID("refused");
  await newOrder("refused");
  await gw.pay(app_trans_id, { wallet: Wallets.Second });
  accepting = true;
  await gw.advance(minute);
  const sent = (await gw.callbacks()).find((one) => one.order?.app_trans_id === app_trans_id);
  assert.equal(sent?.delivered, true);
  assert.deepEqual(
    sent.attempts.map((attempt) => (JSON.parse(attempt.answer) as { return_code: number }).return_code),
    [0, 1],
  );
  assert.equal(told.filter((one) => one.order?.app_trans_id === app_trans_id).length, 1);
});

test("a lost answer is asked for again, and what was done is said so", async () => {
  const patient = gw.clientOf(gw.app, { retries: 2 });
  const app_trans_id = gw.client.appTransID("lost");
  await gw.force("create_order", { break: "reset", calls: 1 });
  const lost = patient.orders.create({ app_trans_id, app_user: "lan", amount: 1_000, description: "Trà sen" });
  await assert.rejects(lost, (error) => {
    assert.ok(error instanceof ArrivedError);
    assert.deepEqual([error.id, error.refusal.code], [app_trans_id, Code.Duplicate]);
    return true;
  });
  assert.ok((await gw.client.orders.query({ app_trans_id })).pending);

  await gw.force("query_order", { break: "http_502", calls: 2 });
  assert.ok((await patient.orders.query({ app_trans_id })).pending);
});

test("a callback that was lost comes after all", async () => {
  const app_trans_id = gw.client.appTransID("unheard");
  const heard = () => told.some((one) => one.order?.app_trans_id === app_trans_id);
  await newOrder("unheard");
  await gw.loseCallback();
  await gw.pay(app_trans_id);
  await gw.advance(60 * minute);
  assert.equal(heard(), false);
  assert.equal((await gw.callbacks()).at(-1)?.lost, true);
  assert.equal((await gw.client.orders.query({ app_trans_id })).paid, true);
  assert.equal(await gw.redeliver(), 1);
  assert.equal(heard(), true);
  assert.equal(await gw.redeliver(), 0);
});

test("a payer shows a code at the till", async () => {
  assert.match(await gw.paymentCode(), /^28\d{16}$/);
});

test("messages are in the language of the client, and errors say whether they are final", async () => {
  const app_trans_id = gw.client.appTransID("languages");
  await newOrder("languages");
  const english = new Client({ ...gw.app, baseURL: gw.url, now: () => gw.now(), retries: 0, language: "en" });
  await gw.decline(app_trans_id);
  for (const [client, text] of [
    [english, "balance"],
    [gw.client, "Số dư"],
  ] as const) {
    const refused = await refusalOf(client.orders.query({ app_trans_id }));
    assert.deepEqual([refused.code, refused.final], [Code.BalanceTooLow, false]);
    assert.ok(refused.message.includes(text), refused.message);
  }
  await gw.expire(app_trans_id);
  const over = await refusalOf(english.orders.query({ app_trans_id }));
  assert.deepEqual([over.code, over.final], [Code.Expired, true]);
});

test("a forced value is refused until it is undone", async () => {
  const undo = await gw.force("create_order", Code.Maintenance);
  const refused = await refusalOf(newOrder("forced"));
  assert.deepEqual(refused.status, lookup("create_order", Code.Maintenance));
  assert.ok(refused.retryable && refused.message.includes("SYSTEM_MAINTENANCE"));
  await undo();
  assert.equal((await newOrder("forced")).return_code, 1);
});

test("a wrong key is refused", async () => {
  const stranger = gw.clientOf({ ...gw.app, key1: gw.app.key2 });
  const refused = await refusalOf(stranger.orders.query({ app_trans_id: gw.client.appTransID("paid") }));
  assert.equal(refused.code, Code.Unauthorized);
  assert.match(refused.message, /key2/); // a sandbox says what is wrong

  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const forger = gw.clientOf(gw.app, { privateKey: pem }).disbursements;
  const { data } = await forger.user({ phone: "0900000003" });
  const forged = forger.topUp({ partner_order_id: "forged", m_u_id: data.m_u_id, amount: 1_000, description: "Trà" });
  assert.equal((await refusalOf(forged)).code, Code.Unauthorized);
});
