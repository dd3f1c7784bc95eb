// Bytes, their digests and their spellings. Base64 is standard, padded and has one spelling (RFC 4648 section 4): what
// is compared or signed as text may not have two.

import { ParseError } from "./errors";

/** Bytes of their own: WebCrypto takes no view on shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

const CHUNK_BYTES = 32_768; // the arguments of one call: engines allow some ten thousands
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Returns the UTF-8 bytes of a text; a lone surrogate becomes U+FFFD, so refuse those before. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Tells whether a text has a lone surrogate, and so no UTF-8. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Cs}/u.test(text);
}

/** Returns the bytes one after the other. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Tells whether two byte strings are the same. For public values: the time taken shows where they differ. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Returns SHA-256, by the browser. */
export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/** Returns lower-case hex. */
export function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns the base64 of the bytes. */
export function encodeBase64(data: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < data.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...data.subarray(at, at + CHUNK_BYTES));
  }
  return btoa(binary);
}

/** Returns the bytes; throws ParseError for any text that `encodeBase64` does not write. */
export function decodeBase64(text: string): Bytes {
  if (!BASE64.test(text)) throw new ParseError("the base64 is malformed");
  const data = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  // Decoders let the unused bits of the last digit be anything.
  if (encodeBase64(data) !== text) throw new ParseError("the base64 is not in its canonical form");
  return data;
}
