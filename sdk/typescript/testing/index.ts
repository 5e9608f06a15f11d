/**
 * Gateways for a merchant's tests: a real Sen sandbox in a process of its own, on a free port, with a clock that stands
 * until the test moves it. It needs the program `sen`: on the PATH, or named by SEN_BIN or an option.
 *
 * Nothing in such a gateway happens by itself while its clock stands. What a call, or a move of the clock, makes due is
 * done before the call returns; callbacks are sent one at a time, in the order in which they fell due. A method of Gateway
 * must not be awaited from within the handler of a callback, because it may wait for that handler; calls of the merchant
 * API may.
 *
 * @module
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, verifyCallback } from "../src/index.js";
import type { App, Callback, ClientOptions, NodeRequest, NodeResponse, OperationName } from "../src/index.js";

/** The test wallets, by what is special about them. */
export const Wallets = {
  /** Always has 100,000,000 đồng. */
  First: "0900000001",
  /** Likewise. */
  Second: "0900000002",
  Empty: "0900000006",
  /** Locked by the operator. */
  Locked: "0900000007",
  /** Its owner has switched payments off. */
  Off: "0900000008",
} as const;

/** A test card that is international and asks for no code. */
export const Card = "4111111111111111";

/** How a gateway is started. */
export interface GatewayOptions {
  /** The program. $SEN_BIN, or else `sen` on the PATH, when absent. */
  readonly bin?: string | undefined;
  /**
   * Where the clock begins, from 2020 to 2080; the present, to the second, when absent. Code under test that takes the time
   * from the machine is refused when it is more than 15 minutes off.
   */
  readonly at?: Date | undefined;
  /** Makes identifiers and tokens other ones; 1 when absent. The same seed, start and calls give the same answers. */
  readonly seed?: number | undefined;
  /** How long a refund takes at least, in milliseconds of the gateway's time; 0 when absent. */
  readonly refundsTake?: number | undefined;
}

/** Money taken for an order. */
export interface Payment {
  readonly zp_trans_id: number;
  /** The phone number of the wallet. */
  readonly wallet: string;
  /** Đồng. */
  readonly amount: number;
  /** In the gateway's time. */
  readonly at: Date;
}

/** One try to deliver a callback. */
export interface Attempt {
  /** In the gateway's time. */
  readonly at: Date;
  /** HTTP; 0: no answer came. */
  readonly status: number;
  readonly answer: string;
  /** Why it was no success. */
  readonly error: string;
}

/** A call that the gateway owes, or has made, to a merchant's server. Its mac is good. */
export type SentCallback = Callback & {
  readonly url: string;
  /** The merchant has taken it. */
  readonly delivered: boolean;
  /** By loseCallback, and not sent since. */
  readonly lost: boolean;
  /** The first one first. */
  readonly attempts: readonly Attempt[];
};

/** A call that a merchant made, and its answer. */
export interface LoggedRequest {
  /** In the gateway's time. */
  readonly at: Date;
  /** Empty: a path that no operation has. */
  readonly operation: OperationName | "";
  /** Of what it was about, if that is known. */
  readonly app_trans_id: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly macGood: boolean;
  readonly httpStatus: number;
  readonly return_code: number;
  readonly sub_return_code: number;
  /** The body of the answer. */
  readonly answer: string;
  /** Why it was refused. */
  readonly reason: string;
}

/** How calls are answered, or broken, for a while. */
export interface Interference {
  /** sub_return_code to answer; the call then changes nothing. */
  readonly value?: number | undefined;
  /** What happens to the answer of a call that was carried out. */
  readonly break?:
    "hang" | "reset" | "truncate" | "http_500" | "http_502" | "http_503" | "not_json" | "empty" | undefined;
  /** How long each call takes more, in milliseconds of the machine's time. */
  readonly delay?: number | undefined;
  /** How many calls it meets; all of them when absent. */
  readonly calls?: number | undefined;
}

/** Who pays, or confirms a binding. */
export interface Payer {
  /** The phone number of a wallet. */
  readonly wallet?: string | undefined;
  /** The number of a test card instead. */
  readonly card?: string | undefined;
  /** The code, for a card whose bank asks for one. */
  readonly otp?: string | undefined;
}

/** A merchant's handler of callbacks: for the Fetch API, or for node:http and Express. */
export type Handler =
  ((request: Request) => Response | Promise<Response>) | ((request: NodeRequest, response: NodeResponse) => unknown);

/** The app that examples everywhere use. */
const appId = 2553;
/** The state of a callback that was not sent, and will not be by itself. */
const lostState = "dropped";
/** As many entries of a log as one call gives. */
const page = 500;

/** A sandbox that serves until it is stopped. */
export class Gateway {
  /** Base URL for the code under test. */
  readonly url: string;
  /** A merchant's app of this gateway. */
  readonly app: App;
  /** A client of `app` that lives in the gateway's time and tries nothing twice. */
  readonly client: Client;
  readonly #process: RunningSen;
  readonly #servers: Server[] = [];
  #now: Date;

  private constructor(process: RunningSen, app: App, now: Date) {
    this.#process = process;
    this.url = process.url;
    this.app = app;
    this.#now = now;
    this.client = this.clientOf(app);
  }

  /** Starts a gateway and waits until it serves. Stop it when the test is over. */
  static async start(options: GatewayOptions = {}): Promise<Gateway> {
    const at = new Date(Math.floor((options.at ?? new Date()).getTime() / 1000) * 1000);
    const process = await RunningSen.start(options, at);
    try {
      const found = await control<{ key1: string; key2: string }>(process.url, "GET", `apps/${appId}`);
      return new Gateway(process, { appId, key1: found.key1, key2: found.key2 }, at);
    } catch (error) {
      await process.stop();
      throw error;
    }
  }

  /** Ends the gateway, with the servers of callbacksTo, and removes what it has written. */
  async stop(): Promise<void> {
    await this.#process.stop();
    await Promise.all(this.#servers.map(closed));
  }

  /** A client of an app that lives in the gateway's time and tries nothing twice. */
  clientOf(app: App, options: Pick<ClientOptions, "retries" | "timeout" | "privateKey" | "codeKey"> = {}): Client {
    return new Client({ retries: 0, ...options, ...app, baseURL: this.url, now: () => this.now() });
  }

  /**
   * Serves a handler on a port of its own, and makes its address the callback URL of `app`, which orders without one of
   * their own use. Returns the address.
   */
  async callbacksTo(handler: Handler): Promise<string> {
    const server = createServer((request, response) => {
      const served =
        handler.length >= 2 ? (handler as NodeHandler)(request, response) : bridge(handler, request, response);
      void Promise.resolve(served).catch(() => response.destroy());
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await this.control("PATCH", `apps/${this.app.appId}`, { callback_url: address });
    return address;
  }

  /** The gateway's time. */
  now(): Date {
    return new Date(this.#now);
  }

  /**
   * Lets time pass: orders expire, callbacks are repeated, refunds fall due. It returns when all of that is done.
   *
   * @param milliseconds of the gateway's time
   */
  async advance(milliseconds: number): Promise<void> {
    const clock = await this.control<{ now: string }>("POST", "clock", { advance: `${milliseconds}ms` });
    this.#now = new Date(clock.now);
  }

  /** Lets time pass until an order of `app` has expired, which must not have been paid for. */
  async expire(appTransID: string): Promise<void> {
    const path = `orders/${this.app.appId}/${encodeURIComponent(appTransID)}`;
    const { expires_at } = await this.control<{ expires_at: string }>("GET", path);
    await this.advance(Math.max(0, Math.ceil(Date.parse(expires_at) - this.#now.getTime())));
    const { state } = await this.control<{ state: string }>("GET", path);
    if (state !== "expired") throw new Error(`expire ${appTransID}: it is ${state}`);
  }

  /**
   * Pays an order, from Wallets.First unless a payer is named. The order is an app_trans_id of `app`, an order_url or a
   * zp_trans_token. It returns when the callback was answered, or could not be delivered; it throws when the payer can't
   * pay.
   */
  async pay(order: string, payer: Payer = { wallet: Wallets.First }): Promise<Payment> {
    const paid = await this.control<{ zp_trans_id: number; wallet: string; amount: number; at: string }>(
      "POST",
      "pay",
      {
        order,
        app: this.app.appId,
        ...payer,
      },
    );
    await this.#settled();
    return { zp_trans_id: paid.zp_trans_id, wallet: paid.wallet, amount: paid.amount, at: new Date(paid.at) };
  }

  /**
   * Lets a payer try to pay an order, named as in pay, from a wallet with nothing in it: the order can still be paid, and
   * its query says Code.BalanceTooLow meanwhile.
   */
  async decline(order: string): Promise<void> {
    const paid = await this.pay(order, { wallet: Wallets.Empty }).catch((error: unknown) => {
      if (error instanceof ControlError) return undefined;
      throw error;
    });
    if (paid) throw new Error(`decline ${order}: an empty wallet paid it`);
  }

  /**
   * Lets a payer confirm a binding, the owner of Wallets.First unless another is named, and returns the token that pays.
   * A binding of a card needs a card: Card asks for no code. It returns when the callback was answered.
   *
   * @param bindingID binding_token of the answer to bindings.create or cards.create
   */
  async agree(bindingID: string, payer: Payer = { wallet: Wallets.First }): Promise<string> {
    const path = `bindings/${encodeURIComponent(bindingID)}/consent`;
    const { pay_token } = await this.control<{ pay_token: string }>("POST", path, { ...payer });
    await this.#settled();
    return pay_token;
  }

  /** Has the owner of Wallets.First show a code, which pays one order by /v2/quick_pay within 90 seconds. */
  async paymentCode(): Promise<string> {
    const { code } = await this.control<{ code: string }>("POST", `wallets/${Wallets.First}/code`);
    return code;
  }

  /**
   * Makes the next callback of `app` get lost on its way: it is not sent, nor repeated, as when the gateway's network fails
   * for as long as it would try. redeliver sends it after all.
   */
  async loseCallback(): Promise<void> {
    await this.control("POST", "callback-rules", { app_id: this.app.appId, kind: "drop", calls: 1 });
  }

  /** Sends the callbacks that were lost, the first one first. Returns how many there were, when they were answered. */
  async redeliver(): Promise<number> {
    const listed = await this.control<{ id: string; state: string }[]>("GET", `callbacks?limit=${page}`);
    const lost = listed.reverse().filter(({ state }) => state === lostState);
    for (const { id } of lost) {
      await this.control("POST", `callbacks/${encodeURIComponent(id)}/replay`, {});
      await this.#settled();
    }
    return lost.length;
  }

  /** Makes calls of an operation answer a value, or breaks their answers, until the returned function is called. */
  async force(operation: OperationName, how: number | Interference): Promise<() => Promise<void>> {
    const { value, delay, ...rest } = typeof how === "number" ? ({ value: how } satisfies Interference) : how;
    const rule = { operation, value, ...rest, ...(delay === undefined ? {} : { delay: `${delay}ms` }) };
    const { id } = await this.control<{ id: string }>("POST", "rules", rule);
    return async () => {
      await this.control("DELETE", `rules/${id}`).catch((error: unknown) => {
        if (!(error instanceof ControlError && error.statusCode === 404)) throw error; // it has met all its calls
      });
    };
  }

  /**
   * All callbacks, the first one first, after waiting for those that are due. It checks their macs. More than the last 500
   * it does not know.
   */
  async callbacks(): Promise<SentCallback[]> {
    const listed = await this.control<{ id: string }[]>("GET", `callbacks?limit=${page}`);
    return Promise.all(listed.reverse().map(({ id }) => this.#callback(id)));
  }

  async #callback(id: string): Promise<SentCallback> {
    const sent = await this.control<WireCallback>("GET", `callbacks/${encodeURIComponent(id)}`);
    const app = await this.control<{ key2: string }>("GET", `apps/${sent.app_id}`);
    const callback = await verifyCallback({ appId: sent.app_id, key2: app.key2 }, sent.body);
    const attempts = (sent.history ?? []).map(({ at, status, answer, error }) => {
      return { at: new Date(at), status, answer: answer ?? "", error: error ?? "" };
    });
    return {
      ...callback,
      url: sent.url,
      delivered: sent.state === "delivered",
      lost: sent.state === lostState,
      attempts,
    };
  }

  /** What merchants asked, the first one first. More than the last 500 it does not know. */
  async requests(): Promise<LoggedRequest[]> {
    const log = await this.control<{ requests: WireRequest[] }>("GET", `requests?limit=${page}`);
    return log.requests.reverse().map((one) => ({
      at: new Date(one.at),
      operation: one.operation,
      app_trans_id: one.app_trans_id ?? "",
      fields: Object.fromEntries(one.fields.map((field) => [field.name, field.value])),
      macGood: one.mac === "good",
      httpStatus: one.http_status,
      return_code: one.return_code,
      sub_return_code: one.sub_return_code,
      answer: one.answer,
      reason: one.reason ?? "",
    }));
  }

  /**
   * Makes a call of the control API, which can do more than the methods here: docs/control.yaml of the project describes
   * it.
   *
   * @param path below /control/
   * @throws ControlError for a refusal
   */
  async control<T>(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<T> {
    return control(this.url, method, path, body);
  }

  /** Who looks at callbacks waits for those that are due. */
  async #settled(): Promise<void> {
    await this.control("GET", "callbacks?limit=1");
  }
}

interface WireCallback {
  app_id: number;
  url: string;
  state: string;
  body: string;
  history?: { at: string; status: number; answer?: string; error?: string }[];
}

interface WireRequest {
  at: string;
  operation: OperationName | "";
  app_trans_id?: string;
  fields: { name: string; value: string }[];
  mac: string;
  http_status: number;
  return_code: number;
  sub_return_code: number;
  answer: string;
  reason?: string;
}

/** A refusal by the control API: its message says what was wrong. */
export class ControlError extends Error {
  override name = "ControlError";

  constructor(
    message: string,
    /** HTTP. */
    readonly statusCode: number,
  ) {
    super(message);
  }
}

async function control<T>(base: string, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${base}/control/${path}`, {
    method,
    ...(body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new ControlError(`${method} /control/${path}: HTTP ${response.status}: ${text.trim()}`, response.status);
  }
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** A process of `sen serve` and its directory. */
class RunningSen {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #directory: string;
  readonly #kill: () => void;
  url = "";

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
    this.#exited = new Promise((resolve) => child.once("close", () => resolve()));
    this.#kill = () => child.kill("SIGKILL");
    process.once("exit", this.#kill); // a test that ends without stop leaves no process
  }

  static async start(options: GatewayOptions, at: Date): Promise<RunningSen> {
    const bin = options.bin ?? process.env["SEN_BIN"] ?? "sen";
    const directory = await mkdtemp(join(tmpdir(), "sen-"));
    const child = spawn(
      bin,
      [
        ...["serve", "--addr", "127.0.0.1:0", "--data", join(directory, "data"), "--clock", at.toISOString()],
        ...["--seed", String(options.seed ?? 1), "--refund-delay", `${options.refundsTake ?? 0}ms`, "--sandboxes", "0"],
        "--quiet",
      ],
      { stdio: ["ignore", "pipe", "pipe"], env: withoutSettings() },
    );
    const running = new RunningSen(child, directory);
    try {
      running.url = await ready(child, bin);
      return running;
    } catch (error) {
      await running.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    process.removeListener("exit", this.#kill);
    if (this.#child.pid !== undefined) {
      this.#child.kill("SIGTERM");
      await this.#exited;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Settings of a gateway elsewhere must not reach this one: with SEN_DATABASE it would write there. */
function withoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SEN_")));
}

/** The address, once the gateway has said that it serves. */
function ready(child: ChildProcess, bin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    let complained = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /is ready at (\S+)\n/.exec(said);
      if (found?.[1]) resolve(found[1]);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      complained = (complained + chunk.toString()).slice(-4096);
    });
    child.once("error", (cause) => {
      reject(new Error(`cannot start ${bin}: set SEN_BIN to the program, or put it on the PATH`, { cause }));
    });
    child.once("close", (code) => reject(new Error(`${bin} serve ended with ${code}: ${said}${complained}`)));
  });
}

type NodeHandler = (request: NodeRequest, response: NodeResponse) => unknown;

/** Serves a handler of the Fetch API with node:http. */
async function bridge(handler: Handler, request: NodeRequest, response: NodeResponse): Promise<void> {
  const { method = "GET", url = "/", headers = {} } = request as { method?: string; url?: string; headers?: object };
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const answer = await (handler as (request: Request) => Promise<Response>)(
    new Request(new URL(url, "http://127.0.0.1"), {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(method === "GET" || method === "HEAD" ? {} : { body: Buffer.concat(chunks) }),
    }),
  );
  response.statusCode = answer.status;
  answer.headers.forEach((value, name) => response.setHeader(name, value));
  response.end(await answer.text());
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
