// One decision, checked here: it is in the log that the log's key signed, with the very facts that this page shows.

import type { EventOut } from "../api";
import { decodeBase64, hex, sha256 } from "../bytes";
import { canonical, isObject, type Json, parseCanonical } from "../canonical";
import { commit } from "../commitment";
import { verifyEvent } from "../event";
import { LOG } from "./parts/log";
import { facts, found, say, showTrouble } from "./parts/words";

interface Shown {
  readonly event: EventOut | null;
  readonly document: Json;
  readonly decision: Json;
  /** Null for a decision from when digests had no salt. */
  readonly salt: string | null;
}

const shown = facts<Shown>("shown");
const verdict = found("verdict");
const typed = found<HTMLInputElement>("vkey");
typed.value = localStorage.getItem(LOG) ?? "";

function tell(key: string, holds: boolean): void {
  const line = document.createElement("p");
  line.className = holds ? "dg-allow" : "ams-error-message";
  line.textContent = say(key);
  verdict.replaceChildren(line);
}

/** Tells whether the log's entry of this event carries the digest of what the page shows. */
async function isOfLog(event: EventOut): Promise<boolean> {
  const entry = parseCanonical(decodeBase64(event.entry));
  const both = { document: shown.document, decision: shown.decision };
  const digest =
    shown.salt === null ? `sha256:${hex(await sha256(canonical(both)))}` : await commit(both, decodeBase64(shown.salt));
  return isObject(entry) && entry["decision"] === digest;
}

async function verify(): Promise<void> {
  const key = typed.value.trim();
  if (key === "") return tell("proof.no_key", false);
  if (shown.event === null) return tell("proof.none", false);
  if (shown.event.proof === null) return tell("proof.waiting", false);
  await verifyEvent(shown.event, key);
  localStorage.setItem(LOG, key);
  const holds = await isOfLog(shown.event);
  tell(holds ? "proof.good" : "proof.other", holds);
}

found("verify").addEventListener("click", () => verify().catch((error: unknown) => showTrouble(error, verdict)));
