// The answer is opened here, with the worker's own key: who said it, what kind of statement it is, and its words.

import { type OpenedPart, openAnswer } from "../answer";
import type { OpeningOut } from "../api";
import { unlockWithTyped } from "./parts/keys";
import { LOG } from "./parts/log";
import { busy, facts, found, kindOf, say, showTrouble } from "./parts/words";

/** What POST /v1/requests/{id}/opening answers, with how the persons of the case are called. */
interface Handed extends OpeningOut {
  readonly names: { readonly [ref: string]: string };
}

function show(part: OpenedPart, names: Handed["names"]): void {
  const place = [...document.querySelectorAll<HTMLElement>(".dg-opened")].find(
    ({ dataset }) =>
      dataset["question"] === part.question && dataset["person"] === part.person && dataset["category"] === part.category,
  );
  const said = part.statements.map((statement) => {
    const figure = document.createElement("figure");
    const words = document.createElement("blockquote");
    words.className = "dg-quote";
    words.textContent = statement.text;
    const source = document.createElement("figcaption");
    source.textContent = `${kindOf(statement.kind)}; ${names[statement.about] ?? statement.about}`;
    figure.append(words, source);
    return figure;
  });
  place?.querySelector("[data-statements]")?.replaceChildren(...said);
}

const form = document.getElementById("unlock");
if (form instanceof HTMLFormElement) {
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button === null) return;
    busy(button, say("open.opening"));
    try {
      const handed = facts<Handed>("opening");
      const keys = await unlockWithTyped();
      const log = localStorage.getItem(LOG) ?? handed.log;
      const opened = await openAnswer(document.body.dataset["request"] ?? "", handed, keys, log);
      for (const part of opened) show(part, handed.names);
      found("trouble").replaceChildren();
      form.hidden = true;
      document.querySelector<HTMLElement>("#opened")?.focus();
    } catch (error) {
      showTrouble(error, found("trouble"));
    } finally {
      busy(button, null);
    }
  });
}
