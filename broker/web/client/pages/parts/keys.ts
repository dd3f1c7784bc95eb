// The key file in this browser. It is closed by its passphrase, so that keeping it here gives nothing away; what it opens
// to lives in the page that asked for the passphrase and nowhere else.

import { KeyUnavailable } from "../../errors";
import { type PersonalKeys, unlockKeyfile } from "../../keyfile";
import { found } from "./words";

/** One place per person: two colleagues may share a computer. */
const PLACE = `deelgrond.key.${document.body.dataset["staff"] ?? ""}`;

/** Returns the text of the key file kept here, or null. */
export function keptKeyfile(): string | null {
  return localStorage.getItem(PLACE);
}

/** Keeps a key file here. */
export function keepKeyfile(text: string): void {
  localStorage.setItem(PLACE, text);
}

/** Opens the key file kept here with what is in the page's passphrase field, and empties that. */
export async function unlockWithTyped(): Promise<PersonalKeys> {
  const file = keptKeyfile();
  if (file === null) throw new KeyUnavailable("there is no key file in this browser", "key.not_here");
  const field = found<HTMLInputElement>("passphrase");
  const keys = await unlockKeyfile(file, field.value);
  field.value = "";
  return keys;
}
