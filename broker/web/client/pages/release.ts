// The preview shows the words that leave, seals exactly those with the professional's own key, and sends them.

import { type Answer, sealAnswers } from "../answer";
import type { PreviewedOut } from "../api";
import { unlockWithTyped } from "./parts/keys";
import { LOG } from "./parts/log";
import { TypedTexts } from "./parts/texts";
import { busy, facts, found, say, showTrouble } from "./parts/words";

const request = document.body.dataset["request"] ?? "";
const answers = [...new TypedTexts(request).all().values()];

/** The leaves of one place take the texts typed for just that place, in their order. */
const left: Answer[] = [...answers];
for (const leaf of document.querySelectorAll<HTMLElement>(".dg-leaf")) {
  const { question, category, about, kind } = leaf.dataset;
  const place = left.findIndex(
    (one) => one.question === question && one.category === category && one.about === about && one.kind === kind,
  );
  const [answer] = place < 0 ? [] : left.splice(place, 1);
  const text = leaf.querySelector("[data-text]");
  if (answer !== undefined && text !== null) text.textContent = answer.text;
  leaf.classList.toggle("dg-leaf--empty", answer === undefined && !("stays" in leaf.dataset));
}

const form = document.getElementById("release");
if (form instanceof HTMLFormElement) {
  const previewed = facts<PreviewedOut>("previewed");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button === null) return;
    busy(button, say("preview.sealing"));
    try {
      const keys = await unlockWithTyped();
      const log = localStorage.getItem(LOG) ?? previewed.log;
      const parts = await sealAnswers(previewed, answers, keys, log);
      const field = form.elements.namedItem("parts");
      if (field instanceof HTMLInputElement) field.value = JSON.stringify(parts);
      form.submit();
    } catch (error) {
      busy(button, null);
      showTrouble(error, found("trouble"));
    }
  });
}
