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

/**
 * The RSA key that signs what an app pays out: the text of PKCS #8 PEM ("BEGIN PRIVATE KEY"), or a key of WebCrypto for
 * RSASSA-PKCS1-v1_5 with SHA-256.
 */
export type PrivateKey = string | CryptoKey;

const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/**
 * The `sig` of a request that moves money out: the base64 of the RSA signature, PKCS #1 v1.5 with SHA-256, of the mac as
 * its 64 hexadecimal digits are written.
 *
 * @throws TypeError for a key that cannot sign so
 */
export async function signRSA(key: PrivateKey, mac: string): Promise<string> {
  const { subtle } = await webCrypto();
  const signer = typeof key === "string" ? await importPEM(subtle, key) : fitting(key);
  const signature = await subtle.sign(rsa.name, signer, encoder.encode(mac));
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}

/** The errors of runtimes are left out of ours: what they print of a key that they could not read is not known. */
async function importPEM(subtle: SubtleCrypto, pem: string): Promise<CryptoKey> {
  if (pem.includes("BEGIN RSA PRIVATE KEY")) {
    throw new TypeError(
      "privateKey is PKCS #1, which WebCrypto does not read: convert it with openssl pkcs8 -topk8 -nocrypt -in key.pem",
    );
  }
  const body = /-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/.exec(pem)?.[1] ?? "";
  try {
    const der = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
    return await subtle.importKey("pkcs8", der, rsa, false, ["sign"]);
  } catch {
    throw new TypeError(
      'privateKey is not an unencrypted RSA key in PKCS #8 PEM, which begins with "BEGIN PRIVATE KEY"',
    );
  }
}

/** With another hash the signature would be made, and be refused by the gateway. */
function fitting(key: CryptoKey): CryptoKey {
  const { name, hash } = key.algorithm as Partial<RsaHashedKeyAlgorithm>;
  if (key.type !== "private" || name !== rsa.name || hash?.name !== rsa.hash || !key.usages.includes("sign")) {
    throw new TypeError(`privateKey must be a private ${rsa.name} key with ${rsa.hash} that may sign`);
  }
  return key;
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
