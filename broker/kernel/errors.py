"""Every way the broker can fail, by what the caller must do about it.

A refusal, a referral or an expired release is not an error: those are outcomes and travel as values.

BrokerError
├─ InputError           the caller sent something we cannot read                400
│  └─ ParseError        a note, checkpoint, sealed part, key or number is malformed
├─ IdentityError        we do not know who calls                                401
├─ RefusedError         the policy does not let this caller do this             403
├─ NotFoundError        it is not there, or not there for you                   404
├─ CrowdedError         this caller asks too much at once, or too much at all   429
├─ ConflictError        the state says no (transition, version, not yet logged) 409
├─ PolicyError          no usable decision, so treated as refused               503
│  ├─ PolicyUnavailable the engine cannot be reached, crashed or took too long
│  └─ PolicyMalformed   the engine's answer is not a decision
├─ StoreUnavailable     the database cannot be reached or cannot be written     503
├─ IntegrityError       evidence does not add up: alarm                         500
│  ├─ SignatureError    a signature does not verify
│  ├─ ProofError        a Merkle proof does not lead to the root
│  ├─ SealError         a sealed part does not open with this key and context
│  └─ LogForkError      two checkpoints that cannot both be true
├─ KeyUnavailable       a key is missing, expired or of the wrong kind          503
├─ NotSent              nobody heard a notice; it is told again later             503
└─ SettingsError        refuse to start

The exception text is for the log and never holds personal data, key material or input values; the sentence a person
reads comes from `code`.
"""

from __future__ import annotations


class BrokerError(Exception):
    """The base of all errors; `code` is a stable dotted name, `errors` the single findings where there are several."""

    code = "broker.error"

    def __init__(self, text: str, *, code: str | None = None, errors: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.code = code or type(self).code
        self.errors = errors


class InputError(BrokerError):
    """The caller sent something that cannot be read; sending it again unchanged will not help."""

    code = "input.invalid"


class ParseError(InputError):
    """A note, checkpoint, sealed part, key or number is malformed; a parser raises nothing else."""

    code = "input.malformed"


class IdentityError(BrokerError):
    """The caller is not known: no token, a token that does not verify, or nobody in the directory for it."""

    code = "identity.unknown"


class RefusedError(BrokerError):
    """The policy does not let this caller do this; `reasons` are the codes it gave."""

    code = "policy.refused"

    def __init__(self, text: str, *, code: str | None = None, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(text, code=code, errors=reasons)
        self.reasons = reasons


class NotFoundError(BrokerError):
    """It is not there, or it is not there for this reader; the two are told apart nowhere."""

    code = "store.not_found"


class CrowdedError(BrokerError):
    """The caller asks more than leaves room for others; `retry_after` is in how many seconds he may again."""

    code = "caller.too_often"

    def __init__(self, text: str, *, code: str | None = None, retry_after: int) -> None:
        super().__init__(text, code=code)
        self.retry_after = retry_after


class ConflictError(BrokerError):
    """The state of things does not allow this now: an illegal transition, a stale version, not yet in the log."""

    code = "state.conflict"


class PolicyError(BrokerError):
    """There is no usable decision; callers treat this as refused."""

    code = "policy.error"


class PolicyUnavailable(PolicyError):  # noqa: N818  an adjective by the house's naming rule
    """The policy engine cannot be reached, crashed or took longer than its time limit."""

    code = "policy.unavailable"


class PolicyMalformed(PolicyError):  # noqa: N818
    """The engine answered something that is not a decision, or two engines disagree."""

    code = "policy.malformed"


class StoreUnavailable(BrokerError):  # noqa: N818
    """The database cannot be reached or cannot be written; nothing was changed."""

    code = "store.unavailable"


class IntegrityError(BrokerError):
    """Evidence does not add up. Somebody must look at this before anything else is trusted."""

    code = "integrity.broken"


class SignatureError(IntegrityError):
    """A signature does not verify under the key that should have made it."""

    code = "integrity.signature"


class ProofError(IntegrityError):
    """A Merkle proof does not lead from the leaf, or the older root, to the root."""

    code = "integrity.proof"


class SealError(IntegrityError):
    """A sealed part does not open: another key, another context, or changed bytes."""

    code = "integrity.seal"


class LogForkError(IntegrityError):
    """Two checkpoints of one log cannot both be true."""

    code = "integrity.fork"


class KeyUnavailable(BrokerError):  # noqa: N818
    """A key is missing, expired or of the wrong kind."""

    code = "key.unavailable"


class NotSent(BrokerError):  # noqa: N818
    """A server did not take what an organisation was to be told; `errors` say how it failed, never an address."""

    code = "notices.not_sent"


class SettingsError(BrokerError):
    """The settings do not allow a start; the text names the setting and what it should be."""

    code = "settings.invalid"
