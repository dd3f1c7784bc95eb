// The note for the professional's own file: his own words are put in from this tab, once; then the tab forgets them.

import { TypedTexts } from "./parts/texts";
import { found, kindOf } from "./parts/words";

const note = found("note");
const given = found("given");
const texts = new TypedTexts(note.dataset["request"] ?? "");
const typed = [...texts.all().values()];

if (typed.length === 0) given.textContent = given.dataset["empty"] ?? "";
for (const answer of typed) {
  const about = document.createElement("p");
  about.textContent = `${answer.question} (${kindOf(answer.kind)})`;
  const words = document.createElement("blockquote");
  words.className = "dg-quote";
  words.textContent = answer.text;
  given.append(about, words);
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
document.querySelector("[data-copy]")?.addEventListener("click", () => void navigator.clipboard.writeText(note.innerText));
window.addEventListener("pagehide", () => texts.forget());
