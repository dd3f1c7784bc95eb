// What can go wrong in the client, by the names and codes of broker/kernel/errors.py: the page finds its sentence by
// `code`. The text is for whoever looks for a fault and never holds a person's data, key material or input values.

/** The base of all errors; `code` is a stable dotted name, and `name` survives minification. */
export class BrokerError extends Error {
  override name = "BrokerError";
  readonly code: string;

  constructor(text: string, code = "broker.error") {
    super(text);
    this.code = code;
  }
}

/** The caller gave something that cannot be used; giving it again unchanged will not help. */
export class InputError extends BrokerError {
  override name = "InputError";

  constructor(text: string, code = "input.invalid") {
    super(text, code);
  }
}

/** A note, checkpoint, sealed part, key file or key is malformed. */
export class ParseError extends InputError {
  override name = "ParseError";

  constructor(text: string, code = "input.malformed") {
    super(text, code);
  }
}

/** Evidence does not add up. Somebody must look at this before anything else is trusted. */
export class IntegrityError extends BrokerError {
  override name = "IntegrityError";

  constructor(text: string, code = "integrity.broken") {
    super(text, code);
  }
}

/** A signature does not verify under the key that should have made it. */
export class SignatureError extends IntegrityError {
  override name = "SignatureError";

  constructor(text: string, code = "integrity.signature") {
    super(text, code);
  }
}

/** A Merkle proof does not lead from the leaf to the root. */
export class ProofError extends IntegrityError {
  override name = "ProofError";

  constructor(text: string, code = "integrity.proof") {
    super(text, code);
  }
}

/** A sealed part does not open, or cannot be made: another key, another context, changed bytes, no answer. */
export class SealError extends IntegrityError {
  override name = "SealError";

  constructor(text: string, code = "integrity.seal") {
    super(text, code);
  }
}

/** A key is missing, does not unlock or is of a kind that is not supported here. */
export class KeyUnavailable extends BrokerError {
  override name = "KeyUnavailable";

  constructor(text: string, code = "key.unavailable") {
    super(text, code);
  }
}
