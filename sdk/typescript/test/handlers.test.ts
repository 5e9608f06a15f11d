import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import {
  callbackHandler,
  nodeCallbackHandler,
  receiveCallback,
  type Callback,
  type NodeRequest,
} from "../src/index.js";
import { Gateway } from "../testing/index.js";
import { bin, vectors } from "./repository.js";

const [good] = vectors<{ app_id: number; secret: string; body: string }>("callbacks.json");
assert.ok(good);
const app = { appId: good.app_id, key2: good.secret };
const bad = good.body.replace("50000", "1");

/** What each body is answered, and how many of them are accepted. */
const cases: [string, string, object][] = [
  ["good", good.body, { return_code: 1, return_message: "success" }],
  ["forged", bad, { return_code: -1, return_message: "mac not equal" }],
  ["no JSON", "data=paid", { return_code: 2, return_message: "the callback cannot be read" }],
  ["nothing", "", { return_code: 2, return_message: "the callback cannot be read" }],
  [
    "too long",
    `${good.body}${" ".repeat(1_000_000)}`,
    { return_code: 2, return_message: "the callback cannot be read" },
  ],
];

const ends: (() => void)[] = [];
after(() => ends.forEach((end) => end()));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the handler of the Fetch API answers as the gateway expects", async () => {
  const taken: Callback[] = [];
  const handle = callbackHandler(app, (callback) => void taken.push(callback));
  for (const [name, body, want] of cases) {
    const response = await handle(new Request("https://shop.example/callback", { method: "POST", body }));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), want, name);
  }
  assert.deepEqual(
    taken.map((callback) => callback.order?.amount),
    [50_000],
  );
  assert.equal((await handle(new Request("https://shop.example/callback"))).status, 405);
});

test("the handler of node:http answers the same", async () => {
  const taken: Callback[] = [];
  const handle = nodeCallbackHandler(app, (callback) => void taken.push(callback));
  const url = await serve((request, response) => void handle(request, response));
  for (const [name, body, want] of cases) {
    const response = await fetch(url, { method: "POST", body });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), want, name);
  }
  assert.equal(taken.length, 1);
  assert.equal((await fetch(url)).status, 405);
});

test("body parsers may come before the handler", async () => {
  const handle = nodeCallbackHandler(app, () => undefined);
  const parsers: ((text: string) => unknown)[] = [JSON.parse, (text) => text, (text) => Buffer.from(text)];
  for (const parse of parsers) {
    const url = await serve(async (request, response) => {
      let text = "";
      for await (const chunk of request.setEncoding("utf8")) text += chunk;
      await handle(Object.assign(request, { body: parse(text) }), response);
    });
    assert.deepEqual(await (await fetch(url, { method: "POST", body: good.body })).json(), cases[0]?.[2]);
  }
  // A parser that found nothing to parse, and left the stream alone.
  const untouched = await serve((request, response) => void handle(Object.assign(request, { body: {} }), response));
  assert.deepEqual(await (await fetch(untouched, { method: "POST", body: good.body })).json(), cases[0]?.[2]);
});

test("a body that breaks off cannot be read", async () => {
  const said: string[] = [];
  const request: NodeRequest = {
    method: "POST",
    async *[Symbol.asyncIterator]() {
      yield good.body.slice(0, 40);
      throw new Error("aborted");
    },
  };
  const response = { statusCode: 0, setHeader: () => undefined, end: (text: string) => said.push(text) };
  await nodeCallbackHandler(app, () => assert.fail("it was accepted"))(request, response);
  assert.deepEqual(
    said.map((text) => JSON.parse(text)),
    [cases[2]?.[2]],
  );
});

test("what is not accepted is asked for again", async () => {
  for (const accept of [
    () => Promise.reject(new Error("no")),
    () => {
      throw new Error("no");
    },
  ]) {
    const answer = await receiveCallback(app, good.body, accept);
    assert.equal(answer.return_code, 0);
  }
});

test("an app without key2 verifies nothing", async () => {
  const none = { ...app, key2: "" };
  assert.throws(() => callbackHandler(none, () => undefined), TypeError);
  assert.throws(() => nodeCallbackHandler(none, () => undefined), TypeError);
  await assert.rejects(
    receiveCallback(none, good.body, () => undefined),
    TypeError,
  );
});

test("a gateway's callbacks reach a handler of the Fetch API", async () => {
  const gw = await Gateway.start({ bin });
  try {
    const amounts: (number | undefined)[] = [];
    await gw.callbacksTo(gw.client.callbackHandler((callback) => void amounts.push(callback.order?.amount)));
    const app_trans_id = gw.client.appTransID("fetch");
    await gw.client.orders.create({ app_trans_id, app_user: "lan", amount: 20_000, description: "Trà sen" });
    await gw.pay(app_trans_id);
    assert.deepEqual(amounts, [20_000]);
  } finally {
    await gw.stop();
  }
});

test("a program that is not there is said so", async () => {
  await assert.rejects(Gateway.start({ bin: "/nowhere/sen" }), /set SEN_BIN/);
});
