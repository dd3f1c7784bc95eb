"""What the broker answered, in Dutch sentences for the terminal: what is so now, why, and what to do next.

Each function takes an answer of `Client` as it came and yields lines. Persons and organisations are named where the
answer names them; what it does not name is shown as it is, because silence would hide it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from broker import words
from broker.client.explain import decision_lines, duty_lines, joined, time_of, wrapped

Answer = Mapping[str, Any]

_NEXT: Mapping[tuple[str, str], str] = {
    ("asking", "refused"): "Vul aan wat ontbreekt, en stel de vraag opnieuw: broker client ask BESTAND",
    ("asking", "referred"): "Bespreek het eerst met wie hierboven staat, en stel de vraag dan opnieuw.",
    ("asking", "delivered"): "U wacht nu op een professional. Opnieuw kijken: broker client show {id}",
    ("asking", "weighing"): "De professional weegt de vraag. Opnieuw kijken: broker client show {id}",
    ("asking", "released"): "Het antwoord openen: broker client open {id}",
    ("asking", "declined"): "U krijgt geen antwoord. Een nieuwe vraag: broker client ask BESTAND",
    ("answering", "delivered"): "De vraag oppakken: broker client take {id}",
    ("answering", "weighing"): "Stappen en afweging vastleggen: broker client record {id} BESTAND\n"
    "Bekijken wat er weg zou gaan: broker client preview {id} --answers BESTAND",
    ("answering", "released"): "U hebt geantwoord. Wat u nog moet doen, staat bij de verplichtingen.",
    ("answering", "declined"): "U hebt de vraag afgewezen. De vrager leest waarom.",
}
"""By side and state of a request: what its reader can do."""


def asked(answer: Answer, reading: Answer) -> Iterator[str]:
    """Say what became of a question that was put."""
    yield from _question_lines(reading)
    yield from decision_lines(answer["decision"], names=persons_of(reading))
    yield f"Kenmerk: {answer['request']['id']}"
    yield from _next(reading)


def listed(rows: Sequence[Answer], organisations: Mapping[str, str], *, whose: str) -> Iterator[str]:
    """Say one line for each request; `whose` is the field with the other party."""
    if not rows:
        yield "Er is niets."
    for row in rows:
        party, number = organisations.get(row[whose], row[whose]), row["questions"]
        acute = "ACUUT GEVAAR. " if row["acute"] else ""
        purpose = words.words_for(words.PURPOSES, row["purpose"]).nl
        state = words.words_for(words.STATES, row["state"]).nl
        asked_for = "1 vraag" if number == 1 else f"{number} vragen"
        yield from wrapped("", f"{row['id']}  {time_of(row['asked_at'])}")
        yield from wrapped("    ", f"{acute}{party}; {purpose}; {asked_for}; {state}")
    if rows:
        yield "Een ervan lezen: broker client show KENMERK"


def read(reading: Answer) -> Iterator[str]:
    """Say all of one request: who asks, what is known, how it stands, what is owed, what comes next."""
    names, request = persons_of(reading), reading["request"]
    yield from wrapped("", f"{reading['requester']['name']} vraagt {reading['responder']['name']}")
    purpose = words.words_for(words.PURPOSES, request["purpose"]).nl
    state = words.words_for(words.STATES, request["state"]).nl
    yield from wrapped("  ", f"Voor {purpose}; op {time_of(request['asked_at'])}; {state}.")
    if request["acute"]:
        yield "  ACUUT GEVAAR, zegt de vrager."
    for about in ("nature", "seriousness", "content", "compelling_need"):
        if request["concern"][about]:
            yield from wrapped("  ", request["concern"][about])
    yield from _question_lines(reading)
    for stage in ("ask", "answer", "open"):
        decision = _newest(reading, stage)
        if decision is not None:
            yield f"Beslist {words.words_for(words.STAGES, stage).nl}, {time_of(decision['at'])}:"
            yield from decision_lines(decision, names=names)
    yield from _answering_lines(reading)
    for change in reading["changed"]:
        yield from _changed(change, names)
    yield from duty_lines({"obligations": reading["obligations"]}, names=names)
    if request["declination"]:
        yield from declined(request["declination"])
    yield from _next(reading)


def previewed(answer: Answer, reading: Answer, leaving: Iterable[Answer] | None) -> Iterator[str]:
    """Say exactly what would leave now, why the rest would not, and to whose keys it would be sealed.

    `leaving` are the statements that would go, by question, of answers that were given; None when none were.
    """
    names, decision = persons_of(reading), answer["decision"]
    yield from decision_lines(decision, names=names)
    if leaving is not None:
        yield "Dit gaat weg, en niets anders:"
        yield from statement_lines(leaving, names)
    whose = reading["requester"]["name"]
    for key in answer["recipients"]:
        yield from wrapped("  > ", f"verzegeld aan {key['staff']} van {whose}, sleutel {key['key_id']}")
    if not answer["recipients"]:
        yield from wrapped("  > ", f"Niemand van {whose} heeft een bevestigde sleutel om aan te verzegelen.")
    yield from duty_lines(decision, names=names)
    if any(part["verdict"] == "allow" for part in decision["parts"]):
        yield f"Versturen: broker client release {answer['request']['id']} BESTAND"


def released(answer: Answer, reading: Answer) -> Iterator[str]:
    """Say what left."""
    decision, names = answer["decision"], persons_of(reading)
    if answer["release"] is None:
        yield from decision_lines(decision, names=names)
        yield "Er is niets verstuurd."
        return
    yield f"{sent(decision)} Alleen {reading['requester']['name']} kan het openen."
    yield from duty_lines(decision, names=names)


def sent(decision: Answer) -> str:
    """Return in one sentence how much of what was asked left."""
    gone = [part for part in decision["parts"] if part["verdict"] == "allow"]
    number, whole = len(gone), len(decision["parts"])
    return f"Verstuurd: {'alles' if number == whole else f'{number} van de {whole} onderdelen'}."


def declined(told: Answer) -> Iterator[str]:
    """Say what the asker reads of why he gets nothing."""
    because = words.words_for(words.DECLINED, told["because"]).nl
    yield from wrapped("  ", f"De vrager leest waarom: {because}.")
    if told["message"]:
        yield from wrapped("  ", f"Daarbij: {told['message']}")


def opened(answer: Answer, reading: Answer) -> Iterator[str]:
    """Say what was opened, what stays closed and why, and what is owed now."""
    names = persons_of(reading)
    for part in answer["parts"]:
        yield from statement_lines(({**said, "question": part["question"]} for said in part["statements"]), names)
    for part in answer["closed"]:
        yield from wrapped("  - ", closed(part, names))
    if answer["to_earlier_key"]:
        number = answer["to_earlier_key"]
        parts = "1 onderdeel is" if number == 1 else f"{number} onderdelen zijn"
        yield from wrapped("  - ", f"{parts} aan een eerdere sleutel van u verzegeld. Vraag ze opnieuw.")
    yield from duty_lines(answer["decision"], names=names)


def closed(part: Answer, names: Mapping[str, str]) -> str:
    """Return in one sentence which part stays closed, and why."""
    why = " ".join(words.explain_reason(code).what.nl for code in part["reasons"])
    category = words.words_for(words.CATEGORIES, part["category"]).nl
    return f"{part['question']} {names.get(part['person'], part['person'])}, {category}: gesloten. {why}"


def statement_lines(said: Iterable[Answer], names: Mapping[str, str]) -> Iterator[str]:
    """Say each statement: to which question, about whom, of what kind, and its text."""
    for one in said:
        kind = words.words_for(words.KINDS, one["kind"]).nl
        yield from wrapped(f"  {one['question']} ", f"{names.get(one['about'], one['about'])} ({kind}): {one['text']}")


def consented(consent: Answer, names: Mapping[str, str]) -> Iterator[str]:
    """Say what is on record of what a person said."""
    by = joined(names.get(ref, ref) for ref in consent["given_by"] or [consent["about"]])
    about = names.get(consent["about"], consent["about"])
    said = words.words_for(words.CONSENTS, consent["status"]).nl
    what = joined(words.words_for(words.CATEGORIES, category).nl for category in consent["categories"])
    until = f" tot {consent['until_on']}" if consent["until_on"] else ""
    evidence = words.words_for(words.EVIDENCE, consent["evidence"]).nl
    purpose = words.words_for(words.PURPOSES, consent["purpose"]).nl
    yield from wrapped("", f"{consent['id']}  {by}: {said}, op {consent['on']}{until}")
    yield from wrapped("    ", f"over {about}: {what}; voor {purpose}, aan {consent['recipient']}; {evidence}")


def consents(found: Sequence[Answer]) -> Iterator[str]:
    """Say all that is on record of what people said."""
    if not found:
        yield "Er staat niets op papier."
    for consent in found:
        yield from consented(consent, {})
    if any(consent["status"] == "given" for consent in found):
        yield "Intrekken: broker client withdraw KENMERK"


def withdrawn(consent: Answer, readings: Sequence[Answer]) -> Iterator[str]:
    """Say what closes with a consent that was withdrawn, and what stays open on which ground.

    `readings` are the requests of its case that were answered, as this reader may see them.
    """
    names = {ref: name for reading in readings for ref, name in persons_of(reading).items()}
    yield from consented(consent, names)
    for reading in readings:
        decision = _newest(reading, "answer")
        if decision is not None:
            yield from _resting_lines(reading, decision, consent)
    yield "Bij elk openen wordt opnieuw beslist, op wat er dan op papier staat."


def _resting_lines(reading: Answer, decision: Answer, consent: Answer) -> Iterator[str]:
    """Say of each part that was given whether it rests on this consent, by the ground that the decision names."""
    names, kinds = persons_of(reading), {ground["code"]: ground["kind"] for ground in decision["grounds"]}
    yield f"Van het antwoord op {reading['request']['id']}:"
    for part in decision["parts"]:
        if part["verdict"] != "allow":
            continue
        what = f"{part['question']} {names.get(part['person'], part['person'])}, "
        what += words.words_for(words.CATEGORIES, part["category"]).nl
        ground = words.words_for(words.GROUNDS, part["ground"]).nl
        if (
            kinds.get(part["ground"]) == "consent"
            and part["person"] == consent["about"]
            and part["category"] in consent["categories"]
        ):
            yield from wrapped("  - ", f"{what}: sluit, tenzij een andere toestemming het nog draagt")
        else:
            yield from wrapped("  + ", f"{what}: blijft open; {ground}")


def case_lines(cases: Sequence[Answer]) -> Iterator[str]:
    """Say cases with their people."""
    if not cases:
        yield "Er is geen zaak. Een openen: broker client register-case BESTAND"
    for case in cases:
        phase = f"; {words.fact_words(case['vt_phase'], {}).nl}" if case["vt_phase"] else ""
        yield f"{case['id']}{phase}"
        for person in case["persons"]:
            relation = words.words_for(words.RELATIONS, person["relation"]).nl
            born = f", geboren op {person['birth_on']}" if person["birth_on"] else ""
            yield from wrapped("    ", f"{person['ref']}: {person['name'] or '(gewist)'}, {relation}{born}")


def enrolled(key: Answer) -> Iterator[str]:
    """Say that a key waits, and how it comes into use."""
    yield from key_lines([key])
    if key["status"] == "waits":
        yield "Noem dit kenmerk aan een collega, langs een andere weg. Hij bevestigt het met:"
        yield f"broker client confirm-key {key['key_id']}"


def key_lines(keys: Sequence[Answer]) -> Iterator[str]:
    """Say which keys there are, and which of them wait."""
    if not keys:
        yield "Er is geen sleutel. Een maken: broker keys personal BESTAND, en dan: broker client enrol-key"
    for key in keys:
        status = "in gebruik" if key["status"] == "in_use" else "wacht op een collega die hem bevestigt"
        yield f"{key['key_id']}  {key['staff']}: {status}"


def owed(duties: Sequence[Answer]) -> Iterator[str]:
    """Say what waits, each duty with its own id."""
    if not duties:
        yield "Er wacht niets."
    for duty in duties:
        when = f"uiterlijk {time_of(duty['due'])}" if duty["due"] else "doorlopend"
        state = "gedaan" if duty["done_at"] else "TE LAAT" if duty["overdue_at"] else "te doen"
        says = words.duty_words(duty["code"], duty["on"], person=duty["person"]).nl
        yield from wrapped("", f"{duty['id']}  {state}, {when}")
        yield from wrapped("    ", f"{words.words_for(words.PARTIES, duty['on']).nl}: {says}")


def erasing(erasures: Sequence[Answer]) -> Iterator[str]:
    """Say what is to be erased, or was."""
    if not erasures:
        yield "Er wacht niets om te wissen."
    for one in erasures:
        what = f"{one['person']} van {one['case']}" if one["person"] else f"heel {one['case']}"
        if one["done_at"]:
            yield f"{one['id']}  {what}: gewist op {time_of(one['done_at'])}"
        else:
            yield f"{one['id']}  {what}: gevraagd door {one['asked_by']}; een collega bevestigt het"
            yield f"    broker client confirm-erasure {one['id']}"


def decided(decisions: Sequence[Answer]) -> Iterator[str]:
    """Say decisions, one after another, for who oversees them."""
    if not decisions:
        yield "Er zijn geen besluiten."
    for decision in decisions:
        stage = words.words_for(words.STAGES, decision["stage"]).nl
        yield f"{decision['id']}  {time_of(decision['at'])}, {stage}; vraag {decision['request']}"
        yield from ("    " + line for line in decision_lines(decision, names={}))


def attempted(attempts: Sequence[Answer]) -> Iterator[str]:
    """Say which calls were refused or failed, one after another: when, who, how it ended and how often."""
    if not attempts:
        yield "Er zijn geen geweigerde aanroepen."
    for attempt in attempts:
        often = f"; {attempt['times']} keer in dat uur" if attempt["times"] > 1 else ""
        yield f"{attempt['id']}  {time_of(attempt['at'])}, {attempt['staff']}{often}"
        because = f" ({', '.join(attempt['reasons'])})" if attempt["reasons"] else ""
        yield from wrapped("    ", f"{words.explain_error(attempt['code']).what.nl} {attempt['code']}{because}")
        yield f"    {attempt['call']}"


def replayed(answer: Answer) -> Iterator[str]:
    """Say whether a decision that was made again came out the same."""
    if answer["impossible"]:
        yield f"Deze versie van de broker kan het besluit niet opnieuw nemen ({answer['impossible']})."
        yield "Het besluit zelf blijft zoals het is."
        return
    same = "hetzelfde besluit" if answer["same"] else "EEN ANDER BESLUIT"
    yield f"Uitkomst: {same}, op dezelfde feiten en hetzelfde beleid."


def persons_of(reading: Answer) -> dict[str, str]:
    """Return the names of the people of a request by their refs; who was erased keeps his ref."""
    return {person["ref"]: person["name"] or person["ref"] for person in reading["persons"]}


def _question_lines(reading: Answer) -> Iterator[str]:
    names = persons_of(reading)
    for question in reading["request"]["questions"]:
        about = names.get(question["person"], question["person"])
        yield from wrapped(f"  {question['id']} ", f"{about}: {question['text']}")


def _answering_lines(reading: Answer) -> Iterator[str]:
    """Say what the professional did; the asking side gets none of it."""
    for step, done in reading["steps"].items():
        said = words.record_words(
            whom=done["whom"],
            day=date.fromisoformat(done["day"]) if done["day"] else None,
            channel=done["channel"],
            outcome=done["outcome"],
            note=done["note"],
        ).nl
        note = f" ({said})" if said else ""
        sign = "v" if done["complete"] else "!"
        yield from wrapped(f"  {sign} ", f"{words.words_for(words.STEPS, step).nl}: {time_of(done['at'])}{note}")
        if not done["complete"]:
            yield from wrapped("    ", f"Telt nog niet. Hierbij hoort {words.words_for(words.RECORDS, step).nl}.")
    if reading["weighing"]:
        outcome = words.words_for(words.WEIGHINGS, reading["weighing"]["outcome"]).nl
        yield from wrapped("  ", f"Afweging: {outcome}. {reading['weighing']['reasons']}")


def _changed(change: Answer, names: Mapping[str, str]) -> Iterator[str]:
    about = f"{names.get(change['person'], change['person'])}: " if change["person"] else ""
    fact = words.words_for(words.FACTS, change["fact"]).nl
    before, now = (words.fact_words(change[when], names).nl for when in ("before", "now"))
    yield from wrapped("  ! ", f"Sinds de vraag veranderd: {about}{fact} was {before}, is nu {now}.")


def _newest(reading: Answer, stage: str) -> Answer | None:
    found = [decision for decision in reading["decisions"] if decision["stage"] == stage]
    return found[-1] if found else None


def _next(reading: Answer) -> Iterator[str]:
    said = _NEXT.get((reading["side"], reading["request"]["state"]))
    yield from said.format(id=reading["request"]["id"]).splitlines() if said else ()
