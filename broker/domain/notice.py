"""A notice: that an organisation has something to do, told without saying about whom or what.

Who reads it signs in to know more. So in a message stand kinds and numbers only; what is told to a program names
requests and duties by their identifiers, which say nothing to who cannot sign in.

Only what comes up after an organisation chose to be told is told: nobody begins with a message about everything before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal, Protocol

from broker.domain.directory import Notified
from broker.kernel.values import at_legal_time
from broker.words import notice_words

Kind = Literal["question", "clock_half", "clock_end", "answer", "duty"]
"""A new question, a clock at half and at its end (both to who answers), an answer or a no, a duty that is due."""

Way = Literal["mail", "webhook"]
"""How an organisation is told; each way of it is told everything, once."""

KINDS: tuple[Kind, ...] = ("question", "clock_half", "clock_end", "answer", "duty")

DUTY_AHEAD = timedelta(days=1)
"""How long before its term passes a duty is due: somebody can still do it."""

MORNING = time(8)
"""When those are told who want it once a day, as the clocks in the Netherlands show it."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Channel:
    """One way in which an organisation is told, once a day or as things come up."""

    organisation: str
    way: Way
    daily: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that no notice says yet, for a channel that was chosen at a moment: a question, an answer or a duty.

    `at` is when it was asked or answered, or when the term of the duty passes; `within_hours` are the hours in which
    harm is feared, which is all the clock that a question has.
    """

    organisation: str
    way: Way
    kind: Literal["question", "answer", "duty"]
    subject: str
    at: datetime
    chosen_at: datetime
    within_hours: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one channel of an organisation is to be told; `subject` is the id of a request or of a duty.

    It is told from `since` on. `done_at` is when it was told, or needed no telling any more.
    """

    organisation: str
    way: Way
    kind: Kind
    subject: str
    since: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What an organisation hears at once, in a title and a text for people, and as numbers and ids for programs."""

    organisation: str
    at: datetime
    title: str
    text: str
    notices: tuple[Notice, ...]

    def subjects(self) -> dict[Kind, list[str]]:
        """Return the ids by kind, of the kinds that there are."""
        said = {kind: sorted(each.subject for each in self.notices if each.kind == kind) for kind in KINDS}
        return {kind: subjects for kind, subjects in said.items() if subjects}


class Sender(Protocol):
    """A way to tell an organisation something."""

    def send(self, message: Message, to: Notified) -> None:
        """Send the message; once this returns its server has it. Raises NotSent when nobody can tell that it has."""


def notices_of(found: Found) -> tuple[Notice, ...]:
    """Return what is to be told of this and from when; what came up before the channel was chosen is done already."""
    moments: dict[Kind, datetime] = {found.kind: found.at}
    if found.kind == "duty":
        moments = {"duty": max(found.at - DUTY_AHEAD, found.chosen_at)}
    elif found.kind == "question" and found.within_hours is not None:
        lasts = timedelta(hours=found.within_hours)
        moments |= {"clock_half": found.at + lasts / 2, "clock_end": found.at + lasts}
    return tuple(
        Notice(
            organisation=found.organisation,
            way=found.way,
            kind=kind,
            subject=found.subject,
            since=since,
            done_at=found.chosen_at if since < found.chosen_at else None,
        )
        for kind, since in moments.items()
    )


def message_of(organisation: str, notices: Sequence[Notice], *, public_url: str, now: datetime) -> Message:
    """Return what is said of these notices together; of a clock that ended not that it was at half."""
    ended = {each.subject for each in notices if each.kind == "clock_end"}
    told = tuple(each for each in notices if each.kind != "clock_half" or each.subject not in ended)
    numbers = Counter(each.kind for each in told)
    lines = [_line(kind, numbers[kind]) for kind in KINDS if numbers[kind]]
    text = "\n".join([notice_words("begin"), "", *lines, "", notice_words("end", public_url=public_url), ""])
    return Message(organisation=organisation, at=now, title=notice_words("title"), text=text, notices=told)


def _line(kind: Kind, number: int) -> str:
    return "- " + notice_words(kind if number == 1 else f"{kind}_several", number=number)


def morning_before(now: datetime) -> datetime:
    """Return the last moment at which those were told who want it once a day."""
    today = at_legal_time(now, MORNING)
    return today if today <= now else at_legal_time(now - timedelta(days=1), MORNING)


def pause_after(failures: int) -> timedelta:
    """Return how long a channel waits that failed so many times in a row: twice as long each time, up to an hour."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(_FIRST_PAUSE * doubled, _LONGEST_PAUSE)


class Notices(Protocol):
    """What organisations are to be told, and what they were told."""

    def channels(self) -> frozenset[Channel]:
        """Return the channels that are kept."""

    def keep_channels(self, channels: frozenset[Channel], now: datetime) -> None:
        """Keep these channels, new ones as chosen now; of those that are no longer there everything is forgotten."""

    def found(self, now: datetime, *, limit: int) -> tuple[Found, ...]:
        """Return what no notice says yet, for each channel: at most so many of each kind."""

    def add(self, notices: Sequence[Notice]) -> None:
        """Keep new notices; one that is there already stays as it is."""

    def due(self, now: datetime, *, limit: int) -> tuple[Channel, ...]:
        """Return the channels with something to tell now that nobody is telling and that do not wait after a failure.

        The one that waits longest comes first.
        """

    def take(self, channel: Channel, now: datetime, until: datetime) -> bool:
        """Keep others from telling this channel anything until then; False when somebody else was first."""

    def untold(self, channel: Channel, now: datetime) -> tuple[tuple[Notice, bool], ...]:
        """Return what is to be told now, each with whether there is still anything to do."""

    def done(self, channel: Channel, notices: Sequence[Notice], now: datetime) -> None:
        """Keep that these were told or need no telling, and let the channel go."""

    def failed(self, channel: Channel, now: datetime) -> None:
        """Keep that telling failed once more; the channel waits as long as `pause_after` says."""
