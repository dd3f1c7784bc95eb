// Runs the client that the browser gets, the built file itself, for tests in Python: a line of JSON in is one call, a
// line of JSON out is its value, or the name, code and text of its error. Bytes travel as {"hex": …} in both directions.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const client = await import(pathToFileURL(process.argv[2]).href);

const bytesOf = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const numberOf = (bits) => new DataView(bytesOf(bits).buffer).getFloat64(0);

// What a call is given is plain; keys and parsed notes are made here, by the client's own functions.
const calls = {
  canonical: (text) => client.canonical(JSON.parse(text)),
  canonicalNumber: (bits) => client.canonical(numberOf(bits)),
  // Through the bytes it stands for, so that the parsed value is compared and not JavaScript's spelling of it.
  parseCanonical: (data) => client.canonical(client.parseCanonical(data)),
  decodeBase64: client.decodeBase64,
  encodeBase64: client.encodeBase64,
  leafHash: client.leafHash,
  nodeHash: client.nodeHash,
  verifyInclusion: (claim) =>
    client.verifyInclusion({ ...claim, index: BigInt(claim.index), size: BigInt(claim.size) }),
  rewriteNote: (text) => client.formatNote(client.parseNote(text)),
  signersOf: (text) => client.parseNote(text).signatures.map(({ name }) => name),
  parseVerifierKey: client.parseVerifierKey,
  verifyNote: async (text, vkey) => client.verifyNote(client.parseNote(text), [await client.parseVerifierKey(vkey)]),
  parseCheckpoint: (text) => {
    const { origin, size, root } = client.parseCheckpoint(text);
    return { origin, size: String(size), root };
  },
  commit: (detail, salt) => client.commit(JSON.parse(detail), salt),
  verifyCommitment: (detail, salt, commitment) => client.verifyCommitment(JSON.parse(detail), salt, commitment),
  verifyEvent: client.verifyEvent,
  checkPublicKey: client.checkPublicKey,
  keyId: client.keyId,
  sealInfo: client.sealInfo,
  openingPublic: async (seed) => (await client.OpeningKey.fromSeed(seed)).publicKey,
  recipientKeyId: async (raw) => (await client.RecipientKey.from(raw)).keyId,
  seal: async ({ plaintext, context, recipient, seed }) =>
    client.seal({
      plaintext,
      context,
      recipient: await client.RecipientKey.from(recipient),
      sign: (await client.signerFromSeed(seed)).sign,
    }),
  openSealed: async ({ seed, ...part }) =>
    client.openSealed({ ...part, openingKey: await client.OpeningKey.fromSeed(seed) }),
  makeKeyfile: (passphrase) => client.makeKeyfile(passphrase),
  makeKeyfileFrom: (passphrase, drawn) => client.makeKeyfileFrom(passphrase, drawn),
  unlockKeyfile: async (text, passphrase, message) => {
    const keys = await client.unlockKeyfile(text, passphrase);
    return { opening: keys.publicOpening, signing: keys.publicSigning, signature: await keys.sign(message) };
  },
  sealAnswers: async (previewed, answers, seeds, vkey) =>
    client.sealAnswers(previewed, answers, await client.PersonalKeys.fromSeeds(seeds), vkey),
  plaintexts: (previewed, answers) => client.plaintexts(previewed, answers),
  statementsIn: (plaintext) => client.statementsIn(plaintext),
  openAnswer: async (request, opening, seeds, vkey) =>
    client.openAnswer(request, opening, await client.PersonalKeys.fromSeeds(seeds), vkey),
};

const received = (_name, value) =>
  value !== null && typeof value === "object" && typeof value.hex === "string" ? bytesOf(value.hex) : value;
const sent = (_name, value) => (value instanceof Uint8Array ? { hex: Buffer.from(value).toString("hex") } : value);

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const { call, given } = JSON.parse(line, received);
    answer = { value: (await calls[call](...given)) ?? null };
  } catch (error) {
    answer = { error: { name: error.name, code: error.code ?? null, text: String(error.message) } };
  }
  process.stdout.write(`${JSON.stringify(answer, sent)}\n`);
}
