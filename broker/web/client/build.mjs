// Builds what the browser gets, from this folder into broker/web/static: `make pages` runs it. The result is committed,
// so that running needs no Node, and it is the same bytes wherever it is built.
//
// static/ holds what is built and nothing else: one script for each file of pages/, the client as a module of its own
// (client.js), the style, its fonts, the licences of all that is in them, and manifest.json with each file's digest.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { designSystem } from "./components.mjs";

const CLIENT = dirname(fileURLToPath(import.meta.url));
const TOP = join(CLIENT, "..", "..", "..");
const STATIC = join(CLIENT, "..", "static");
const PAGES = join(CLIENT, "pages");

/** Refuses what the types do not allow; esbuild only removes them. */
function checkTypes() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  for (const folder of [CLIENT, PAGES].filter((folder) => existsSync(join(folder, "tsconfig.json")))) {
    execFileSync(process.execPath, [tsc, "--noEmit", "--project", folder], { stdio: "inherit" });
  }
}

/** Returns the scripts and styles that are built, each a file of static/ by the same name. */
function entryPoints() {
  const pages = existsSync(PAGES) ? readdirSync(PAGES).filter((name) => name.endsWith(".ts")) : [];
  return [join(CLIENT, "client.ts"), join(CLIENT, "page.css"), ...pages.sort().map((name) => join(PAGES, name))];
}

/** Returns name, version and licence text of every package that is in the result, and the notices inside its files. */
function licences(metafile, notices) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  const texts = [...packages].sort().map((name) => {
    const folder = join(TOP, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).sort().find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${name} has no licence text`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  const inside = [...new Set(notices.map((notice) => notice.trim()))].sort();
  const said = `Notices in the files of these packages\n\n${inside.join("\n")}\n`;
  const line = `\n${"-".repeat(79)}\n\n`;
  return ["Parts of the files beside this one are under these licences.\n", ...texts, said].join(line);
}

checkTypes();
const result = await build({
  absWorkingDir: TOP,
  entryPoints: entryPoints(),
  outdir: STATIC,
  bundle: true,
  // No shared chunks: what a script imports is not held to a hash by the page (Subresource Integrity), so it imports nothing.
  splitting: false,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "external",
  loader: { ".woff2": "file" },
  entryNames: "[name]",
  assetNames: "[name]",
  metafile: true,
  write: false,
  logLevel: "warning",
  plugins: [designSystem],
});

const files = new Map();
const notices = [];
for (const { path, contents, text } of result.outputFiles) {
  if (path.endsWith(".LEGAL.txt")) notices.push(...(text.match(/^ *\/\*!.*$/gm) ?? []));
  else files.set(basename(path), contents);
}
files.set("LICENSES.txt", Buffer.from(licences(result.metafile, notices)));

const manifest = Object.fromEntries(
  [...files.keys()].sort().map((name) => {
    const contents = files.get(name);
    return [name, { sha384: createHash("sha384").update(contents).digest("base64"), bytes: contents.length }];
  }),
);
files.set("manifest.json", Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));

rmSync(STATIC, { recursive: true, force: true });
mkdirSync(STATIC);
for (const [name, contents] of files) writeFileSync(join(STATIC, name), contents);
console.log(`Built ${files.size} files into broker/web/static.`);
