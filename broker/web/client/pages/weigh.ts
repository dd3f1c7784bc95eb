// The weighing saves as it goes. The texts of the answer do not go with it: they have no name in the form.

import type { Answer } from "../answer";
import { sendAlong, settled } from "./parts/fragment";
import { TypedTexts } from "./parts/texts";
import { found, say } from "./parts/words";

const form = found<HTMLFormElement>("weigh");
const saved = found("saved");
const texts = new TypedTexts(form.dataset["request"] ?? "");

const save = settled(async () => {
  const answer = await sendAlong(form, "save");
  saved.textContent = say(answer === null ? "weigh.not_saved" : answer === "" ? "weigh.saved" : "weigh.incomplete");
}, 1000);

function chosen(name: string): string {
  const field = form.elements.namedItem(name);
  return field instanceof RadioNodeList || field instanceof HTMLSelectElement ? field.value : "";
}

function keep(part: HTMLElement): void {
  const name = part.dataset["part"] ?? "";
  const answer: Answer = {
    question: part.dataset["question"] ?? "",
    category: part.dataset["category"] ?? "",
    about: chosen(`${name}.about`),
    kind: chosen(`${name}.kind`),
    text: part.querySelector<HTMLTextAreaElement>("[data-text]")?.value ?? "",
  };
  texts.keep(name, answer);
}

const typed = texts.all();
for (const part of form.querySelectorAll<HTMLElement>("[data-part]")) {
  const area = part.querySelector<HTMLTextAreaElement>("[data-text]");
  if (area !== null) area.value = typed.get(part.dataset["part"] ?? "")?.text ?? "";
  part.addEventListener("input", () => keep(part));
  part.addEventListener("change", () => keep(part));
}

form.addEventListener("input", (event) => {
  const isText = event.target instanceof HTMLElement && "text" in event.target.dataset;
  if (!isText) save();
});
