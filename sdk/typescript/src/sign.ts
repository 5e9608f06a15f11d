/** The secrets of an app: key1 signs what the merchant sends, key2 what the gateway sends. */
export type KeyName = "key1" | "key2";

/**
 * What a mac covers: the values of the named members in order, joined with "|". A member that was not sent counts as an
 * empty value between its separators. The member "key1" stands for the key itself.
 */
export interface Formula {
  readonly signed: readonly string[];
  /** A signed member that takes its place, separator included, only when it is sent. */
  readonly optional?: string;
  readonly key: KeyName;
}

/** The text that the mac of a formula covers. `members` has the characters sent for each member. */
export function signedText(
  formula: Formula,
  members: Readonly<Record<string, string | undefined>>,
  key: string,
): string {
  return formula.signed
    .filter((member) => member !== formula.optional || members[member])
    .map((member) => (member === "key1" ? key : (members[member] ?? "")))
    .join("|");
}

const encoder = new TextEncoder();

/**
 * The HMAC-SHA256 of a text under a key, as 64 lower-case hexadecimal digits. The key is used as the characters it is
 * written in; it is not decoded.
 */
export async function sign(key: string, text: string): Promise<string> {
  const { subtle } = await webCrypto();
  const sum = await subtle.sign("HMAC", await hmacKey(subtle, key), encoder.encode(text));
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Whether `mac` is the signature of a text under a key. It accepts hexadecimal digits of either case, and compares in
 * constant time.
 */
export async function verify(key: string, text: string, mac: string): Promise<boolean> {
  if (!/^[0-9a-fA-F]{64}$/.test(mac)) return false;
  const { subtle } = await webCrypto();
  const sum = Uint8Array.from({ length: 32 }, (_, i) => parseInt(mac.slice(2 * i, 2 * i + 2), 16));
  return subtle.verify("HMAC", await hmacKey(subtle, key), sum, encoder.encode(text));
}

function hmacKey(subtle: SubtleCrypto, key: string): Promise<CryptoKey> {
  if (key === "") throw new TypeError("the key is empty: a mac under it would prove nothing");
  return subtle.importKey("raw", encoder.encode(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/** Node 18 has WebCrypto, but not as a global. The name is not a literal, so that no bundler looks for the module. */
async function webCrypto(): Promise<{ readonly subtle: SubtleCrypto }> {
  if (globalThis.crypto?.subtle) return globalThis.crypto;
  const name: string = "node:crypto";
  const found = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as { webcrypto: Crypto };
  return found.webcrypto;
}
