// A person's key file: the two secret seeds of one professional, closed with a passphrase. The file is that of
// broker/crypto/keyfile.py: canonical JSON, version 1; scrypt (RFC 7914) and AES-256-GCM over 64 bytes, the X-Wing seed
// and the Ed25519 seed; all that stands in clear is associated data of the encryption.
//
// scrypt is @noble/hashes': WebCrypto has none. The passphrase and the seeds never leave the page.

import { scryptAsync } from "@noble/hashes/scrypt.js";

import { type Bytes, concat, decodeBase64, encodeBase64, hasLoneSurrogate, sameBytes, utf8 } from "./bytes";
import { canonical, isObject, type Json, parseCanonical } from "./canonical";
import { InputError, KeyUnavailable, ParseError } from "./errors";
import { keyId, OpeningKey, SEED_BYTES } from "./seal";
import { type Sign, signerFromSeed } from "./signature";

/** Characters (code points, after NFC). Below this a stolen file falls to guessing, whatever one guess costs. */
export const MIN_PASSPHRASE = 12;

// 2**17 with r=8 takes 128 MiB and about a second here. A file from elsewhere may not make us spend more than 512 MiB,
// nor pass off cheap protection as ours.
const COST = 2 ** 17;
const MAX_COST = 2 ** 19;
const R = 8;
const P = 1;

const KIND = "deelgrond-keyfile";
const VERSION = 1;
const FIELDS = ["kdf", "kind", "nonce", "public", "secret", "version"];
const MAX_FILE_BYTES = 16_384;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const SECRET_BYTES = 2 * SEED_BYTES;
const TAG_BYTES = 16;

/** Hears how far the stretching of the passphrase is, from 0 to 1: it takes long enough to show. */
export type Progress = (done: number) => void;

/** An opened key file: opens what was sealed to this person and signs in their name. */
export class PersonalKeys {
  readonly openingKey: OpeningKey;
  /** The Ed25519 public key, 32 raw bytes: what others verify with. */
  readonly publicSigning: Bytes;
  readonly signingKeyId: string;
  /** Returns the Ed25519 signature (64 bytes) over a message. */
  readonly sign: Sign;

  private constructor(openingKey: OpeningKey, publicSigning: Bytes, signingKeyId: string, sign: Sign) {
    this.openingKey = openingKey;
    this.publicSigning = publicSigning;
    this.signingKeyId = signingKeyId;
    this.sign = sign;
  }

  /** Makes the keys of 64 bytes: the X-Wing seed, then the Ed25519 seed. */
  static async fromSeeds(seeds: Bytes): Promise<PersonalKeys> {
    const openingKey = await OpeningKey.fromSeed(seeds.subarray(0, SEED_BYTES));
    const { sign, publicKey } = await signerFromSeed(seeds.subarray(SEED_BYTES));
    return new PersonalKeys(openingKey, publicKey, await keyId(publicKey), sign);
  }

  /** The key id of the opening key: the `recipient` of a SealContext. */
  get keyId(): string {
    return this.openingKey.keyId;
  }

  /** The X-Wing public key, 1216 raw bytes: what others seal to. */
  get publicOpening(): Bytes {
    return this.openingKey.publicKey;
  }

  /** Returns the public halves with the proof that their holder enrols them, base64, as the broker takes them. */
  async enrolment(): Promise<{ readonly public_opening: string; readonly public_signing: string; readonly proof: string }> {
    const [opening, signing] = [this.publicOpening, this.publicSigning];
    const proof = await this.sign(concat(utf8("deelgrond enrolment v1\n"), opening, signing));
    return { public_opening: encodeBase64(opening), public_signing: encodeBase64(signing), proof: encodeBase64(proof) };
  }
}

/**
 * Makes new keys and returns the text of their file.
 *
 * Throws InputError `key.passphrase_too_short` for fewer than MIN_PASSPHRASE characters.
 */
export async function makeKeyfile(passphrase: string, progress?: Progress): Promise<string> {
  if ([...passphrase.normalize("NFC")].length < MIN_PASSPHRASE) {
    throw new InputError("a passphrase has at least twelve characters", "key.passphrase_too_short");
  }
  const seeds = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  try {
    return await makeKeyfileFrom(passphrase, { seeds, salt, nonce }, progress);
  } finally {
    seeds.fill(0);
  }
}

/** Makes the file from given randomness: the seam for vectors. */
export async function makeKeyfileFrom(
  passphrase: string,
  drawn: { seeds: Bytes; salt: Bytes; nonce: Bytes },
  progress?: Progress,
): Promise<string> {
  const header = {
    kdf: { name: "scrypt", n: COST, p: P, r: R, salt: encodeBase64(drawn.salt) },
    kind: KIND,
    nonce: encodeBase64(drawn.nonce),
    public: publicParts(await PersonalKeys.fromSeeds(drawn.seeds)),
    version: VERSION,
  };
  const key = await stretched(passphrase, drawn.salt, COST, "encrypt", progress);
  const secret = await crypto.subtle.encrypt(gcm(drawn.nonce, header), key, drawn.seeds);
  return new TextDecoder().decode(canonical({ ...header, secret: encodeBase64(new Uint8Array(secret)) }));
}

/**
 * Opens a key file; takes 128 MiB and about a second for a file of ours.
 *
 * Throws ParseError for a file that is malformed or asks for another cost than we accept (`key.cost`, `key.version`),
 * and KeyUnavailable `key.wrong_passphrase` when the passphrase is not the one, or the file was changed: the two look
 * the same.
 */
export async function unlockKeyfile(text: string, passphrase: string, progress?: Progress): Promise<PersonalKeys> {
  const { secret, ...header } = parsed(text);
  const [salt, nonce, sealed] = [base64Of(header.kdf["salt"]), base64Of(header["nonce"]), base64Of(secret)];
  if (salt.length !== SALT_BYTES || nonce.length !== NONCE_BYTES || sealed.length !== SECRET_BYTES + TAG_BYTES) {
    throw new ParseError("a length in the key file is wrong");
  }
  const cost = header.kdf["n"];
  if (typeof cost !== "number" || ![COST, 2 * COST, MAX_COST].includes(cost)) {
    throw new ParseError("the key file asks for another scrypt cost than we accept", "key.cost");
  }
  const key = await stretched(passphrase, salt, cost, "decrypt", progress);
  let seeds: Bytes;
  try {
    seeds = new Uint8Array(await crypto.subtle.decrypt(gcm(nonce, header), key, sealed));
  } catch {
    throw new KeyUnavailable("the key file does not open with this passphrase", "key.wrong_passphrase");
  }
  try {
    const keys = await PersonalKeys.fromSeeds(seeds);
    if (!sameBytes(canonical(publicParts(keys)), canonical(header["public"] ?? null))) {
      throw new ParseError("the public keys in the key file are not those of its secret ones");
    }
    return keys;
  } finally {
    seeds.fill(0);
  }
}

type KeyFile = { readonly [name: string]: Json } & {
  readonly kdf: { readonly [name: string]: Json };
  readonly secret: Json;
};

/** Returns the members of a file that has exactly those of version 1. */
function parsed(text: string): KeyFile {
  if (text.length > MAX_FILE_BYTES || /[^\0-\x7f]/.test(text)) throw new ParseError("this is not a key file");
  const file = parseCanonical(utf8(text));
  if (!isObject(file) || !hasNames(file, ...FIELDS) || file["kind"] !== KIND) {
    throw new ParseError("this is not a key file");
  }
  if (file["version"] !== VERSION) throw new ParseError("the key file is of an unknown version", "key.version");
  const kdf = file["kdf"];
  if (!isObject(kdf) || !hasNames(kdf, "n", "name", "p", "r", "salt")) {
    throw new ParseError("the key file names no key derivation");
  }
  if (kdf["name"] !== "scrypt" || kdf["r"] !== R || kdf["p"] !== P) {
    throw new ParseError("the key file names another key derivation than ours", "key.cost");
  }
  return { ...file, kdf, secret: file["secret"] ?? null };
}

/** Tells whether a parsed canonical object, whose names are sorted, has exactly these. */
function hasNames(value: object, ...names: readonly string[]): boolean {
  return Object.keys(value).join() === names.join();
}

function publicParts(keys: PersonalKeys): { readonly [name: string]: string } {
  return {
    opening: encodeBase64(keys.publicOpening),
    opening_key_id: keys.keyId,
    signing: encodeBase64(keys.publicSigning),
    signing_key_id: keys.signingKeyId,
  };
}

function gcm(nonce: Bytes, header: Json): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: canonical(header) };
}

async function stretched(
  passphrase: string,
  salt: Bytes,
  cost: number,
  use: "encrypt" | "decrypt",
  progress?: Progress,
): Promise<CryptoKey> {
  // One passphrase can be typed as different code points on different keyboards: NFC makes them one.
  const typed = passphrase.normalize("NFC");
  if (hasLoneSurrogate(typed)) throw new InputError("the passphrase is not valid text", "key.passphrase_not_text");
  const options = { N: cost, r: R, p: P, dkLen: 32, ...(progress && { onProgress: progress }) };
  const raw = Uint8Array.from(await scryptAsync(utf8(typed), salt, options));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, [use]);
  raw.fill(0);
  return key;
}

function base64Of(value: Json | undefined): Bytes {
  if (typeof value !== "string") throw new ParseError("the key file has no base64 where it should");
  return decodeBase64(value);
}

/** Returns the public names in a key file, without opening it; throws as `unlockKeyfile` for what is no key file. */
export function keyfileIds(text: string): { readonly openingKeyId: string; readonly signingKeyId: string } {
  const { public: halves } = parsed(text);
  const [opening, signing] = isObject(halves) ? [halves["opening_key_id"], halves["signing_key_id"]] : [];
  if (typeof opening !== "string" || typeof signing !== "string") throw new ParseError("this is not a key file");
  return { openingKeyId: opening, signingKeyId: signing };
}
