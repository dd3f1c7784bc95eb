// Sealing: one part of an answer for one recipient, bound to what it answers, signed by who gives it. The bytes are
// those of broker/crypto/seal.py, which says why they are so:
//
//     0x01 || HPKE single shot (1120-byte encapsulated key || ciphertext || 16-byte tag) || 64-byte Ed25519 signature
//
// HPKE (RFC 9180) in base mode with X-Wing, HKDF-SHA256 and AES-256-GCM; `info` is the prefix and the canonical
// context; the signature is over the prefix, SHA-256(info) and all bytes before it; the plaintext is led by its length
// and filled with zeros to a multiple of 1024 bytes.

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";

import { type Bytes, concat, hex, sameBytes, sha256, utf8 } from "./bytes";
import { canonical } from "./canonical";
import { InputError, KeyUnavailable, ParseError, SealError } from "./errors";
import { type Sign, SIGNATURE_BYTES, verifySignature } from "./signature";

export const MAX_PLAINTEXT_BYTES = 1_048_576;
export const PADDING_BYTES = 1024;
/** An X-Wing private key as it is kept: the seed both private keys come from. */
export const SEED_BYTES = 32;

/** All that a sealed part is bound to; both clients must name the same eight values or it does not open. */
export interface SealContext {
  readonly request: string;
  readonly question: string;
  readonly category: string;
  readonly person: string;
  readonly decision: string;
  readonly requester: string;
  readonly responder: string;
  /** The key id of the recipient's opening key. */
  readonly recipient: string;
}

const PREFIX = utf8("deelgrond/seal/v1\0");
const VERSION = Uint8Array.of(1);
const LENGTH_BYTES = 4;
const ENCAPSULATED_BYTES = 1120;
const OVERHEAD = VERSION.length + ENCAPSULATED_BYTES + 16 + SIGNATURE_BYTES;
const MAX_PADDED = Math.ceil((LENGTH_BYTES + MAX_PLAINTEXT_BYTES) / PADDING_BYTES) * PADDING_BYTES;

const KEM = new XWing();
const SUITE = new CipherSuite({ kem: KEM, kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** A public opening key (1216 raw bytes) that has been seen to work, with its key id. */
export class RecipientKey {
  readonly keyId: string;
  readonly #publicKey: CryptoKey;

  private constructor(keyId: string, publicKey: CryptoKey) {
    this.keyId = keyId;
    this.#publicKey = publicKey;
  }

  /** Takes the raw bytes; throws ParseError for any that cannot be sealed to. */
  static async from(raw: Bytes): Promise<RecipientKey> {
    try {
      const publicKey = await KEM.deserializePublicKey(raw);
      // A degenerate half is refused only in use: find that out before somebody's answer has to go out.
      await KEM.encap({ recipientPublicKey: publicKey });
      return new RecipientKey(await keyId(raw), publicKey);
    } catch {
      throw new ParseError("the bytes are not an X-Wing public key");
    }
  }

  /** Returns the HPKE single shot: encapsulated key and ciphertext. */
  async encrypt(plaintext: Bytes, info: Bytes): Promise<Bytes> {
    const { enc, ct } = await SUITE.seal({ recipientPublicKey: this.#publicKey, info }, plaintext);
    return concat(new Uint8Array(enc), new Uint8Array(ct));
  }
}

/** A private opening key; made from its seed by `fromSeed`, shows only its public half. */
export class OpeningKey {
  readonly keyId: string;
  /** The X-Wing public key, 1216 raw bytes. */
  readonly publicKey: Bytes;
  readonly #privateKey: CryptoKey;

  private constructor(keyId: string, publicKey: Bytes, privateKey: CryptoKey) {
    this.keyId = keyId;
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  /** Expands a seed (draft-connolly-cfrg-xwing-kem); throws ParseError unless it has 32 bytes. */
  static async fromSeed(seed: Uint8Array): Promise<OpeningKey> {
    if (seed.length !== SEED_BYTES) throw new ParseError("an X-Wing seed has 32 bytes");
    // A copy: the library reads the whole buffer behind what it is given.
    const pair = await KEM.generateKeyPairDerand(Uint8Array.from(seed));
    const publicKey = new Uint8Array(await KEM.serializePublicKey(pair.publicKey));
    return new OpeningKey(await keyId(publicKey), publicKey, pair.privateKey);
  }

  /** Undoes `RecipientKey.encrypt`; throws whatever the library throws when it does not open. */
  async decrypt(encrypted: Bytes, info: Bytes): Promise<Bytes> {
    const enc = encrypted.slice(0, ENCAPSULATED_BYTES);
    const ciphertext = encrypted.slice(ENCAPSULATED_BYTES);
    return new Uint8Array(await SUITE.open({ recipientKey: this.#privateKey, enc, info }, ciphertext));
  }
}

/** Returns the short name of a public key, opening or signing: the first 32 hex digits of its SHA-256. */
export async function keyId(publicKey: Bytes): Promise<string> {
  return hex(await sha256(publicKey)).slice(0, 32);
}

/** Returns the HPKE `info`: `deelgrond/seal/v1`, a zero byte, the canonical JSON of the eight values. */
export function sealInfo(context: SealContext): Bytes {
  const { request, question, category, person, decision, requester, responder, recipient } = context;
  return concat(
    PREFIX,
    canonical({ request, question, category, person, decision, requester, responder, recipient }),
  );
}

/**
 * Seals a part for one recipient; sealing the same part twice gives different bytes.
 *
 * `sign` is the responder's Ed25519 key. Throws InputError `seal.too_large` for more than MAX_PLAINTEXT_BYTES and
 * `seal.other_recipient` when the context names another recipient, KeyUnavailable when the signer gives something else
 * than an Ed25519 signature.
 */
export async function seal(part: {
  plaintext: Bytes;
  context: SealContext;
  recipient: RecipientKey;
  sign: Sign;
}): Promise<Bytes> {
  const { plaintext, context, recipient, sign } = part;
  if (plaintext.length > MAX_PLAINTEXT_BYTES) throw new InputError("a part is at most a megabyte", "seal.too_large");
  if (context.recipient !== recipient.keyId) {
    throw new InputError("the context names another recipient key", "seal.other_recipient");
  }
  const body = concat(VERSION, await recipient.encrypt(padded(plaintext), sealInfo(context)));
  const signature = await sign(await signedMessage(context, body));
  if (signature.length !== SIGNATURE_BYTES) {
    throw new KeyUnavailable("the signer did not give an Ed25519 signature", "key.wrong_kind");
  }
  return concat(body, signature);
}

/**
 * Checks what can be checked without opening: throws ParseError for the shape, SignatureError for the signature.
 *
 * Afterwards it is certain that the responder's key signed these bytes for this context; not that they can be opened.
 */
export async function verifySeal(part: {
  sealed: Bytes;
  context: SealContext;
  responderPublic: Bytes;
}): Promise<void> {
  checkShape(part.sealed);
  await verifySignature({
    publicKey: part.responderPublic,
    signature: part.sealed.slice(-SIGNATURE_BYTES),
    message: await signedMessage(part.context, part.sealed.slice(0, -SIGNATURE_BYTES)),
  });
}

/**
 * Returns the plaintext of a part that was sealed to this key, for this context, by this responder.
 *
 * Verifies first, as `verifySeal`; then throws SealError when the key or context is another, or the bytes inside are
 * not as `seal` makes them.
 */
export async function openSealed(part: {
  sealed: Bytes;
  context: SealContext;
  openingKey: OpeningKey;
  responderPublic: Bytes;
}): Promise<Bytes> {
  await verifySeal(part);
  if (part.context.recipient !== part.openingKey.keyId) {
    throw new SealError("the part was sealed to another key", "integrity.seal.other_recipient");
  }
  let found: Bytes;
  try {
    const encrypted = part.sealed.slice(VERSION.length, -SIGNATURE_BYTES);
    found = await part.openingKey.decrypt(encrypted, sealInfo(part.context));
  } catch {
    throw new SealError("the part does not open with this key and context");
  }
  return unpadded(found);
}

async function signedMessage(context: SealContext, body: Bytes): Promise<Bytes> {
  return concat(PREFIX, await sha256(sealInfo(context)), body);
}

function checkShape(sealed: Bytes): void {
  if (sealed[0] !== VERSION[0]) throw new ParseError("the sealed part is of an unknown version", "seal.version");
  const length = sealed.length - OVERHEAD;
  if (length <= 0 || length > MAX_PADDED || length % PADDING_BYTES !== 0) {
    throw new ParseError("no sealed part has this length", "seal.length");
  }
}

function padded(plaintext: Bytes): Bytes {
  const framed = LENGTH_BYTES + plaintext.length;
  const result = new Uint8Array(Math.ceil(framed / PADDING_BYTES) * PADDING_BYTES);
  new DataView(result.buffer).setUint32(0, plaintext.length);
  result.set(plaintext, LENGTH_BYTES);
  return result;
}

/** Undoes `padded` and nothing else: one plaintext has one padded form. */
function unpadded(found: Bytes): Bytes {
  const length = new DataView(found.buffer).getUint32(0);
  const plaintext = found.slice(LENGTH_BYTES, LENGTH_BYTES + length);
  if (length > MAX_PLAINTEXT_BYTES || !sameBytes(padded(plaintext), found)) {
    throw new SealError("the part was not padded as a part is", "integrity.seal.padding");
  }
  return plaintext;
}
