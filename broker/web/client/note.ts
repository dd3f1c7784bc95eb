// Signed notes (c2sp.org/signed-note): text with signatures by named keys beneath it. The rules and caps are those of
// broker/crypto/note.py. The text must be ignored until `verifyNote` has accepted a signature by a key the reader
// already trusted.
//
// Ed25519 (type 0x01) is what is verified here. A post-quantum verifier key (type 0x06, ML-DSA-44) is refused by name:
// no browser has that signature, and a reader must not think it was checked. Lines by such keys are passed over.

import { type Bytes, concat, decodeBase64, encodeBase64, hasLoneSurrogate } from "./bytes";
import { hex, sameBytes, sha256, utf8 } from "./bytes";
import { KeyUnavailable, ParseError, SignatureError } from "./errors";
import { checkPublicKey, verifySignature } from "./signature";

/** The signature type byte of Ed25519 over the note text. */
export const ED25519 = 0x01;
const ML_DSA_44 = 0x06;

export const MAX_SIGNATURES = 32;
const MAX_NOTE_BYTES = 262_144;
const MAX_NAME_BYTES = 255;
const KEY_ID_BYTES = 4;
const DASH = "\u2014 ";
const CONTROL = /[\0-\x09\x0b-\x1f]/;

/** One signature line: who says to have signed, the short id of the key, and the signature, not yet verified. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

/** A text that ends in a newline, with at least one signature. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** An Ed25519 public key (32 raw bytes) under the name it signs with, and the four bytes that address it. */
export interface VerifierKey {
  readonly name: string;
  readonly publicKey: Bytes;
  readonly keyId: Bytes;
}

/**
 * Parses `name+hex id+base64(type || public key)`, the form verifier keys are published in.
 *
 * Throws ParseError when it is malformed, KeyUnavailable `key.not_supported` for an ML-DSA-44 key.
 */
export async function parseVerifierKey(text: string): Promise<VerifierKey> {
  const [name, id, ...rest] = text.split("+"); // a name holds no plus, base64 may
  if (name === undefined || id === undefined || rest.length === 0) {
    throw new ParseError("a verifier key is written as name+id+key");
  }
  const material = decodeBase64(rest.join("+"));
  if (material[0] === ML_DSA_44) {
    throw new KeyUnavailable("ML-DSA-44 is not supported here: verify with `broker verify`", "key.not_supported");
  }
  if (material[0] !== ED25519) throw new ParseError("the verifier key is not of type Ed25519");
  const publicKey = material.slice(1);
  checkName(name);
  checkPublicKey(publicKey);
  const keyId = (await sha256(concat(utf8(`${name}\n`), material))).slice(0, KEY_ID_BYTES);
  if (hex(keyId) !== id) throw new ParseError("the id in the verifier key is not that of the key");
  return { name, publicKey, keyId };
}

/** Parses a signed note; nothing in it is verified yet. Throws ParseError for all that is not exactly a note. */
export function parseNote(text: string): Note {
  const at = text.lastIndexOf("\n\n");
  if (at < 0 || !text.endsWith("\n") || at + 2 === text.length) {
    throw new ParseError("a note is text, an empty line and signature lines");
  }
  const body = text.slice(0, at + 1);
  checkCharacters(body);
  const lines = text.slice(at + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw new ParseError(`a note has 1 to ${MAX_SIGNATURES} signatures`);
  const note = { text: body, signatures: lines.map(parseSignature) };
  if (utf8(text).length > MAX_NOTE_BYTES) throw new ParseError("the note is too long");
  return note;
}

/** Formats a signed note: the text, an empty line, one line for each signature. */
export function formatNote(note: Note): string {
  const lines = note.signatures.map(
    (item) => `${DASH}${item.name} ${encodeBase64(concat(item.keyId, item.signature))}\n`,
  );
  return `${note.text}\n${lines.join("")}`;
}

/**
 * Returns the names of the trusted keys that signed, in the order of their signatures.
 *
 * Signatures by unknown keys are passed over, also when only the name or only the id is known. Throws SignatureError
 * when a signature by a trusted key does not verify, or, with code `integrity.signature.untrusted`, when there is none
 * by a trusted key at all.
 */
export async function verifyNote(note: Note, verifierKeys: readonly VerifierKey[]): Promise<readonly string[]> {
  const verified = new Set<string>();
  for (const item of note.signatures) {
    const key = verifierKeys.find((one) => one.name === item.name && sameBytes(one.keyId, item.keyId));
    if (key === undefined) continue;
    await verifySignature({ publicKey: key.publicKey, signature: item.signature, message: utf8(note.text) });
    verified.add(item.name);
  }
  if (verified.size === 0) throw new SignatureError("no trusted key signed the note", "integrity.signature.untrusted");
  return [...verified];
}

function parseSignature(line: string): NoteSignature {
  const space = line.indexOf(" ", DASH.length);
  if (!line.startsWith(DASH) || space < 0) throw new ParseError("a signature line is a dash, a name and base64");
  const name = line.slice(DASH.length, space);
  const material = decodeBase64(line.slice(space + 1));
  checkName(name);
  if (material.length <= KEY_ID_BYTES) {
    throw new ParseError("a note signature is four bytes of key id and a signature");
  }
  return { name, keyId: material.slice(0, KEY_ID_BYTES), signature: material.slice(KEY_ID_BYTES) };
}

function checkName(name: string): void {
  checkCharacters(name);
  if (name === "" || /[+\n\x85\p{Z}]/u.test(name)) {
    throw new ParseError("a key name is not empty and has no space and no plus");
  }
  if (utf8(name).length > MAX_NAME_BYTES) throw new ParseError("a key name has at most 255 bytes");
}

/** Refuses what is not valid UTF-8 and any ASCII control character but the newline. */
function checkCharacters(text: string): void {
  if (CONTROL.test(text)) throw new ParseError("a note has no control characters");
  if (hasLoneSurrogate(text)) throw new ParseError("a note is valid UTF-8");
}
