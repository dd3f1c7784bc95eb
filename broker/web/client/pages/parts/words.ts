// The words a script says, in the reader's language: the page brings them along, from the one catalogue of the server.

import { BrokerError } from "../../errors";

interface Explained {
  readonly what: string;
  readonly advice: string;
}

interface PageWords {
  readonly said: { readonly [key: string]: string };
  readonly kinds: { readonly [code: string]: string };
  readonly errors: { readonly [code: string]: Explained };
}

/** Returns the element that the page's template has under this id. */
export function found<Kind extends HTMLElement>(id: string): Kind {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no ${id}`);
  return element as Kind;
}

/** Returns the JSON that the page's template has under this id. */
export function facts<Shape>(id: string): Shape {
  return JSON.parse(found(id).textContent) as Shape;
}

const WORDS = facts<PageWords>("words");

/** Returns the sentence under this key. */
export function say(key: string): string {
  return WORDS.said[key] ?? key;
}

/** Returns the label of a kind of statement. */
export function kindOf(code: string): string {
  return WORDS.kinds[code] ?? code;
}

/** Shows what is wrong and what to do about it; an error without words of its own is a fault, and said to be one. */
export function showTrouble(error: unknown, place: HTMLElement): void {
  const code = error instanceof BrokerError ? error.code : "broker.error";
  const words = WORDS.errors[code] ?? WORDS.errors["broker.error"];
  const what = document.createElement("strong");
  what.textContent = words?.what ?? code;
  const line = document.createElement("p");
  line.className = "ams-error-message";
  line.append(what, ` ${words?.advice ?? ""} (${code})`);
  place.replaceChildren(line);
  place.hidden = false;
}

/** Shows that something takes its time, or ends that. */
export function busy(button: HTMLButtonElement, text: string | null): void {
  button.dataset["label"] ??= button.textContent;
  button.disabled = text !== null;
  button.textContent = text ?? button.dataset["label"];
}

// A program that is missing, or is not the one that the page names by its hash, never comes here; then the page says so.
document.body.dataset["started"] = "";
