// One decision, checked here: it is in the log that the log's key signed, with the very facts that this page shows.

import { decodeBase64 } from "../bytes";
import { canonical, isObject, type Json, parseCanonical } from "../canonical";
import { type ProvenEvent, verifyEvent } from "../event";
import { facts, found, say, showTrouble } from "./parts/words";

interface Shown {
  readonly event: ProvenEvent | null;
  readonly document: Json;
  readonly decision: Json;
}

/** The log's key comes from elsewhere than the server, so it is kept here and not asked of it. */
const PLACE = "deelgrond.log";

const shown = facts<Shown>("shown");
const verdict = found("verdict");
const typed = found<HTMLInputElement>("vkey");
typed.value = localStorage.getItem(PLACE) ?? "";

function tell(key: string, holds: boolean): void {
  const line = document.createElement("p");
  line.className = holds ? "dg-allow" : "ams-error-message";
  line.textContent = say(key);
  verdict.replaceChildren(line);
}

async function hashed(value: Json): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", canonical(value)));
  return `sha256:${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Tells whether the log's entry of this event carries the digest of what the page shows. */
async function isOfLog(event: ProvenEvent): Promise<boolean> {
  const entry = parseCanonical(decodeBase64(event.entry));
  const digest = await hashed({ document: shown.document, decision: shown.decision });
  return isObject(entry) && entry["decision"] === digest;
}

async function verify(): Promise<void> {
  const key = typed.value.trim();
  if (key === "") return tell("proof.no_key", false);
  if (shown.event === null) return tell("proof.none", false);
  if (shown.event.proof === null) return tell("proof.waiting", false);
  await verifyEvent(shown.event, key);
  localStorage.setItem(PLACE, key);
  const holds = await isOfLog(shown.event);
  tell(holds ? "proof.good" : "proof.other", holds);
}

found("verify").addEventListener("click", () => verify().catch((error: unknown) => showTrouble(error, verdict)));
