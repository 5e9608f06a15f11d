import type { Receiver } from "./app.js";
import { MACError, UnreadableError } from "./errors.js";
import { callbackFormula } from "./generated/operations.js";
import type { AgreementCallback, CallbackAnswer, OrderCallback, ZodCallback } from "./generated/schema.js";
import { signedText, verify } from "./sign.js";

/** The types of a callback. */
export const CallbackTypes = {
  /** An order, or a ZOD invoice, was paid. */
  Order: 1,
  /** A binding was confirmed, changed or ended. */
  Agreement: 2,
} as const;

/**
 * What the gateway tells a merchant by itself: `order` for a paid order, `zod` for a paid ZOD invoice, which has the same
 * `type`, and `agreement` for a binding.
 * Compare the amount and the identifiers in it with what you stored before acting on it. It may come more than once.
 */
export type Callback =
  | {
      readonly type: typeof CallbackTypes.Order;
      /** The signed text, as received. */
      readonly data: string;
      readonly order: Readonly<OrderCallback>;
      readonly zod?: undefined;
      readonly agreement?: undefined;
    }
  | {
      readonly type: typeof CallbackTypes.Order;
      /** The signed text, as received. */
      readonly data: string;
      readonly zod: Readonly<ZodCallback>;
      readonly order?: undefined;
      readonly agreement?: undefined;
    }
  | {
      readonly type: typeof CallbackTypes.Agreement;
      /** The signed text, as received. */
      readonly data: string;
      readonly agreement: Readonly<AgreementCallback>;
      readonly order?: undefined;
      readonly zod?: undefined;
    };

type Shape<T> = { readonly [member in keyof Required<T>]: "text" | "number" | "optional text" | "optional number" };

const sealedShape: Shape<{ data: string; mac: string; type: number }> = { data: "text", mac: "text", type: "number" };

const orderShape: Shape<OrderCallback> = {
  app_id: "number",
  app_trans_id: "text",
  app_time: "number",
  app_user: "text",
  amount: "number",
  embed_data: "text",
  item: "text",
  zp_trans_id: "number",
  server_time: "number",
  channel: "number",
  merchant_user_id: "text",
  user_fee_amount: "number",
  discount_amount: "number",
};

const zodShape: Shape<ZodCallback> = {
  appId: "number",
  mcRefId: "text",
  amount: "number",
  mcExtInfo: "text",
  zpTransId: "number",
  serverTime: "number",
  channel: "number",
  merchantUserId: "text",
  userChargeAmount: "number",
  userFeeAmount: "number",
  discountAmount: "number",
};

const agreementShape: Shape<AgreementCallback> = {
  app_id: "number",
  app_trans_id: "text",
  binding_id: "text",
  pay_token: "text",
  server_time: "number",
  merchant_user_id: "text",
  status: "number",
  msg_type: "number",
  zp_user_id: "text",
  masked_user_phone: "text",
  expiry_timestamp_in_ms: "optional number",
  binding_data: "optional text",
  card_number: "optional text",
  bank_code: "optional text",
  bank_name: "optional text",
};

/**
 * Reads the body of a callback and checks its mac with key2.
 *
 * @param body the body as text or bytes, or what a JSON parser made of it: the signed text is a string inside
 * @throws MACError if the gateway did not send it to this app
 * @throws UnreadableError if it cannot be read, or is for another app
 */
export async function verifyCallback(app: Receiver, body: string | Uint8Array | object): Promise<Callback> {
  const sealed = fit<{ data: string; mac: string; type: number }>(parse(body), sealedShape);
  const text = signedText(callbackFormula, { data: sealed.data }, app.key2);
  if (!(await verify(app.key2, text, sealed.mac))) throw new MACError();
  const callback = open(sealed.type, sealed.data);
  const appID = callback.zod?.appId ?? (callback.order ?? callback.agreement)?.app_id;
  if (appID !== app.appId) throw new UnreadableError(`callback: it is for app ${appID}, not ${app.appId}`);
  return callback;
}

/**
 * The mac does not cover the type, so each kind must have the identifier that only it has: otherwise a callback about a
 * binding could pass for one about a paid order.
 */
function open(type: number, data: string): Callback {
  switch (type) {
    case CallbackTypes.Order: {
      if (parse(data)["mcRefId"]) {
        const zod = fit<ZodCallback>(parse(data), zodShape);
        if (zod.zpTransId === 0) throw new UnreadableError("callback: it is about an invoice and has no zpTransId");
        return { type, data, zod };
      }
      const order = fit<OrderCallback>(parse(data), orderShape);
      if (order.zp_trans_id === 0) throw new UnreadableError("callback: it is about an order and has no zp_trans_id");
      return { type, data, order };
    }
    case CallbackTypes.Agreement: {
      const agreement = fit<AgreementCallback>(parse(data), agreementShape);
      if (agreement.binding_id === "") {
        throw new UnreadableError("callback: it is about a binding and has no binding_id");
      }
      return { type, data, agreement };
    }
  }
  throw new UnreadableError(`callback: unknown type ${type}`);
}

function parse(body: string | Uint8Array | object): Record<string, unknown> {
  let value: unknown = body instanceof Uint8Array ? new TextDecoder().decode(body) : body;
  if (typeof value === "string") {
    try {
      value = JSON.parse(value);
    } catch (cause) {
      throw new UnreadableError("callback: it is not JSON", { cause });
    }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UnreadableError("callback: it is not a JSON object");
  }
  return value as Record<string, unknown>;
}

/** Checks the types of members, and gives those that are absent an empty value; what the shape lacks stays. */
function fit<T>(value: Record<string, unknown>, shape: Shape<T>): T {
  const fitted: Record<string, unknown> = { ...value };
  for (const [name, kind] of Object.entries<string>(shape)) {
    const type = kind.endsWith("text") ? "string" : "number";
    let member = value[name] ?? undefined;
    if ((name === "zp_trans_id" || name === "zpTransId") && typeof member === "string" && /^[0-9]{1,15}$/.test(member))
      member = Number(member);
    if (member === undefined && !kind.startsWith("optional")) member = type === "string" ? "" : 0;
    if (member !== undefined && typeof member !== type) throw new UnreadableError(`callback: ${name} is no ${type}`);
    if (typeof member === "number" && !Number.isSafeInteger(member)) {
      throw new UnreadableError(`callback: ${name} is no whole number`);
    }
    fitted[name] = member;
  }
  return fitted as T;
}

/** What to do with a callback. The gateway sends it again when this throws, which is not logged: log it yourself. */
export type Accept = (callback: Callback) => void | Promise<void>;

/**
 * Checks a callback, gives it to `accept`, and returns what to answer as JSON with HTTP status 200: return_code 1 when
 * accept returns, 0 when it throws, so that the gateway sends the callback again, -1 when the mac is wrong and 2 when the
 * body cannot be read. The handlers below are made of it; use it for frameworks that have neither form.
 */
export async function receiveCallback(
  app: Receiver,
  body: string | Uint8Array | object,
  accept: Accept,
): Promise<CallbackAnswer> {
  requireKey(app);
  let callback: Callback;
  try {
    callback = await verifyCallback(app, body);
  } catch (error) {
    if (error instanceof MACError) return { return_code: -1, return_message: "mac not equal" };
    if (error instanceof UnreadableError) return unreadable;
    throw error;
  }
  try {
    await accept(callback);
  } catch {
    return { return_code: 0, return_message: "not accepted now, send it again" };
  }
  return { return_code: 1, return_message: "success" };
}

const unreadable: CallbackAnswer = { return_code: 2, return_message: "the callback cannot be read" };

function requireKey(app: Receiver): void {
  if (app.key2 === "") throw new TypeError(`app ${app.appId} has no key2: its callbacks cannot be verified`);
}

/** Well above the 4096 characters that data may have, in bytes. */
const callbackLimit = 64 << 10;

/**
 * A handler of callbacks for everything that speaks the Fetch API: Bun.serve, Deno.serve, edge functions, Next.js route
 * handlers, Hono. The same callback may come more than once, also at the same time.
 *
 * @throws TypeError at once if the app has no key2
 */
export function callbackHandler(app: Receiver, accept: Accept): (request: Request) => Promise<Response> {
  requireKey(app);
  return async (request) => {
    if (request.method !== "POST") {
      return new Response("callbacks are sent by POST\n", { status: 405, headers: { Allow: "POST" } });
    }
    const body = await readAll(request.body ? chunksOf(request.body) : []);
    const answer = body === undefined ? unreadable : await receiveCallback(app, body, accept);
    return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json" } });
  };
}

/** What a handler needs of a request of node:http, Express, Connect, Koa (ctx.req). */
export interface NodeRequest extends AsyncIterable<string | Uint8Array> {
  readonly method?: string | undefined;
  /** What a body parser made of the body: express.json(), express.raw() and express.text() all do. */
  readonly body?: unknown;
}

/** What a handler needs of a response of node:http and Express. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(text: string): unknown;
}

/**
 * A handler of callbacks for node:http and Express, with or without a body parser before it:
 * `app.post("/callback", nodeCallbackHandler(keys, accept))`. The same callback may come more than once, also at the same
 * time.
 *
 * @throws TypeError at once if the app has no key2
 */
export function nodeCallbackHandler(
  app: Receiver,
  accept: Accept,
): (request: NodeRequest, response: NodeResponse) => Promise<void> {
  requireKey(app);
  return async (request, response) => {
    if (request.method !== "POST") {
      response.statusCode = 405;
      response.setHeader("Allow", "POST");
      response.end("callbacks are sent by POST\n");
      return;
    }
    const body = parsedBody(request.body) ?? (await readAll(request));
    const answer = body === undefined ? unreadable : await receiveCallback(app, body, accept);
    response.statusCode = 200;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(answer));
  };
}

/** Some body parsers leave an empty object where they read nothing. */
function parsedBody(body: unknown): string | Uint8Array | object | undefined {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  return typeof body === "object" && body !== null && Object.keys(body).length > 0 ? body : undefined;
}

/** The whole body, or undefined if it is too long or breaks off. */
async function readAll(chunks: AsyncIterable<string | Uint8Array> | []): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of chunks) {
      const part = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
      length += part.length;
      if (length > callbackLimit) return undefined;
      parts.push(part);
    }
  } catch {
    return undefined;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Not every runtime can iterate over a stream. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
