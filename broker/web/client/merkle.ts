// Inclusion in a Merkle tree over SHA-256, for whoever reads a log (RFC 6962 section 2.1, RFC 9162 section 2.1.3).
// Sizes and indexes are bigint: a log may have more leaves than a double counts.

import { type Bytes, concat, sameBytes, sha256 } from "./bytes";
import { ProofError } from "./errors";

export const HASH_BYTES = 32;

/** Returns SHA-256(0x00 || entry), the hash of a leaf. */
export function leafHash(entry: Bytes): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(0), entry));
}

/** Returns SHA-256(0x01 || left || right); the other prefix keeps a node from passing for a leaf. */
export function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** Throws ProofError unless `leaf` is leaf `index` of the `size` leaves under this root (RFC 9162 section 2.1.3.2). */
export async function verifyInclusion(claim: {
  index: bigint;
  size: bigint;
  leaf: Bytes;
  proof: readonly Bytes[];
  root: Bytes;
}): Promise<void> {
  const { index, size, leaf, proof, root } = claim;
  if (index < 0n || index >= size) throw new ProofError("the index lies outside the tree", "integrity.proof.index");
  let [fn, sn] = [index, size - 1n];
  let found = checked(leaf);
  for (const sibling of proof) {
    if (sn === 0n) throw new ProofError("the inclusion proof is too long", "integrity.proof.length");
    if (fn & 1n || fn === sn) {
      found = await nodeHash(checked(sibling), found);
      while (!(fn & 1n) && fn) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      found = await nodeHash(found, checked(sibling));
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n) throw new ProofError("the inclusion proof is too short", "integrity.proof.length");
  if (!sameBytes(found, root)) throw new ProofError("the inclusion proof does not lead to the root");
}

function checked(item: Bytes): Bytes {
  if (item.length !== HASH_BYTES) {
    throw new ProofError("a hash in the proof is not 32 bytes long", "integrity.proof.length");
  }
  return item;
}
