import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lookup,
  MACError,
  operations,
  redirectFormula,
  sign,
  signedText,
  statuses,
  textIn,
  UnreadableError,
} from "../src/index.js";
import { verify, verifyCallback, verifyRedirect, type OperationName, type Status } from "../src/index.js";
import { vectors } from "./repository.js";

interface MAC {
  name: string;
  operation: OperationName;
  secret: string;
  members: Record<string, string>;
  signed: string;
  mac: string;
}

test("macs are those of the shared vectors", async () => {
  for (const v of vectors<MAC>("macs.json")) {
    const text = signedText(operations[v.operation], v.members, v.secret);
    assert.equal(text, v.signed, v.name);
    assert.equal(await sign(v.secret, text), v.mac, v.name);
    assert.ok(await verify(v.secret, text, v.mac.toUpperCase()), v.name);
    assert.ok(!(await verify(v.secret, text + " ", v.mac)), v.name);
    assert.ok(!(await verify(v.secret, text, v.mac.slice(1))), v.name);
  }
});

interface Received {
  name: string;
  app_id: number;
  secret: string;
  valid: boolean;
  reason?: "mac_wrong" | "unreadable";
}

function expected(v: Received): (error: unknown) => boolean {
  return (error) => error instanceof (v.reason === "mac_wrong" ? MACError : UnreadableError);
}

test("callbacks are taken and refused as the shared vectors say", async () => {
  for (const v of vectors<Received & { body: string; type?: number; data?: string }>("callbacks.json")) {
    const app = { appId: v.app_id, key2: v.secret };
    for (const body of [v.body, new TextEncoder().encode(v.body)]) {
      if (!v.valid) {
        await assert.rejects(verifyCallback(app, body), expected(v), v.name);
        continue;
      }
      const callback = await verifyCallback(app, body);
      assert.equal(callback.type, v.type, v.name);
      assert.equal(callback.data, v.data, v.name);
      assert.deepEqual(
        { ...JSON.parse(callback.data) },
        nonEmpty(callback.order ?? callback.zod ?? callback.agreement),
        v.name,
      );
    }
  }
});

/** Members that the gateway leaves out when they are empty are undefined in a callback. */
function nonEmpty(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

test("redirects are taken and refused as the shared vectors say", async () => {
  type Vector = Received & { query: string; signed: string; paid: boolean; status?: number; amount?: number };
  for (const v of vectors<Vector>("redirects.json")) {
    const app = { appId: v.app_id, key2: v.secret };
    const url = new URL(`https://shop.example/back?${v.query}`);
    const text = signedText(redirectFormula, Object.fromEntries([...url.searchParams].reverse()), v.secret);
    assert.equal(text, v.signed, v.name);
    for (const query of [v.query, `?${v.query}`, `${url.href}#top`, url, url.searchParams]) {
      if (!v.valid) {
        await assert.rejects(verifyRedirect(app, query), expected(v), v.name);
        continue;
      }
      const redirect = await verifyRedirect(app, query);
      assert.deepEqual([redirect.paid, redirect.status, redirect.amount], [v.paid, v.status, v.amount], v.name);
      assert.ok(lookup("redirect", redirect.status), v.name);
    }
  }
});

test("the table of status values is that of the shared vectors", () => {
  const shared = vectors<Status>("statuses.json");
  for (const v of shared) assert.deepEqual(lookup(v.operation, v.value), v, `${v.operation} ${v.value}`);
  // What the vectors lack are values that wallets and cards answer in each other's words.
  for (const status of statuses()) {
    const same = shared.filter(
      (v) => v.value === status.value && v.name === status.name && v.action.vi === status.action.vi,
    );
    assert.ok(same.length > 0, `${status.operation} ${status.value}`);
  }
  assert.equal(shared.filter((v) => v.documented).length, 113);
  assert.equal(lookup("create_order", 12345), undefined);
});

test("texts are English for English and Vietnamese otherwise", () => {
  const text = { vi: "Xong", en: "Done" };
  assert.deepEqual(
    ["en", "en-US", "EN", "vi", "fr", ""].map((language) => textIn(text, language)),
    ["Done", "Done", "Done", "Xong", "Xong", "Xong"],
  );
});
