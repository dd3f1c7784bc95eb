// A form that is sent along while it is being filled in, so that the page can say how it stands.

/** Sends a form as if this button was pressed, and returns the answer; null when the session ran out or nobody answers. */
export async function sendAlong(form: HTMLFormElement, pressed: string): Promise<string | null> {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  fields.set("do", pressed);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: fields,
      headers: { "x-fragment": pressed },
      redirect: "error",
    });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Returns a function that does the work once it was not called for so many milliseconds. */
export function settled(work: () => void, milliseconds: number): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(work, milliseconds);
  };
}
