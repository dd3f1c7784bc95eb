// Ed25519 (RFC 8032) by the browser: Chrome and Edge since 137, Firefox since 129, Safari since 17. A library would
// have to hold the seed in page memory for as long as it signs; the browser's key gives no bytes back. In an older
// browser nothing works, and that is said by the code `browser.too_old`.

import { type Bytes, decodeBase64, hex } from "./bytes";
import { KeyUnavailable, ParseError, SignatureError } from "./errors";

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** Signs a message with Ed25519 and gives the 64 bytes; the key itself stays where it is. */
export type Sign = (message: Bytes) => Promise<Bytes>;

// The y coordinates of the eight points whose order divides 8, as in broker/crypto/signature.py: under such a "key" one
// signature holds for many texts, so who enrols one could deny whatever they signed.
const P = 2n ** 255n - 19n;
const Y8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
const SMALL_ORDER: readonly bigint[] = [0n, 1n, P - 1n, P, P + 1n, Y8, P - Y8];

// PKCS #8 of an Ed25519 seed (RFC 8410 section 7) up to the seed: WebCrypto takes private keys in no rawer form.
const PKCS8_BEFORE_SEED = "MC4CAQAwBQYDK2VwBCIEIA==";

/** Throws ParseError unless these 32 raw bytes can serve as somebody's Ed25519 public key. */
export function checkPublicKey(publicKey: Uint8Array): void {
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new ParseError("an Ed25519 public key has 32 bytes");
  const y = BigInt(`0x${hex(Uint8Array.from(publicKey).reverse())}`) & (2n ** 255n - 1n);
  if (SMALL_ORDER.includes(y)) throw new ParseError("this Ed25519 public key binds nobody", "key.small_order");
}

/** Throws SignatureError unless the signature is over the message under this key; ParseError if it is no key. */
export async function verifySignature(signed: {
  publicKey: Bytes;
  signature: Bytes;
  message: Bytes;
}): Promise<void> {
  checkPublicKey(signed.publicKey);
  let holds: boolean;
  try {
    const key = await crypto.subtle.importKey("raw", signed.publicKey, "Ed25519", false, ["verify"]);
    holds = await crypto.subtle.verify("Ed25519", key, signed.signature, signed.message);
  } catch (error) {
    if (isUnsupported(error)) throw tooOld();
    holds = false; // 32 bytes that are no point of the curve: nothing verifies under them
  }
  if (!holds) throw new SignatureError("the signature does not verify under this key");
}

/** Returns the signer and the public key (32 bytes) of a seed; the signer's key cannot be read back. */
export async function signerFromSeed(seed: Uint8Array): Promise<{ sign: Sign; publicKey: Bytes }> {
  if (seed.length !== PUBLIC_KEY_BYTES) throw new ParseError("an Ed25519 seed has 32 bytes");
  const head = decodeBase64(PKCS8_BEFORE_SEED);
  const pkcs8 = new Uint8Array(head.length + seed.length);
  pkcs8.set(head);
  pkcs8.set(seed, head.length);
  try {
    // Only the form that can be exported tells its public half; it is dropped at once.
    const exported = await crypto.subtle.exportKey(
      "jwk",
      await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]),
    );
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
    return {
      sign: async (message) => new Uint8Array(await crypto.subtle.sign("Ed25519", key, message)),
      publicKey: fromBase64Url(exported.x ?? ""),
    };
  } catch (error) {
    throw isUnsupported(error) ? tooOld() : error;
  } finally {
    pkcs8.fill(0);
  }
}

function fromBase64Url(text: string): Bytes {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return decodeBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, "="));
}

function isUnsupported(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotSupportedError";
}

function tooOld(): KeyUnavailable {
  return new KeyUnavailable("this browser has no Ed25519", "browser.too_old");
}
