// What the professional types as his answer: it stays in this tab (session storage) until it is sealed, survives a reload
// and signing in again, and is never part of a form that is sent.

import type { Answer } from "../../answer";

/** The answers typed for one request, by the name of their place in the form. */
export class TypedTexts {
  readonly #place: string;

  constructor(request: string) {
    this.#place = `deelgrond.answer.${request}`;
  }

  /** Returns what was typed, by place. */
  all(): Map<string, Answer> {
    return new Map(Object.entries(JSON.parse(sessionStorage.getItem(this.#place) ?? "{}") as Record<string, Answer>));
  }

  /** Keeps what was typed in one place; an empty text is not kept. */
  keep(name: string, answer: Answer): void {
    const typed = this.all();
    if (answer.text.trim() === "") typed.delete(name);
    else typed.set(name, answer);
    sessionStorage.setItem(this.#place, JSON.stringify(Object.fromEntries(typed)));
  }

  /** Forgets everything typed for this request. */
  forget(): void {
    sessionStorage.removeItem(this.#place);
  }
}
