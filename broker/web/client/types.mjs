// Writes api.ts, the types of what the client and the broker say to each other, from docs/api/openapi.json: `make pages`
// runs it before it builds. The result is committed, so that an editor and the compiler need no step before them, and
// whoever reviews a change of the API sees what it does to the pages.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { compile } from "json-schema-to-typescript";

const CLIENT = dirname(fileURLToPath(import.meta.url));
const TOP = join(CLIENT, "..", "..", "..");

/** What the client reads and sends; the types that these are made of come with them. */
const WANTED = ["PreviewedOut", "OpeningOut", "ReleaseIn", "EventOut"];

const HEAD = `// Written by types.mjs from docs/api/openapi.json: \`make pages\`. Change the shapes in broker/api, not this file.

import type { Json } from "./canonical";`;

/** Returns a schema as the generator wants it; `isNamed` for one that gives its name to a type. */
function prepared(schema, isNamed = false) {
  if (Array.isArray(schema)) return schema.map((one) => prepared(one));
  if (schema === null || typeof schema !== "object") return schema;
  // An object of anything is JSON that the client hashes and compares, so its type says that it is no more than JSON.
  if (schema.additionalProperties === true) return { tsType: "{ readonly [name: string]: Json }" };
  const copied = {};
  for (const [name, value] of Object.entries(schema)) {
    // pydantic gives every property a title, and the generator makes a type of every title.
    if (name === "title" && !isNamed) continue;
    if (name === "properties") copied[name] = entries(value, (one) => prepared(one));
    else if (name === "$ref") copied[name] = value.replace("#/components/schemas/", "#/definitions/");
    else copied[name] = prepared(value);
  }
  return copied;
}

function entries(record, change) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/** Nothing that came from the broker is changed here: makes properties and lists readonly. */
function readonly(types) {
  return types
    .replace(/^( +)(\w+\??:)(?= |$)/gm, "$1readonly $2")
    .replace(/: (\w+\[\])/g, ": readonly $1")
    .replace(/: (\([^()]*\)\[\])/g, ": readonly $1");
}

const { components } = JSON.parse(readFileSync(join(TOP, "docs", "api", "openapi.json"), "utf8"));
const root = {
  description: "What the client is told, and what it tells.",
  anyOf: WANTED.map((name) => ({ $ref: `#/definitions/${name}` })),
  definitions: entries(components.schemas, (schema) => prepared(schema, true)),
};
const types = await compile(root, "Message", {
  bannerComment: HEAD,
  ignoreMinAndMaxItems: true,
  style: { printWidth: 120, bracketSpacing: true },
});
writeFileSync(join(CLIENT, "api.ts"), readonly(types));
