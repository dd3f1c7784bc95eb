// The design system's components as the pages wear them: in our theme, and without the parts that no page has. Names of
// values are replaced while building, which keeps the style at half of what it would be.

import { readFile } from "node:fs/promises";

import { valueOf } from "./theme.mjs";

// Parts of components that no page of ours has: dark backgrounds, right-to-left, mega menus, logos, nested steps.
const NOT_USED = new RegExp(
  [
    "--inverse|--contrast|:dir\\(rtl\\)|mega-menu|logo|page--with-menu|page__area|spotlight|brand-name-short",
    "substeps|progress-list__(?:button|icon|panel)|--collapsed|:indeterminate|indeterminate-indicator",
    "subgrid|grid__cell--start|row-span|menu-icon|narrow-window-only|(?:row|column)--align-(?:around|evenly)",
    "badge--(?:azure|magenta|purple|yellow)",
  ].join("|"),
);

// Said once, for the whole page, in page.css.
const SAID_ONCE = /(?:text-rendering|(?:-moz-|-webkit-)?text-size-adjust):[^;}]*;?/g;

// A name, and what stands for it where it has no value: at most one other name.
const REFERENCE = /var\(\s*--ams-([a-z0-9-]+)(?:\s*,[^()]*(?:\([^()]*\))?)?\s*\)/g;

/** Gives a component's style in our theme, less what no page of ours has. */
function themed(css) {
  const own = new Set(Array.from(css.matchAll(/(--_?ams-[a-z0-9-]+)\s*:/g), ([, name]) => name));
  return pruned(css.replace(/\/\*.*?\*\//gs, ""))
    .replace(SAID_ONCE, "")
    .replace(REFERENCE, (found, name) => (own.has(`--ams-${name}`) ? found : valueOf(name)));
}

/** Leaves out the selectors that no page of ours has, and the rules that have no other. */
function pruned(css) {
  let kept = "";
  for (const { head, body } of rulesOf(css)) {
    if (head.startsWith("@")) {
      const inner = pruned(body);
      if (inner) kept += `${head}{${inner}}`;
    } else {
      const selectors = splitOutside(head, ",").filter((one) => !NOT_USED.test(withoutNegations(one)));
      if (selectors.length > 0) kept += `${selectors.join()}{${body}}`;
    }
  }
  return kept;
}

/** Yields the rules of compressed CSS: what stands before a brace, and what stands between it and its match. */
function* rulesOf(css) {
  for (let at = 0; at < css.length; ) {
    const open = css.indexOf("{", at);
    if (open < 0) return;
    let [depth, end] = [1, open + 1];
    for (; depth > 0; end++) depth += { "{": 1, "}": -1 }[css[end]] ?? 0;
    yield { head: css.slice(at, open).trim(), body: css.slice(open + 1, end - 1) };
    at = end;
  }
}

/** Splits at a character that stands outside brackets. */
function splitOutside(text, character) {
  const parts = [""];
  let depth = 0;
  for (const one of text) {
    depth += { "(": 1, ")": -1 }[one] ?? 0;
    if (one === character && depth === 0) parts.push("");
    else parts[parts.length - 1] += one;
  }
  return parts;
}

/** Gives a selector without its `:not(…)`: what it excludes need not exist. */
function withoutNegations(selector) {
  const at = selector.indexOf(":not(");
  if (at < 0) return selector;
  let [depth, end] = [1, at + ":not(".length];
  for (; depth > 0; end++) depth += { "(": 1, ")": -1 }[selector[end]] ?? 0;
  return withoutNegations(selector.slice(0, at) + selector.slice(end));
}

/** The esbuild plugin that gives the design system's style files our theme. */
export const designSystem = {
  name: "design-system",
  setup(build) {
    build.onLoad({ filter: /design-system-css[\\/]dist[\\/].*\.css$/ }, async ({ path }) => ({
      contents: themed(await readFile(path, "utf8")),
      loader: "css",
    }));
  },
};
