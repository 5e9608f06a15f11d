/** What is used of node:crypto, whose types this SDK does without. */
export interface NodeCrypto {
  createPublicKey(key: { key: Uint8Array; format: "der"; type: "spki" }): { readonly asymmetricKeyType?: string };
  publicEncrypt(key: { key: object; padding: number }, text: Uint8Array): Uint8Array;
  readonly constants: { readonly RSA_PKCS1_PADDING: number };
}

/**
 * A payment code, encrypted with the key that the gateway made for the app: RSA with PKCS #1 v1.5, in base64. WebCrypto
 * has no such encryption, so the module node:crypto does it.
 *
 * @throws TypeError for a text that is no public RSA key, and where the runtime has no node:crypto
 */
export async function sealCode(
  key: string,
  code: string,
  load: () => Promise<NodeCrypto> = nodeCrypto,
): Promise<string> {
  const { createPublicKey, publicEncrypt, constants } = await load().catch(missing);
  if (!createPublicKey || !publicEncrypt) return missing(); // as of runtimes that have a part of the module
  let imported: object;
  try {
    imported = createPublicKey({ key: bytesOf(key), format: "der", type: "spki" });
  } catch {
    throw notRSA();
  }
  if ((imported as { asymmetricKeyType?: string }).asymmetricKeyType !== "rsa") throw notRSA();
  const sealed = publicEncrypt({ key: imported, padding: constants.RSA_PKCS1_PADDING }, new TextEncoder().encode(code));
  return btoa(String.fromCharCode(...sealed));
}

/** The bytes in PEM, or in the base64 alone. */
function bytesOf(key: string): Uint8Array {
  const body = /-----BEGIN PUBLIC KEY-----([^-]+)-----END PUBLIC KEY-----/.exec(key)?.[1] ?? key;
  return Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
}

function notRSA(): TypeError {
  return new TypeError(
    'codeKey is not a public RSA key: give PEM, which begins with "BEGIN PUBLIC KEY", or the base64 in it; ' +
      "`sen app code-key` prints the one of an app",
  );
}

function missing(): never {
  throw new TypeError(
    "codeKey needs node:crypto, which this runtime does not have: leave codeKey out, so that codes go as they were scanned, or " +
      "call from Node.js, Bun or Deno (on Cloudflare Workers: with the flag nodejs_compat)",
  );
}

/** Imported only when a code is to be encrypted. The name is not a literal, so that no bundler looks for the module. */
function nodeCrypto(): Promise<NodeCrypto> {
  const name: string = "node:crypto";
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<NodeCrypto>;
}
