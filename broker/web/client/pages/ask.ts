// While a request is filled in, the page shows what the policy would answer to it as it stands.

import { sendAlong, settled } from "./parts/fragment";
import { found, say } from "./parts/words";

const form = found<HTMLFormElement>("ask");
const answer = found("answer");
let latest = 0;

const check = settled(async () => {
  latest += 1;
  const asked = latest;
  const said = await sendAlong(form, "check");
  if (asked !== latest) return; // a later one is on its way
  if (said === null) answer.textContent = say("ask.unreachable");
  // Our own server rendered it from our own template; the policy of the page runs no script that is in it.
  else answer.innerHTML = said;
}, 600);

form.addEventListener("input", check);
form.addEventListener("change", check);
