"""The account of a story for the terminal: who did what, what came of it and why, in Dutch, act by act.

Words come from `broker.words`; here and in `explain` they are only put in order.
"""

from __future__ import annotations

from collections.abc import Iterator

from broker import words
from broker.client import account
from broker.client.explain import Paint, day, decision_lines, duty_lines, joined, wrapped
from broker.demo.casefile import CaseFile
from broker.demo.story import Happened, Played
from broker.kernel.values import in_legal_time

_DECIDING = {
    "postpone": "vraagt of het vertellen nog kan wachten.",
    "escalate": "vraagt wie erbij moet komen.",
}


class Account:
    """Tells one story as it is played, to people who know the work and not the program."""

    def __init__(self, case: CaseFile, *, paint: Paint) -> None:
        self._case, self._paint = case, paint
        self._names = {person.ref: person.name for person in case.case.persons}
        self._day = ""

    def opening(self) -> str:
        """Say what the story is about."""
        title = wrapped("", self._case.title, paint=self._paint, as_="bold")
        lines = [*title, "De mensen zijn verzonnen; de regels, sleutels en besluiten niet."]
        return "\n".join([*lines, ""])

    def of(self, one: Happened) -> str:
        """Tell one act: what was done, what came of it, and why."""
        lines = []
        if day(one.at) != self._day:
            self._day = day(one.at)
            lines += [self._paint(self._day, "bold"), ""]
        if one.act.tell:
            lines += list(wrapped("", one.act.tell, paint=self._paint, as_="bold"))
        lines += wrapped(f"{in_legal_time(one.at):%H:%M}  ", self._deed(one))
        if one.failed is not None:
            lines += self._failure_lines(one)
        else:
            lines += self._result_lines(one)
        lines += [self._paint(f"Niet zoals verwacht: {surprise}", "red") for surprise in one.surprises]
        return "\n".join([*lines, ""])

    def closing(self, played: Played) -> str:
        """Say what was proven at the end."""
        log = played.log
        text = (
            f"Het hele logboek klopt: gebeurtenissen {log.events}, ondertekende standen {log.checkpoints}, "
            f"besluiten {log.decisions}, verstrekkingen {log.releases}."
        )
        copied = [
            f"In een kopie van de database is daarna iets veranderd. De controle noemt tabel en rij: {found}."
            for found in (finding.rsplit(": ", 1)[0] for finding in played.tampered)
        ]
        unexpected = [self._paint(surprise, "red") for surprise in played.surprises]
        told = [line for each in (text, *copied) for line in wrapped("", each, paint=self._paint, as_="green")]
        return "\n".join([*told, *unexpected])

    def _deed(self, one: Happened) -> str:
        body, verb = one.act.body, one.act.verb
        if verb == "wait":
            return f"Er gaan {body.days * 24 + body.hours} uur voorbij."
        staff = self._case.staff[body.by]
        who = f"{staff.name} ({self._case.organisations[staff.organisation].name})"
        request = self._case.requests.get(getattr(body, "request", None) or "")
        responder = self._case.organisations[request.responder].name if request else ""
        purpose = words.words_for(words.PURPOSES, request.purpose).nl if request else ""

        deeds = {
            "register": f"opent een zaak over {joined(self._names.values())}.",
            "ask": f"stelt vragen aan {responder}, voor {purpose}.",
            "take": "pakt de vraag op.",
            "record": "legt stappen en afweging vast.",
            "preview": "bekijkt wat er nu weg zou gaan.",
            "release": "verzegelt en verstuurt het antwoord.",
            "decline": "geeft niets, met redenen.",
            "open": f"opent het antwoord van {responder}.",
            "consent": "legt vast wat een betrokkene heeft gezegd.",
            "withdraw": "legt vast dat de toestemming is ingetrokken.",
            "replay": "laat het besluit opnieuw nemen.",
            "decide": _DECIDING.get(getattr(body, "stage", ""), "vraagt wat het beleid zegt als dit erbij staat."),
            "verify": "controleert het logboek.",
        }
        return f"{'Poging: ' if one.failed else ''}{who} {deeds[verb]}"

    def _failure_lines(self, one: Happened) -> Iterator[str]:
        assert one.failed is not None  # noqa: S101  asked for a failure only when there is one
        text = words.explain_error(one.failed.code)
        yield from wrapped("Fout: ", text.what.nl, paint=self._paint, as_="red")
        for code in one.failed.errors:
            if code in words.REASONS:
                yield from wrapped("  - ", words.REASONS[code].what.nl)
                yield from wrapped("    Wat helpt: ", words.REASONS[code].advice.nl)
                return
        yield from wrapped("  Wat helpt: ", text.advice.nl)

    def _result_lines(self, one: Happened) -> Iterator[str]:
        tell = {
            "ask": self._asked_lines,
            "record": self._recorded_lines,
            "preview": self._previewed_lines,
            "release": self._released_lines,
            "decline": self._declined_lines,
            "open": self._opened_lines,
            "consent": self._consent_lines,
            "replay": self._replayed_lines,
            "decide": self._decided_lines,
            "verify": self._verified_lines,
        }.get(one.act.verb)
        if tell is not None:
            yield from tell(one)

    def _asked_lines(self, one: Happened) -> Iterator[str]:
        for question in self._case.requests[one.act.body.request].questions:
            yield from wrapped(f"  {question.id} ", f"{self._names[question.person]}: {question.text}")
        yield from self._previewed_lines(one)

    def _previewed_lines(self, one: Happened) -> Iterator[str]:
        yield from decision_lines(one.result["decision"], names=self._names, paint=self._paint)

    def _declined_lines(self, one: Happened) -> Iterator[str]:
        yield from account.declined(one.result["request"]["declination"])

    def _consent_lines(self, one: Happened) -> Iterator[str]:
        said = words.words_for(words.CONSENTS, one.result["status"]).nl
        body = one.act.body
        yield from wrapped("  ", f"{joined(self._names[ref] for ref in body.given_by or [body.about])}: {said}.")

    def _replayed_lines(self, one: Happened) -> Iterator[str]:
        yield from (f"  {line}" for line in account.replayed(one.result))

    def _decided_lines(self, one: Happened) -> Iterator[str]:
        yield from self._previewed_lines(one)
        if not one.result["decision"]["parts"]:
            yield from duty_lines(one.result["decision"], names=self._names)

    def _verified_lines(self, one: Happened) -> Iterator[str]:
        text = f"{one.result['events']} gebeurtenissen staan in het logboek zoals het is ondertekend."
        yield from wrapped("  ", text)
        package = one.result["package"]
        events = "1 gebeurtenis" if package.events == 1 else f"{package.events} gebeurtenissen"
        decisions = "1 besluit" if package.decisions == 1 else f"{package.decisions} besluiten"
        text = f"Het bewijspakket van de grootste vraag klopt: {events} en {decisions}, nagegaan zonder de server."
        yield from wrapped("  ", text)

    def _recorded_lines(self, one: Happened) -> Iterator[str]:
        body = one.act.body
        for exception in body.exceptions:
            who = self._names.get(exception.person, exception.person)
            yield from wrapped("  ", f"{who}: {words.words_for(words.EXCEPTIONS, exception.code).nl}")
        if body.steps:
            lacking = one.result["incomplete"]
            done = len(body.steps) - len(lacking)
            yield from wrapped("  ", f"{'1 stap' if done == 1 else f'{done} stappen'} van de meldcode gezet.")
            for step in lacking:
                wanted = words.words_for(words.RECORDS, step).nl
                yield from wrapped(
                    "  ! ", f"Telt nog niet: {words.words_for(words.STEPS, step).nl} Hierbij hoort {wanted}."
                )
        if body.weighing:
            weighed = words.words_for(words.WEIGHINGS, body.weighing.outcome).nl
            yield from wrapped("  ", f"Afweging: {weighed}. {body.weighing.reasons}")

    def _released_lines(self, one: Happened) -> Iterator[str]:
        decision = one.result["decision"]
        if one.result["release"] is None:
            yield from self._previewed_lines(one)
            return
        yield from wrapped("", account.sent(decision), paint=self._paint, as_="green")
        yield from duty_lines(decision, names=self._names)

    def _opened_lines(self, one: Happened) -> Iterator[str]:
        for part in one.result["parts"]:
            said = ({**each, "question": part["question"]} for each in part["statements"])
            yield from account.statement_lines(said, self._names)
        for part in one.result["closed"]:
            yield from wrapped("  - ", account.closed(part, self._names), paint=self._paint, as_="red")
