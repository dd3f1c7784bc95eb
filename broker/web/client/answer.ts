// An answer, sealed before it leaves the page and opened after it came. What broker/client/parts.py does when it releases
// and opens: the broker cannot read what is sealed, so this is where an answer is held to what was weighed and decided.
// These are pure functions between two calls of the API; nothing here decides who may what.

import type { EventOut, OpeningOut, PreviewedOut, RecipientOut, SealedPartIn, VerdictOut, WeighedOut } from "./api";
import { type Bytes, decodeBase64, encodeBase64, hex, sha256 } from "./bytes";
import { canonical, isObject, type Json, parseCanonical } from "./canonical";
import { verifyCommitment } from "./commitment";
import { IntegrityError, SealError } from "./errors";
import { verifyEvent } from "./event";
import type { PersonalKeys } from "./keyfile";
import { openSealed, RecipientKey, seal } from "./seal";

/** One question x person x category. */
export type Part = Pick<VerdictOut, "question" | "person" | "category">;

/** What the professional typed, and for which place; what a form holds may be no place that was weighed. */
export type Answer = { readonly [name in keyof WeighedOut | "text"]: string };

/** One statement inside a sealed part; a type and no interface, which could not be JSON. */
export type Statement = {
  readonly about: string;
  readonly kind: string;
  readonly text: string;
};

/** One part, opened. */
export interface OpenedPart extends Part {
  readonly statements: readonly Statement[];
}

/**
 * Seals the allowed parts of the answers to every recipient and returns the `parts` of a release, in the order of the
 * decision; none when the decision allows none.
 *
 * An answer whose part is not allowed stays here, and so does one that was not weighed as just that, or that the
 * decision stripped. `vkey` is the log's verifier key, had from elsewhere than the server. Throws IntegrityError
 * `integrity.key` when the log does not say that a key is one of the requester's, or a key is not the one it is named
 * as, and SealError `seal.no_answer` when an allowed part has no answer left, since a release is exactly the allowed
 * parts.
 */
export async function sealAnswers(
  previewed: PreviewedOut,
  answers: readonly Answer[],
  keys: PersonalKeys,
  vkey: string,
): Promise<SealedPartIn[]> {
  const recipients = await recipientsOf(previewed, vkey);
  const sealed: SealedPartIn[] = [];
  for (const { plaintext, ...part } of plaintexts(previewed, answers)) {
    for (const recipient of recipients) {
      const context = {
        ...part,
        request: previewed.request.id,
        decision: previewed.decision.id,
        requester: previewed.request.requester,
        responder: previewed.request.responder,
        recipient: recipient.keyId,
      };
      const bytes = await seal({ plaintext, context, recipient, sign: keys.sign });
      sealed.push({ ...part, recipient: recipient.keyId, sealed: encodeBase64(bytes) });
    }
  }
  return sealed;
}

/** Returns each allowed part with the bytes to seal for it; throws SealError `seal.no_answer` where there are none. */
export function plaintexts(previewed: PreviewedOut, answers: readonly Answer[]): (Part & { plaintext: Bytes })[] {
  return previewed.decision.parts
    .filter(({ verdict }) => verdict === "allow")
    .map(({ question, person, category }) => {
      const statements = statementsFor({ question, person, category }, previewed, answers);
      if (statements.length === 0) throw new SealError("an allowed part has no answer", "seal.no_answer");
      return { question, person, category, plaintext: canonical({ v: 1, statements }) };
    });
}

/**
 * Opens the parts that were handed out for a request.
 *
 * `vkey` is the log's verifier key, had from elsewhere than the server. Throws IntegrityError `integrity.release` when
 * the answer is not the one that the log says was released, SignatureError, SealError or ParseError when a part is not
 * what the responder sealed for this person and request; then none is shown.
 */
export async function openAnswer(
  request: string,
  opening: OpeningOut,
  keys: PersonalKeys,
  vkey: string,
): Promise<OpenedPart[]> {
  await verifyRelease(request, opening, vkey);
  const opened: OpenedPart[] = [];
  for (const { question, person, category, recipient, sealed } of opening.parts) {
    const plaintext = await openSealed({
      sealed: decodeBase64(sealed),
      context: {
        request,
        question,
        category,
        person,
        decision: opening.sealed_under,
        requester: opening.requester,
        responder: opening.responder,
        recipient,
      },
      openingKey: keys.openingKey,
      responderPublic: decodeBase64(opening.responder_public),
    });
    opened.push({ question, person, category, statements: statementsIn(plaintext) });
  }
  return opened;
}

/**
 * Verifies that what was handed out is what was released on this request. What evidence.py's verify_release checks, but
 * for the end: a browser's clock is its own, and the broker hands nothing out after it.
 */
export async function verifyRelease(request: string, opening: OpeningOut, vkey: string): Promise<void> {
  const { manifest } = opening;
  const said = { tag: "request:answer:released", request };
  await verifyCommitted(opening, manifest, vkey, said, "integrity.release");
  if (!isObject(manifest) || !Array.isArray(manifest["parts"])) throw notReleased();
  const bound = [manifest["request"], manifest["decision"], manifest["signing"]];
  if (bound.join() !== [request, opening.sealed_under, opening.responder_public].join()) throw notReleased();
  const released = new Set(manifest["parts"].map((part: Json) => (isObject(part) ? named(part) : "")));
  for (const { question, person, category, recipient, sealed } of opening.parts) {
    const hash = hex(await sha256(decodeBase64(sealed)));
    if (!released.has(named({ question, person, category, recipient, sha256: hash }))) throw notReleased();
  }
}

function notReleased(): IntegrityError {
  return new IntegrityError("the answer is not the one that was released", "integrity.release");
}

function named(part: { readonly [name: string]: Json | undefined }): string {
  return JSON.stringify(["question", "person", "category", "recipient", "sha256"].map((name) => part[name] ?? null));
}

/**
 * Verifies that a key is a person's of this organisation, as the log says, and that a second person confirmed it. What
 * evidence.py's verify_binding checks.
 */
export async function verifyBinding(organisation: string, recipient: RecipientOut, vkey: string): Promise<void> {
  const { binding } = recipient;
  await verifyCommitted(recipient, binding, vkey, { tag: "directory:key:confirmed" }, "integrity.key");
  if (
    !isObject(binding) ||
    binding["key"] !== recipient.key_id ||
    binding["opening"] !== hex(await sha256(decodeBase64(recipient.public_opening))) ||
    binding["organisation"] !== organisation ||
    binding["confirmed_by"] === binding["staff"]
  ) {
    throw new IntegrityError("the key is not one of the requester's", "integrity.key");
  }
}

/** Verifies that the event shown is in the log, says this, and commits to the manifest under the salt shown. */
async function verifyCommitted(
  shown: { readonly event: EventOut; readonly salt: string },
  manifest: Json,
  vkey: string,
  said: { readonly [name: string]: string },
  code: string,
): Promise<void> {
  await verifyEvent(shown.event, vkey);
  const entry = parseCanonical(decodeBase64(shown.event.entry));
  if (
    !isObject(entry) ||
    entry["manifest"] === undefined ||
    Object.entries(said).some(([name, value]) => entry[name] !== value)
  ) {
    throw new IntegrityError("the event is of something else", code);
  }
  await verifyCommitment(manifest, decodeBase64(shown.salt), entry["manifest"]);
}

async function recipientsOf(previewed: PreviewedOut, vkey: string): Promise<RecipientKey[]> {
  const named = new Map<string, RecipientKey>();
  for (const entry of previewed.recipients) {
    named.set(entry.key_id, await RecipientKey.from(decodeBase64(entry.public_opening)));
  }
  for (const [name, recipient] of named) {
    if (recipient.keyId !== name) {
      throw new IntegrityError("a recipient's key is not the one it is named as", "integrity.key");
    }
  }
  for (const recipient of previewed.recipients) {
    await verifyBinding(previewed.request.requester, recipient, vkey);
  }
  return [...named.values()];
}

/** What goes into one part: what was weighed as just that, less what the decision stripped about others. */
function statementsFor(part: Part, previewed: PreviewedOut, answers: readonly Answer[]): Statement[] {
  const weighed = (answer: Answer) =>
    previewed.weighed.some(
      (row) =>
        row.question === part.question &&
        row.category === part.category &&
        row.about === answer.about &&
        row.kind === answer.kind,
    );
  const stripped = (about: string) =>
    previewed.decision.reasons.some((reason) => reason.question === part.question && reason.person === about);
  return answers
    .filter((answer) => answer.question === part.question && answer.category === part.category)
    .filter((answer) => weighed(answer) && (answer.about === part.person || !stripped(answer.about)))
    .map(({ about, kind, text }) => ({ about, kind, text }));
}

/** Reads `{v: 1, statements}` and nothing else: what a part says may not change which part it is. */
export function statementsIn(plaintext: Bytes): Statement[] {
  const content = parseCanonical(plaintext);
  const said = isObject(content) && content["v"] === 1 ? content["statements"] : undefined;
  if (!Array.isArray(said)) throw new SealError("the part does not hold statements as a part does");
  return said.map((statement: Json) => {
    const { about, kind, text } = isObject(statement) ? statement : {};
    if (typeof about !== "string" || typeof kind !== "string" || typeof text !== "string") {
      throw new SealError("the part does not hold statements as a part does");
    }
    return { about, kind, text };
  });
}
