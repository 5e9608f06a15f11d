import { appTransID, mRefundID, type App } from "./app.js";
import { ReturnCodes, type OperationName } from "./catalogue.js";
import { ArrivedError, Code, HTTPError, NoAnswerError, RefusedError, SenError, type Envelope } from "./errors.js";
import { operations } from "./generated/operations.js";
import { sealCode } from "./seal.js";
import { sign, signedText, signRSA, type PrivateKey } from "./sign.js";

/** Where gateways are. The provider serves the bank list and ZOD from hosts of their own; a client finds them by itself. */
export const URLs = {
  Sandbox: "https://sb-openapi.zalopay.vn",
  Production: "https://openapi.zalopay.vn",
  /** Where Sen listens unless told otherwise. */
  Local: "http://127.0.0.1:8080",
} as const;

const pagesURLs: Readonly<Record<string, string>> = {
  [URLs.Sandbox]: "https://sbgateway.zalopay.vn",
  [URLs.Production]: "https://gateway.zalopay.vn",
};

const deliveriesURLs: Readonly<Record<string, string>> = {
  [URLs.Sandbox]: "https://sbapimep.zalopay.vn",
  [URLs.Production]: "https://apimep.zalopay.vn",
};

/** The hosts of operations that the provider serves from elsewhere. */
const elsewhere: Readonly<Partial<Record<OperationName, Readonly<Record<string, string>>>>> = {
  list_banks: pagesURLs,
  create_zod: deliveriesURLs,
  query_zod_invoice: deliveriesURLs,
  query_zod_status: deliveriesURLs,
};

const codeMember = "payment_code";

const defaultTimeout = 30_000;
const defaultRetries = 2;
const firstDelay = 200;
const lastDelay = 2_000;

/** How a client is set up. */
export interface ClientOptions {
  /** app_id. */
  readonly appId: number;
  /** Signs requests. */
  readonly key1: string;
  /** Verifies callbacks and redirects; without it a client can only call. */
  readonly key2?: string | undefined;
  /** Signs what the app pays out; only disbursements.topUp needs it. Its public half is registered at the gateway. */
  readonly privateKey?: PrivateKey | undefined;
  /**
   * Encrypts the payment codes that orders.quickPay sends, so that whoever reads a request can't use its code first: the key
   * that the gateway made for the app, as PEM ("BEGIN PUBLIC KEY") or the base64 in it. It needs node:crypto, which Node.js,
   * Bun and Deno have. Without it codes go as they were scanned.
   */
  readonly codeKey?: string | undefined;
  /** Where the gateway is: one of URLs, or another scheme and host. URLs.Sandbox when absent. */
  readonly baseURL?: string | undefined;
  /** How long a try may take, in milliseconds. 30,000 when absent. */
  readonly timeout?: number | undefined;
  /**
   * How often a call is tried again after it could not reach the gateway, lost the answer, or met HTTP 500 or more. 2 when
   * absent; 0 turns it off. Every call can be repeated safely, because its identifier is unique.
   */
  readonly retries?: number | undefined;
  /** Sends requests; the runtime's own fetch when absent. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /**
   * Where the time of requests comes from; the machine's clock when absent. A gateway refuses requests that are more than
   * 15 minutes off its own.
   */
  readonly now?: (() => Date) | undefined;
  /**
   * The language of the messages in answers, and so of errors: "en" or "vi", which is what gateways write when nothing is
   * asked for. `advice` has both whatever is set here.
   */
  readonly language?: string | undefined;
}

/** What can be said for one call. */
export interface CallOptions {
  /**
   * Gives up when it is aborted, with its reason as the error. Whether the operation was carried out is not known then.
   */
  readonly signal?: AbortSignal | undefined;
  /** How long a try of this call may take, in milliseconds. */
  readonly timeout?: number | undefined;
}

/** The members of a request before it is completed with the app and the mac. */
export type Members = Readonly<Record<string, string | number | object | undefined>>;

/** A completed request, as it is sent at each try. */
interface Encoded {
  readonly query: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** Signs requests, sends them, and tries again where that may help. */
export class Transport {
  readonly #app: App;
  readonly #privateKey: PrivateKey | undefined;
  readonly #codeKey: string | undefined;
  readonly #base: string;
  readonly #timeout: number;
  readonly #retries: number;
  readonly #fetch: typeof globalThis.fetch;
  readonly #now: () => Date;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: ClientOptions) {
    if (!Number.isSafeInteger(options.appId)) throw new TypeError("appId must be a whole number");
    this.#app = { appId: options.appId, key1: options.key1, key2: options.key2 ?? "" };
    this.#privateKey = options.privateKey;
    this.#codeKey = options.codeKey;
    this.#base = (options.baseURL ?? URLs.Sandbox).replace(/\/+$/, "");
    new URL(this.#base); // throws if it is none
    this.#timeout = options.timeout ?? defaultTimeout;
    this.#retries = options.retries ?? defaultRetries;
    this.#fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
    this.#now = options.now ?? (() => new Date());
    this.#headers = options.language === undefined ? {} : { "Accept-Language": options.language };
  }

  /** The app, with its secrets. */
  app(): App {
    return this.#app;
  }

  /** The time sent with a request, in milliseconds. */
  timestamp(): number {
    return this.#now().getTime();
  }

  appTransID(suffix: string): string {
    return appTransID(suffix, this.#now());
  }

  mRefundID(suffix: string): string {
    return mRefundID(this.#app.appId, suffix, this.#now());
  }

  /**
   * Makes one call. `id` is what makes a repeated request recognisable to the gateway; it is absent for calls that change
   * nothing.
   */
  async call<T extends object>(
    name: OperationName,
    members: Members,
    options: CallOptions = {},
    id?: string,
  ): Promise<T> {
    const request = await this.#encode(name, members);
    for (let tries = 0; ; tries++) {
      options.signal?.throwIfAborted();
      try {
        const answer = await this.#send(name, request, options);
        refuse(name, answer, tries > 0 ? id : undefined);
        return answer as T;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (tries >= this.#retries || !worthRetrying(error)) throw error;
        await wait(tries, options.signal);
      }
    }
  }

  /** Completes a request with the app, which every formula begins with, and the mac over exactly what is sent. */
  async #encode(name: OperationName, members: Members): Promise<Encoded> {
    const operation = operations[name];
    const sent: Record<string, string | number | object> = { [operation.signed[0]]: this.#app.appId };
    for (const [member, value] of Object.entries(members)) {
      if (value !== undefined) sent[member] = sendable(member, value);
    }
    const text = Object.fromEntries(Object.entries(sent).map(([member, value]) => [member, literal(value)]));
    const mac = await sign(this.#app.key1, signedText(operation, text, this.#app.key1));
    const member = "signature" in operation ? operation.signature : "mac";
    text[member] = sent[member] = member === "mac" ? mac : await this.#signOut(mac);
    const code = text[codeMember];
    if (code !== undefined && this.#codeKey !== undefined) {
      text[codeMember] = sent[codeMember] = await sealCode(this.#codeKey, code); // the mac is over the code as it was scanned
    }
    const form = new URLSearchParams(text).toString();
    if (operation.method === "GET") return { query: `?${form}` };
    if (operation.form) return { query: "", body: form, contentType: "application/x-www-form-urlencoded" };
    return { query: "", body: JSON.stringify(sent), contentType: "application/json" };
  }

  /** Signs the mac of a request that moves money out. */
  async #signOut(mac: string): Promise<string> {
    if (!this.#privateKey) {
      throw new TypeError(
        "this client was given no privateKey: it cannot pay out. Give it the RSA key whose public half the gateway has; " +
          "`sen disbursement key show` prints the one of a sandbox",
      );
    }
    return signRSA(this.#privateKey, mac);
  }

  /** Makes one try. */
  async #send(name: OperationName, request: Encoded, options: CallOptions): Promise<object> {
    const { method, path } = operations[name];
    const base = elsewhere[name]?.[this.#base] ?? this.#base;
    const limit = deadline(options.timeout ?? this.#timeout, options.signal);
    try {
      const response = await this.#fetch(base + path + request.query, {
        method,
        headers: { ...this.#headers, ...(request.contentType ? { "Content-Type": request.contentType } : {}) },
        ...(request.body === undefined ? {} : { body: request.body }),
        signal: limit.signal,
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new HTTPError(name, response.status);
      }
      return readAnswer(await response.text());
    } catch (error) {
      throw error instanceof SenError ? error : new NoAnswerError(name, error);
    } finally {
      limit.clear();
    }
  }
}

/** What does not survive the way as it is would be signed as something else than what arrives. */
function sendable(member: string, value: string | number | object): string | number | object {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value === "object") return value;
  if (Number.isSafeInteger(value)) return value;
  throw new TypeError(`${member} must be a whole number, not ${value}`);
}

/** The characters of a member, as they are signed. */
function literal(value: string | number | object): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Halves of characters, as slice() leaves them, become U+FFFD, as they do when text is sent. */
function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}

function readAnswer(text: string): object {
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) throw new Error("it is no JSON object");
  return answer;
}

/** An answer of any generation. */
interface AnyEnvelope extends Partial<Envelope> {
  readonly returncode?: number;
  readonly returnmessage?: string;
  readonly returnCode?: number;
  readonly returnMessage?: string;
  readonly subReturnCode?: number;
  readonly subReturnMessage?: string;
}

/**
 * The bank list is older than the other answers: its names have no underscores and there is no sub code. ZOD writes the
 * same in camel case; the provider documents no codes there, so an answer without them is success.
 */
function envelopeOf(name: OperationName, answer: AnyEnvelope): Envelope {
  const zod = operations[name].signed[0] === "appId";
  const code = answer.return_code ?? answer.returncode ?? answer.returnCode ?? (zod ? ReturnCodes.Success : undefined);
  if (typeof code !== "number") throw new NoAnswerError(name, new Error("it has no return_code"));
  return {
    return_code: code,
    return_message: answer.return_message ?? answer.returnmessage ?? answer.returnMessage ?? "",
    sub_return_code: answer.sub_return_code ?? answer.subReturnCode ?? 0,
    sub_return_message: answer.sub_return_message ?? answer.subReturnMessage ?? "",
  };
}

/** Throws unless the answer is success, or a result still to come. `id` is given when an earlier try was lost. */
function refuse(name: OperationName, answer: object, id: string | undefined): void {
  const envelope = envelopeOf(name, answer);
  if (envelope.return_code === ReturnCodes.Success || envelope.return_code === ReturnCodes.Processing) return;
  const refusal = new RefusedError(name, envelope);
  const duplicate = refusal.code === Code.Duplicate || refusal.code === Code.DuplicateRefund;
  throw id !== undefined && duplicate ? new ArrivedError(id, refusal) : refusal;
}

/** False for answers that would be the same again. */
function worthRetrying(error: unknown): boolean {
  return error instanceof NoAnswerError || (error instanceof HTTPError && error.statusCode >= 500);
}

/** A signal that is aborted after some milliseconds, or with the caller's. AbortSignal.any is newer than Node 18. */
function deadline(milliseconds: number, outer: AbortSignal | undefined): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`nothing came within ${milliseconds} ms`, "TimeoutError"));
  }, milliseconds);
  outer?.addEventListener("abort", follow);
  if (outer?.aborted) follow();
  const clear = (): void => {
    clearTimeout(timer);
    outer?.removeEventListener("abort", follow);
  };
  return { signal: controller.signal, clear };
}

/**
 * Sleeps before the next try, twice as long each time. The random half keeps clients that failed together from coming
 * back together.
 */
function wait(tries: number, signal: AbortSignal | undefined): Promise<void> {
  const delay = Math.min(firstDelay * 2 ** tries, lastDelay);
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      },
      delay / 2 + Math.random() * (delay / 2),
    );
    signal?.addEventListener("abort", stop, { once: true });
  });
}
