// Checkpoints: what a log says it contained at one size, as the text of a signed note (c2sp.org/tlog-checkpoint). Three
// lines: the origin, the number of leaves, the base64 root. Extension lines are refused, as in
// broker/crypto/checkpoint.py. Verifying the signature is `note`'s.

import { type Bytes, decodeBase64, hasLoneSurrogate, hex, utf8 } from "./bytes";
import { ParseError } from "./errors";
import { HASH_BYTES } from "./merkle";

const MAX_SIZE = 2n ** 63n - 1n;
const MAX_ORIGIN_BYTES = 255;
const EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; // SHA-256 of nothing
const LINES = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]{44})\n$/;

/** The head of a log: who says so (`origin`), how many leaves (`size`), and the 32-byte root over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
}

/** Parses the text of a checkpoint; leading zeros, other base64 or a fourth line are a ParseError. */
export function parseCheckpoint(text: string): Checkpoint {
  const [, origin, digits, root64] = LINES.exec(text) ?? [];
  if (origin === undefined || digits === undefined || root64 === undefined) {
    throw new ParseError("a checkpoint is three lines: origin, size, root");
  }
  const [size, root] = [BigInt(digits), decodeBase64(root64)];
  if (/[\0-\x1f]/.test(origin) || hasLoneSurrogate(origin)) throw new ParseError("an origin is one line of text");
  if (utf8(origin).length > MAX_ORIGIN_BYTES) throw new ParseError("an origin has at most 255 bytes");
  if (size > MAX_SIZE) throw new ParseError("a log has 0 to 2**63 - 1 leaves");
  if (root.length !== HASH_BYTES) throw new ParseError("a root has 32 bytes");
  if (size === 0n && hex(root) !== EMPTY_ROOT) {
    throw new ParseError("the root of a log without leaves is that of the empty tree");
  }
  return { origin, size, root };
}
