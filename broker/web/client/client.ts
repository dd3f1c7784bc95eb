// The whole client as one module: what a page imports, and what Node imports where our own tests, or an auditor, check
// it against the vectors.

export * from "./answer";
export * from "./bytes";
export * from "./canonical";
export * from "./checkpoint";
export * from "./commitment";
export * from "./errors";
export * from "./event";
export * from "./keyfile";
export * from "./merkle";
export * from "./note";
export * from "./seal";
export * from "./signature";
