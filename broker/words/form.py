"""What is wrong with what somebody filled in, by the kind of finding; each says what to do."""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.text import Words

PROBLEMS: Mapping[str, Words] = {
    "no_question": Words("Stel ten minste één vraag.", "Ask at least one question."),
    "no_person": Words(
        "Kies over wie de vragen gaan: ten minste één persoon.", "Choose whom it is about: at least one person."
    ),
    "no_text": Words("Schrijf de vraag op.", "Write the question down."),
    "no_category": Words(
        "Kies wat voor gegevens u nodig hebt om deze vraag te beantwoorden.",
        "Choose which kind of data you need to answer this question.",
    ),
    "no_reasons": Words("Schrijf op waarom u dit besluit.", "Write down why you decide this."),
    "string_too_long": Words("Dit is te lang. Maak de tekst korter.", "This is too long. Make the text shorter."),
    "string_pattern_mismatch": Words("Kies een van de mogelijkheden.", "Choose one of the possibilities."),
    "literal_error": Words("Kies een van de mogelijkheden.", "Choose one of the possibilities."),
    "int_parsing": Words("Vul een heel getal in, bijvoorbeeld 12.", "Fill in a whole number, such as 12."),
    "less_than_equal": Words("Dit getal is te groot.", "This number is too large."),
    "greater_than_equal": Words("Deze waarde ligt te ver terug.", "This value is too far back."),
    "date_from_datetime_parsing": Words("Vul een datum in als 2026-11-24.", "Fill in a date as 2026-11-24."),
    "date_parsing": Words("Vul een datum in als 2026-11-24.", "Fill in a date as 2026-11-24."),
    "too_long": Words("Dit zijn er te veel.", "These are too many."),
    "too_short": Words("Vul dit in.", "Fill this in."),
    "value_error": Words(
        "Hier staat iets wat niet bewaard kan worden. Typ het opnieuw.",
        "There is something here that cannot be kept. Type it again.",
    ),
    "other": Words("Dit klopt niet. Kijk het na.", "This is not right. Check it."),
}
