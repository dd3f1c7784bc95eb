// Canonical JSON: one value has one sequence of bytes, so that it can be hashed and signed (RFC 8785, JCS). The rules
// are those of broker/crypto/canonical.py. RFC 8785 writes numbers and strings as ECMAScript does, so JSON.stringify
// writes the leaves and only the order of names and the refusals are ours.

import { type Bytes, hasLoneSurrogate, utf8 } from "./bytes";
import { InputError, ParseError } from "./errors";

/** A JSON value. Numbers are IEEE 754 doubles. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const MAX_BYTES = 1_048_576;

/**
 * Returns the one canonical form of a JSON value, UTF-8 bytes (RFC 8785).
 *
 * Throws InputError `input.not_canonical` for NaN, infinity, a lone surrogate, anything that is not JSON (undefined, a
 * bigint, an object with a class) and nesting beyond the engine's depth.
 */
export function canonical(value: Json): Bytes {
  try {
    return utf8(written(value));
  } catch {
    // Without the cause: its text may repeat the value, which may identify a person.
    throw new InputError("the value has no canonical JSON form (RFC 8785)", "input.not_canonical");
  }
}

/**
 * Parses bytes that are exactly what `canonical` writes for the value they hold; anything else is a ParseError.
 *
 * So there are no duplicate keys, no spare white space, no other spelling of a number, and at most a megabyte.
 */
export function parseCanonical(data: Uint8Array): Json {
  if (data.length > MAX_BYTES) throw new ParseError("the JSON is larger than a megabyte");
  let text: string;
  let again: string;
  let value: Json;
  try {
    // The mark is kept, or bytes with and without it would read as the same.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    value = JSON.parse(text) as Json;
    again = written(value);
  } catch {
    throw new ParseError("the bytes are not canonical JSON (RFC 8785); NaN and infinity are not JSON");
  }
  // JSON.parse keeps the last of two members with one name: then less is written than was read.
  if (again !== text) {
    throw new ParseError("the JSON is not in its canonical form (RFC 8785), or has a key twice in one object");
  }
  return value;
}

/** Tells whether a JSON value is an object: neither null nor an array. */
export function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function written(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return writtenText(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, written).join(",")}]`;
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) {
    // The default order of sort is that of UTF-16 units, which is the one of section 3.2.3.
    const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${members.map(([name, item]) => `${writtenText(name)}:${written(item)}`).join(",")}}`;
  }
  throw new TypeError("not JSON");
}

function writtenText(text: string): string {
  // JSON.stringify would write a lone surrogate as an escape that no other writer gives.
  if (hasLoneSurrogate(text)) throw new TypeError("not Unicode");
  return JSON.stringify(text);
}
