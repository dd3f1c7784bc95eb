// One's own key: made here and kept here; only its public halves are sent.

import { InputError } from "../errors";
import { keyfileIds, makeKeyfile, unlockKeyfile } from "../keyfile";
import { keepKeyfile, keptKeyfile } from "./parts/keys";
import { busy, found, say, showTrouble } from "./parts/words";

const enrolled = found("key").dataset["enrolled"] ?? "";
const trouble = found("trouble");

/** Says whether the key in this browser is the one in use, and offers it to be saved. */
function tell(): void {
  const file = keptKeyfile();
  const own = file === null ? null : keyfileIds(file).openingKeyId;
  found("here").textContent = say(own === null ? "key.not_here" : own === enrolled ? "key.here" : "key.other_here");
  found("backup").hidden = file === null;
  if (file !== null) {
    found<HTMLAnchorElement>("download").href = `data:application/json;charset=utf-8,${encodeURIComponent(file)}`;
  }
}

found<HTMLInputElement>("file").addEventListener("change", async (event) => {
  const [file] = (event.target as HTMLInputElement).files ?? [];
  if (file === undefined) return;
  try {
    const text = (await file.text()).trim();
    keyfileIds(text);
    keepKeyfile(text);
    trouble.replaceChildren();
    tell();
  } catch (error) {
    showTrouble(error, trouble);
  }
});

const form = found<HTMLFormElement>("make");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const passphrase = found<HTMLInputElement>("passphrase").value;
  const replace = form.elements.namedItem("replace");
  if (button === null) return;
  busy(button, say("key.making"));
  try {
    if (passphrase !== found<HTMLInputElement>("again").value) {
      throw new InputError("the passphrases differ", "key.passphrases_differ");
    }
    if (replace instanceof HTMLInputElement && !replace.checked) {
      throw new InputError("there is a key in use", "key.replace_unsaid");
    }
    const file = await makeKeyfile(passphrase);
    const keys = await unlockKeyfile(file, passphrase);
    keepKeyfile(file);
    for (const [name, value] of Object.entries(await keys.enrolment())) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value;
    }
    form.submit();
  } catch (error) {
    busy(button, null);
    showTrouble(error, trouble);
  }
});

tell();
