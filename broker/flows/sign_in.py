"""Sign in: a person's session in a browser, from his identity provider's word to signing out.

1. `begin` encrypts what the way to the identity provider must bring back unchanged (state, nonce, PKCE verifier) for
   the browser to carry: of who is not signed in nothing is kept here.
2. `sign_in` gives a known person a new session; who is not in the directory gets none. It is an event.
3. `visit` finds who acts, anew at every page: a mandate or role that ended has ended.
4. A form that comes after the session ran out is kept, encrypted, for the same person; nobody else ever sees it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from broker.crypto.base64text import decode_base64url, encode_base64url
from broker.crypto.canonical import canonical
from broker.crypto.envelope import decrypt_field, encrypt_field, new_data_key
from broker.domain.directory import Account, Actor
from broker.domain.event import act
from broker.domain.session import SIGN_IN_TAKES, Session, SignIn, hashed, new_secret
from broker.domain.vocabulary import Assurance
from broker.domain.wiring import Wiring
from broker.kernel.errors import IdentityError, KeyUnavailable, ParseError, SealError
from broker.kernel.values import format_moment, legal_day, parse_moment

_CONTEXT = b"sign-in"

NOTICED_EVERY = timedelta(minutes=1)
"""How often it is written down that a session is in use: not at each of a page's calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter:
    """Who the identity provider says came back."""

    account: Account
    assurance: Assurance


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A session and who acts in it; `actor` is None when the session ran out."""

    session: Session
    actor: Actor | None


def begin(to: str, w: Wiring) -> tuple[SignIn, str]:
    """Return a sign-in that is to lead to this path of ours, and the same encrypted, for the browser's cookie."""
    begun = SignIn(
        state=new_secret(), nonce=new_secret(), verifier=new_secret() + new_secret(), to=to, created_at=w.clock()
    )
    said = {"nonce": begun.nonce, "verifier": begun.verifier, "to": to, "at": format_moment(begun.created_at)}
    data_key = new_data_key()
    encrypted = encrypt_field(data_key, canonical(said).decode(), **_place(begun.state))
    return begun, f"{encode_base64url(w.keys.wrap_data_key(data_key, context=_CONTEXT))}.{encode_base64url(encrypted)}"


def under_way(cookie: str, state: str, w: Wiring) -> SignIn:
    """Return the sign-in that a browser carried, when it is the one that this state belongs to.

    Raises IdentityError when there is none, when it took too long, or when another browser set out.
    """
    wrapped, _, encrypted = cookie.partition(".")
    try:
        data_key = w.keys.unwrap_data_key(decode_base64url(wrapped), context=_CONTEXT)
        said = json.loads(decrypt_field(data_key, decode_base64url(encrypted), **_place(state)))
        found = SignIn(
            state=state,
            nonce=said["nonce"],
            verifier=said["verifier"],
            to=said["to"],
            created_at=parse_moment(said["at"]),
        )
    except (ValueError, ParseError, SealError, KeyUnavailable) as error:
        raise IdentityError("there is no such sign-in", code="identity.sign_in_lost") from error
    if not timedelta(0) <= w.clock() - found.created_at < SIGN_IN_TAKES:
        raise IdentityError("the sign-in took too long", code="identity.sign_in_lost")
    return found


def _place(state: str) -> dict[str, str]:
    """Return where an encrypted sign-in belongs: with its state, so that it opens with no other."""
    return {"table": "sign-in", "column": "cookie", "row": state}


def sign_in(command: Enter, w: Wiring) -> str:
    """Begin a session and return the secret for the browser's cookie; IdentityError for who is not in the directory."""
    now, secret = w.clock(), new_secret()
    with w.store.transaction() as tx:
        tx.sessions.sweep(now)
        actor = tx.directory.find_actor(command.account, command.assurance, legal_day(now))
        if actor is None:
            raise IdentityError("nobody in the directory goes by this subject", code="identity.not_enrolled")
        tx.sessions.add(
            Session(
                id=hashed(secret),
                staff=actor.staff.id,
                assurance=command.assurance,
                csrf=new_secret(),
                created_at=now,
                seen_at=now,
            )
        )
        tx.log.append(act("session:person:signed_in", actor, now, assurance=command.assurance))
    return secret


def visit(secret: str, w: Wiring) -> Visited | None:
    """Return whose session this secret is of, or None; IdentityError for who is no longer in the directory."""
    now = w.clock()
    with w.store.reading() as tx:
        session = tx.sessions.find(hashed(secret))
        if session is None:
            return None
        if not session.is_live(now):
            return Visited(session=session, actor=None)
        actor = tx.directory.actor(session.staff, session.assurance, legal_day(now))
        if actor is None:
            raise IdentityError("nobody in the directory goes by this subject", code="identity.not_enrolled")
    if now - session.seen_at >= NOTICED_EVERY:
        with w.store.transaction() as tx:
            tx.sessions.touch(session.id, now)
    return Visited(session=session, actor=actor)


def sign_out(session: str, actor: Actor, w: Wiring) -> None:
    """End a session; it is an event."""
    now = w.clock()
    with w.store.transaction() as tx:
        tx.sessions.remove(session)
        tx.log.append(act("session:person:signed_out", actor, now))


def keep_form(session: Session, path: str, fields: Sequence[tuple[str, str]], w: Wiring) -> None:
    """Keep a form that came after its session had run out."""
    with w.store.transaction() as tx:
        tx.sessions.keep_form(session.id, path, fields)


def take_form(session: Session, path: str, w: Wiring) -> list[tuple[str, str]] | None:
    """Return what this person had typed in this place when an earlier session ran out, once."""
    with w.store.transaction() as tx:
        return tx.sessions.take_form(session.staff, path)
