// Commitments: the log holds a salted digest, the personal detail stands beside it and can be destroyed. HMAC-SHA-256
// keyed with the salt, over canonical JSON, as in broker/crypto/commitment.py.

import { type Bytes, concat, hex, utf8 } from "./bytes";
import { canonical, type Json } from "./canonical";
import { InputError, IntegrityError } from "./errors";

export const SALT_BYTES = 32;

const PREFIX = utf8("deelgrond/commitment/v1\0");

/** Returns the commitment to a JSON value: 64 hex digits; throws InputError for another salt length or no JSON. */
export async function commit(detail: Json, salt: Bytes): Promise<string> {
  if (salt.length !== SALT_BYTES) throw new InputError("the salt of a commitment has 32 bytes");
  const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, concat(PREFIX, canonical(detail)))));
}

/** Throws IntegrityError `integrity.commitment` unless `commitment` is the one to this detail under this salt. */
export async function verifyCommitment(detail: Json, salt: Bytes, commitment: Json | undefined): Promise<void> {
  if ((await commit(detail, salt)) !== commitment) {
    throw new IntegrityError("the detail is not what was committed to", "integrity.commitment");
  }
}
