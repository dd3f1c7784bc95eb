// One event of a request, checked without believing the server's word for it: that it is in the log as the log's key
// signed, and that the detail shown is the one committed to. What broker/client/evidence.py's verify_event checks.

import type { EventOut } from "./api";
import { decodeBase64 } from "./bytes";
import { isObject, parseCanonical } from "./canonical";
import { parseCheckpoint } from "./checkpoint";
import { verifyCommitment } from "./commitment";
import { IntegrityError, ProofError, SignatureError } from "./errors";
import { leafHash, verifyInclusion } from "./merkle";
import { parseNote, parseVerifierKey, verifyNote } from "./note";

/**
 * Verifies that an event is in the log as signed by this key, and that its detail is the one committed to.
 *
 * `vkey` is the log's verifier key, had from elsewhere than the server. Throws ProofError, SignatureError,
 * IntegrityError or, for what is not even well formed, ParseError; returns nothing when all is well.
 */
export async function verifyEvent(event: EventOut, vkey: string): Promise<void> {
  if (event.proof === null || event.checkpoint === null) {
    throw new ProofError("the event is not covered by a checkpoint yet");
  }
  const key = await parseVerifierKey(vkey);
  const note = parseNote(event.checkpoint);
  await verifyNote(note, [key]);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== key.name) throw new SignatureError("the checkpoint is of another log");
  // Null is no whole number either: after this it is a number, which the compiler does not see.
  if (!Number.isSafeInteger(event.index)) {
    throw new ProofError("the index is not a whole number", "integrity.proof.index");
  }
  const entry = decodeBase64(event.entry);
  await verifyInclusion({
    index: BigInt(event.index as number),
    size: checkpoint.size,
    leaf: await leafHash(entry),
    proof: event.proof.map(decodeBase64),
    root: checkpoint.root,
  });
  const said = parseCanonical(entry);
  if (!isObject(said) || said["id"] !== event.id || said["tag"] !== event.tag) {
    throw new IntegrityError("the event is not the one in its entry");
  }
  if (event.detail !== null) {
    await verifyCommitment(event.detail, decodeBase64(event.salt ?? ""), said["commitment"]);
  }
}
