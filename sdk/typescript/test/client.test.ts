import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, generateKeyPairSync, privateDecrypt, verify as verifySignature, webcrypto } from "node:crypto";
import { inspect } from "node:util";
import {
  appTransID,
  Client,
  mRefundID,
  NoAnswerError,
  HTTPError,
  operations,
  RefusedError,
  URLs,
} from "../src/index.js";
import { sign, signedText, verify, type ClientOptions } from "../src/index.js";
import { sealCode, type NodeCrypto } from "../src/seal.js";

const keys = { appId: 2553, key1: "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", key2: "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz" };
const done = { return_code: 1, return_message: "", sub_return_code: 1, sub_return_message: "" };

interface Sent {
  url: string;
  type: string;
  body: string;
}

/** A network that answers in turn, and the requests that it was given. */
function network(...answers: (object | number | Error)[]): { fetch: typeof fetch; sent: Sent[] } {
  const sent: Sent[] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    sent.push({
      url: String(url),
      type: new Headers(init?.headers).get("content-type") ?? "",
      body: String(init?.body),
    });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    if (typeof answer === "number") return new Response("{}", { status: answer });
    return new Response(JSON.stringify(answer));
  };
  return { fetch, sent };
}

function client(fetch: typeof globalThis.fetch, options: Partial<ClientOptions> = {}): Client {
  return new Client({
    ...keys,
    baseURL: URLs.Local,
    now: () => new Date("2026-01-02T00:00:00+07:00"),
    ...options,
    fetch,
  });
}

const order = { app_trans_id: "260102_1", app_user: "lan", amount: 50_000, description: "Trà sen" };

test("days are those of GMT+7", () => {
  assert.equal(appTransID("a", new Date("2026-01-01T16:59:59Z")), "260101_a");
  assert.equal(appTransID("a", new Date("2026-01-01T17:00:00Z")), "260102_a");
  assert.equal(mRefundID(2553, "a", new Date("2026-12-31T17:00:00Z")), "270101_2553_a");
  assert.equal(client(network().fetch).appTransID("a"), "260102_a");
  assert.equal(client(network().fetch).mRefundID("a"), "260102_2553_a");
});

test("the provider's hosts are used as they are, with the bank list on that of the pages", async () => {
  for (const [baseURL, api, pages] of [
    [undefined, "https://sb-openapi.zalopay.vn", "https://sbgateway.zalopay.vn"],
    [URLs.Production, "https://openapi.zalopay.vn", "https://gateway.zalopay.vn"],
    ["https://pay.example/", "https://pay.example", "https://pay.example"],
  ]) {
    const { fetch, sent } = network(done, { returncode: 1, returnmessage: "", banks: {} });
    const c = client(fetch, { baseURL });
    await c.orders.query({ app_trans_id: "260102_1" });
    await c.banks.list();
    assert.deepEqual(
      sent.map(({ url, type }) => [url, type]),
      [
        [`${api}/v2/query`, "application/json"],
        [`${pages}/api/getlistmerchantbanks`, "application/x-www-form-urlencoded"],
      ],
    );
  }
});

test("what is signed is what is sent", async () => {
  const { fetch, sent } = network(done);
  const half = "🪷".slice(0, 1);
  await client(fetch).orders.create({
    ...order,
    app_user: `Ấn ${half}`,
    item: [{ name: "Trà" }],
    embed_data: '{ "a": 1 }',
  });
  const received = JSON.parse(new TextDecoder().decode(new TextEncoder().encode(sent[0]?.body))) as Record<
    string,
    unknown
  >;
  const text = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]));
  assert.ok(await verify(keys.key1, signedText(operations.create_order, text, keys.key1), text["mac"] ?? ""));
  assert.equal(text["app_user"], "Ấn \uFFFD");
  assert.equal(text["item"], '[{"name":"Trà"}]');
  assert.equal(text["embed_data"], '{ "a": 1 }');
  assert.equal(received["app_time"], Date.parse("2026-01-01T17:00:00Z"));
});

test("what the caller gives is sent as it is", async () => {
  const { fetch, sent } = network(done);
  const c = client(fetch);
  await c.orders.create({ ...order, app_time: 1 });
  await c.refunds.create({ m_refund_id: "r", zp_trans_id: 7, amount: 1, description: "d", timestamp: 2 });
  await c.bindings.query({ app_trans_id: "260102_1", req_date: 3 });
  await c.cards.create({ app_trans_id: "260102_1", identifier: "lan", device_type: "MOBILE", req_date: 4 });
  const members = sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  assert.deepEqual(
    [members[0]?.["app_time"], members[1]?.["timestamp"], members[2]?.["req_date"], members[3]?.["req_date"]],
    [1, 2, 3, 4],
  );
  assert.equal(members[1]?.["zp_trans_id"], "7");
  assert.equal(members[3]?.["device_type"], "MOBILE");
});

test("a number that is not whole is refused before it is sent", async () => {
  const { fetch, sent } = network(done);
  for (const amount of [0.5, NaN, 1e21])
    await assert.rejects(client(fetch).orders.create({ ...order, amount }), TypeError);
  assert.equal(sent.length, 0);
});

test("a call is repeated when it got no answer, with the same identifier and body", async () => {
  const { fetch, sent } = network(new Error("reset"), 502, done);
  await client(fetch).orders.create(order);
  assert.equal(sent.length, 3);
  assert.equal(new Set(sent.map(({ body }) => body)).size, 1);
});

test("a call is not repeated without end, nor when it would be refused again", async () => {
  const lost = network(new Error("reset"));
  await assert.rejects(client(lost.fetch).orders.create(order), NoAnswerError);
  assert.equal(lost.sent.length, 3);
  const once = network(503);
  await assert.rejects(client(once.fetch, { retries: 0 }).orders.create(order), HTTPError);
  assert.equal(once.sent.length, 1);
  for (const answer of [405, { ...done, return_code: 2, sub_return_code: -68 }]) {
    const refused = network(answer);
    await assert.rejects(
      client(refused.fetch).orders.create(order),
      (e) => e instanceof HTTPError || e instanceof RefusedError,
    );
    assert.equal(refused.sent.length, 1);
  }
});

test("an answer that is none counts as lost", async () => {
  for (const answer of [{}, [], { return_code: "1" }]) {
    await assert.rejects(client(network(answer).fetch, { retries: 0 }).orders.create(order), NoAnswerError);
  }
});

test("a refusal in return_code itself has its code", async () => {
  const { fetch } = network({ returncode: -402, returnmessage: "no" });
  await assert.rejects(client(fetch).banks.list(), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.deepEqual(
      [error.code, error.return_code, error.sub_return_code, error.status?.value],
      [-402, -402, 0, -402],
    );
    return true;
  });
});

test("a value that nobody knows is a refusal without advice", async () => {
  const { fetch } = network({ ...done, return_code: 2, sub_return_code: -4242, sub_return_message: "new" });
  await assert.rejects(client(fetch).orders.create(order), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.deepEqual([error.code, error.status, error.retryable, error.advice("vi")], [-4242, undefined, false, ""]);
    assert.match(error.message, /^create_order: -4242: new$/);
    return true;
  });
});

test("zp_trans_id may come as a string of digits", async () => {
  const { fetch } = network({ ...done, amount: 1, zp_trans_id: "260102000000012" });
  const { zp_trans_id } = await client(fetch).orders.query({ app_trans_id: "260102_1" });
  assert.equal(zp_trans_id, 260102000000012);
});

const payout = { partner_order_id: "salary-1", m_u_id: "m", amount: 1_000, description: "Lương" };
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = (type: "pkcs8" | "pkcs1"): string => pair.privateKey.export({ type, format: "pem" }).toString();

test("a payout carries the signature of the mac's text, and no mac", async () => {
  const { fetch, sent } = network({ ...done, data: { status: 3 } });
  const c = client(fetch, { privateKey: pem("pkcs8").replaceAll("\n", "\r\n") });
  const answer = await c.disbursements.topUp(payout);
  assert.deepEqual([answer.paid, answer.pending], [false, true]);
  const received = JSON.parse(sent[0]?.body ?? "") as Record<string, unknown>;
  const text = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]));
  assert.deepEqual(
    [text["payment_id"], text["partner_embed_data"], text["extra_info"], text["mac"]],
    ["CASHIN", "{}", "{}", undefined],
  );
  const mac = await sign(keys.key1, signedText(operations.disbursement_topup, text, keys.key1));
  const sig = Buffer.from(text["sig"] ?? "", "base64");
  assert.ok(verifySignature("sha256", Buffer.from(mac), pair.publicKey, sig));
});

test("a payout without a key that can sign it is not sent, and says what to do", async () => {
  const { fetch, sent } = network(done);
  const other = await webcrypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-512" },
    false,
    ["sign", "verify"],
  );
  const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  for (const [privateKey, said] of [
    [undefined, /no privateKey.*sen disbursement key show/],
    ["", /no privateKey/],
    [pem("pkcs1"), /PKCS #1.*openssl pkcs8/],
    ["-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----", /PKCS #8 PEM/],
    ["key", /PKCS #8 PEM/],
    [elliptic.export({ type: "pkcs8", format: "pem" }).toString(), /PKCS #8 PEM/],
    [other.privateKey, /SHA-256/],
    [other.publicKey, /SHA-256/],
  ] as const) {
    await assert.rejects(client(fetch, { privateKey }).disbursements.topUp(payout), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, said);
      const secret = String(privateKey).split("\n")[1];
      assert.ok(secret === undefined || !error.message.includes(secret));
      return true;
    });
  }
  assert.equal(sent.length, 0);
});

const codeKey = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
const till = { app_trans_id: "260102_till", app_user: "till-1", amount: 45_000, description: "Trà sen" };
const payment_code = "281234567890123456";

test("a payment code is signed as it was scanned, and sent encrypted", async () => {
  const body = codeKey.split("\n").slice(1, -2).join("");
  for (const key of [codeKey, codeKey.replaceAll("\n", "\r\n"), body]) {
    const { fetch, sent } = network({ ...done, zp_trans_id: 7, is_processing: false });
    const { zp_trans_id } = await client(fetch, { codeKey: key }).orders.quickPay({ ...till, payment_code });
    assert.equal(zp_trans_id, 7);
    const received = JSON.parse(sent[0]?.body ?? "") as Record<string, unknown>;
    const text = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]));
    const opened = privateDecrypt(
      { key: pair.privateKey, padding: constants.RSA_NO_PADDING },
      Buffer.from(text["payment_code"] ?? "", "base64"),
    );
    const random = opened.subarray(2, -19);
    assert.deepEqual([...opened.subarray(0, 2)], [0, 2]);
    assert.ok(random.length === 235 && !random.includes(0));
    assert.equal(opened.subarray(-19).toString("latin1"), "\0" + payment_code);
    const signed = signedText(operations.quick_pay, { ...text, payment_code }, keys.key1);
    assert.equal(text["mac"], await sign(keys.key1, signed));
  }
});

test("without a codeKey a payment code goes as it was scanned", async () => {
  const { fetch, sent } = network(done);
  await client(fetch).orders.quickPay({ ...till, payment_code });
  assert.match(sent[0]?.body ?? "", /"payment_code":"281234567890123456"/);
});

test("a payment code that can't be encrypted is not sent, and says what to do", async () => {
  const { fetch, sent } = network(done);
  const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
  for (const bad of ["", "key", pem("pkcs8"), elliptic.export({ type: "spki", format: "pem" }).toString()]) {
    const call = client(fetch, { codeKey: bad }).orders.quickPay({ ...till, payment_code });
    await assert.rejects(call, { name: "TypeError", message: /codeKey is not a public RSA key.*sen app code-key/ });
  }
  assert.equal(sent.length, 0);
  const none = (): Promise<never> => Promise.reject(new Error("No such module"));
  const part = (): Promise<NodeCrypto> => Promise.resolve({} as NodeCrypto);
  for (const load of [none, part]) {
    await assert.rejects(sealCode(codeKey, payment_code, load), {
      name: "TypeError",
      message: /node:crypto.*nodejs_compat/,
    });
  }
});

/** A network that says nothing until it is told to stop. */
const silence = (_: unknown, init?: RequestInit): Promise<Response> =>
  new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));

test("a try that takes too long counts as lost", async () => {
  await assert.rejects(client(silence, { timeout: 1, retries: 1 }).orders.create(order), (error) => {
    assert.ok(error instanceof NoAnswerError);
    assert.equal((error.cause as Error).name, "TimeoutError");
    return true;
  });
});

test("who gives up hears their own reason, at once", async () => {
  const reason = new Error("closing");
  for (const fetch of [silence, network(new Error("reset")).fetch]) {
    const controller = new AbortController();
    const call = client(fetch).orders.create(order, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(call, (error) => error === reason);
  }
  const { fetch, sent } = network(done);
  await assert.rejects(
    client(fetch).orders.create(order, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  assert.equal(sent.length, 0);
});

test("a client prints without its secrets, and says what it lacks", async () => {
  const c = client(network().fetch, { privateKey: pem("pkcs8") });
  const printed = inspect(c, { depth: 9, showHidden: true }) + JSON.stringify(c);
  assert.ok(!printed.includes(keys.key1) && !printed.includes(keys.key2) && !printed.includes("PRIVATE"), printed);
  const callOnly = new Client({ appId: 1, key1: "k" });
  assert.throws(() => callOnly.callbackHandler(() => undefined), TypeError);
  await assert.rejects(callOnly.verifyCallback("{}"), TypeError);
  assert.throws(() => new Client({ ...keys, baseURL: "pay.example" }), TypeError);
  assert.throws(() => new Client({ ...keys, appId: NaN }), TypeError);
});
