"""The words of the worker's pages: the worklist, a new request, and an answer that came."""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.text import Words

ASK: Mapping[str, Words] = {
    "requests.title": Words("Mijn vragen", "My requests"),
    "requests.lead": Words(
        "Wat u en uw collega's hebben gevraagd, en hoe het ermee staat.",
        "What you and your colleagues asked, and how it stands.",
    ),
    "requests.new": Words("Nieuwe vraag", "New request"),
    "requests.none": Words("Er is nog niets gevraagd.", "Nothing has been asked yet."),
    "requests.to": Words("Aan wie", "To whom"),
    "requests.purpose": Words("Waarvoor", "What for"),
    "requests.state": Words("Stand", "State"),
    "requests.clock": Words("Loopt", "Runs"),
    "requests.asked": Words("Gesteld op", "Asked on"),
    "request.title": Words("Vraag aan {to}", "Request to {to}"),
    "request.back": Words("Terug naar mijn vragen", "Back to my requests"),
    "request.acute": Words("acuut", "acute"),
    "request.answered": Words("Er is een antwoord", "There is an answer"),
    "request.open_lead": Words(
        "Het antwoord is aan u verzegeld. Elke keer dat u het opent, wordt opnieuw bekeken of dat nog mag.",
        "The answer is sealed to you. Each time you open it, whether that is still allowed is decided anew.",
    ),
    "request.open": Words("Antwoord openen", "Open the answer"),
    "request.declined": Words("De professional geeft geen antwoord", "The professional gives no answer"),
    "request.declined_why": Words("De reden:", "The reason:"),
    "request.again": Words("Opnieuw vragen", "Ask again"),
    "request.decision": Words("Wat het beleid hierover zegt", "What the policy says about this"),
    "request.asked": Words("Wat er is gevraagd", "What was asked"),
    "request.consents": Words("Toestemming bekijken of vastleggen", "See or record consent"),
    "ask.title": Words("Nieuwe vraag", "New request"),
    "ask.lead": Words(
        "Vraag zo gericht als u kunt. Rechts staat wat er mag en wat er nog mist.",
        "Ask as precisely as you can. Beside the form stands what is allowed and what is still missing.",
    ),
    "ask.which_case": Words("Over welke zaak gaat het?", "Which case is it about?"),
    "ask.no_case": Words(
        "U hebt nog geen zaak. Een zaak komt hier uit het systeem van uw organisatie; vraag uw beheerder.",
        "You have no case yet. Cases come here from your organisation's own system; ask your administrator.",
    ),
    "ask.no_reference": Words("Zonder kenmerk", "Without reference"),
    "ask.whom": Words("Aan wie en waarvoor", "To whom and what for"),
    "ask.responder": Words("Aan wie vraagt u het?", "Whom do you ask?"),
    "ask.purpose": Words("Waarvoor is het?", "What is it for?"),
    "ask.directly_involved": Words(
        "Wij helpen of behandelen dezelfde persoon samen", "We help or treat the same person together"
    ),
    "ask.directly_involved_hint": Words(
        "Alleen als beide organisaties dezelfde hulp of behandeling uitvoeren.",
        "Only if both organisations carry out the same help or treatment.",
    ),
    "ask.persons": Words("Over wie het gaat", "Whom it is about"),
    "ask.persons_hint": Words(
        "Kies alleen wie nodig is om uw vragen te stellen.", "Choose only who is needed to ask your questions."
    ),
    "ask.patient": Words("Is daar patiënt of cliënt", "Is a patient or client there"),
    "ask.informed": Words("Weet dat u deze vragen stelt.", "Knows that you ask these questions."),
    "ask.untold": Words("Is {name} gevraagd of verteld?", "Was {name} asked or told?"),
    "ask.concern": Words("De zorgen", "The concern"),
    "ask.concern_lead": Words(
        "De professional mag pas spreken als hij weet wat er is. Schrijf op wat u weet, en ook wat u niet weet.",
        "The professional may speak only when he knows what the matter is. Write what you know, and what you do not.",
    ),
    "ask.nature": Words("Aard van de zorgen", "Nature of the concern"),
    "ask.nature_hint": Words("Wat is er aan de hand?", "What is the matter?"),
    "ask.seriousness": Words("Ernst van de zorgen", "Seriousness of the concern"),
    "ask.seriousness_hint": Words("Hoe erg, hoe vaak, hoe lang al?", "How bad, how often, for how long?"),
    "ask.content": Words("Inhoud van de zorgen", "Content of the concern"),
    "ask.content_hint": Words(
        "Wat is er gezien of gehoord, wanneer en door wie? Noem een melder die geheim wil blijven niet.",
        "What was seen or heard, when and by whom? Do not name a reporter who wants to stay unknown.",
    ),
    "ask.compelling_need": Words("Waarom het niet zonder kan", "Why you cannot do without"),
    "ask.compelling_need_hint": Words(
        "Alleen voor de Raad, als het niet om mishandeling gaat.", "Only for the Raad, when it is not about abuse."
    ),
    "ask.danger": Words("Er is nu gevaar", "There is danger now"),
    "ask.acute": Words("Iemand is in acuut gevaar", "Somebody is in acute danger"),
    "ask.person_named": Words("Het is duidelijk wie gevaar loopt", "It is clear who is in danger"),
    "ask.threat_named": Words("Het is duidelijk wat er dreigt", "It is clear what threatens"),
    "ask.within_hours": Words("Binnen hoeveel uur?", "Within how many hours?"),
    "ask.grave_to_adult": Words(
        "Een volwassene loopt gevaar op zwaar letsel of de dood", "An adult is in danger of grave injury or death"
    ),
    "ask.outside_abuse": Words("Het gaat niet om mishandeling", "It is not about abuse"),
    "ask.questions": Words("De vragen", "The questions"),
    "ask.questions_lead": Words(
        "Stel elke vraag over één persoon. Vraag nooit om het hele dossier.",
        "Ask each question about one person. Never ask for the whole file.",
    ),
    "ask.question": Words("Vraag {number}", "Question {number}"),
    "ask.about": Words("Over wie", "About whom"),
    "ask.text": Words("Uw vraag", "Your question"),
    "ask.text_hint": Words(
        "Een vraag waarop een kort, feitelijk antwoord past.", "A question to which a short, factual answer fits."
    ),
    "ask.months": Words("Over hoeveel maanden terug?", "How many months back?"),
    "ask.months_hint": Words("Niet verder terug dan nodig is.", "No further back than needed."),
    "ask.categories": Words("Wat voor gegevens hebt u daarvoor nodig?", "What kind of data do you need for it?"),
    "ask.other_categories": Words("Gegevens die u zelden nodig hebt", "Data that you rarely need"),
    "ask.known": Words(
        "Ik vraag alleen of deze persoon daar bekend is", "I only ask whether this person is known there"
    ),
    "ask.whole": Words("Ik wil het hele dossier", "I want the whole file"),
    "ask.add": Words("Nog een vraag", "Another question"),
    "ask.check": Words("Kijk of dit mag", "See whether this is allowed"),
    "ask.send": Words("Vragen", "Ask"),
    "ask.answer": Words("Mag dit?", "Is this allowed?"),
    "ask.parts": Words("Wat er gevraagd zou worden", "What would be asked"),
    "ask.missing": Words("Hier mist nog iets", "Something is still missing"),
    "ask.not_checked": Words(
        "Vul het formulier in; dan staat hier wat er mag, op welke grond, en wat er nog mist.",
        "Fill in the form; then this says what is allowed, on which ground, and what is still missing.",
    ),
    "ask.unreachable": Words(
        "Dit kon niet worden nagekeken. Wat u typt blijft staan; gebruik de knop onder het formulier.",
        "This could not be looked up. What you type stays; use the button under the form.",
    ),
    "open.opening": Words("Wordt geopend…", "Opening…"),
    "open.title": Words("Antwoord van {who}", "Answer of {who}"),
    "open.back": Words("Terug naar de vraag", "Back to the request"),
    "open.lead": Words(
        "Wat u hier leest, is alleen voor dit doel. Dit openen is vastgelegd.",
        "What you read here is for this purpose only. This opening was recorded.",
    ),
    "open.passphrase_hint": Words(
        "De wachtzin van uw sleutel op dit apparaat; hij verlaat deze pagina niet.",
        "The passphrase of your key on this device; it does not leave this page.",
    ),
    "open.unlock": Words("Openen", "Open"),
    "open.sealed": Words("Verzegeld.", "Sealed."),
    "open.ground": Words("Gekomen op grond van", "Came on the ground of"),
    "open.until": Words("Te openen tot", "Can be opened until"),
    "open.closed": Words("Wat gesloten blijft", "What stays closed"),
    "open.earlier_key": Words(
        "Dit antwoord is verzegeld voor een sleutel die u eerder had",
        "This answer was sealed to a key that you had before",
    ),
    "open.earlier_key_why": Words(
        "Met uw huidige sleutel kan het niet open. Stel de vraag opnieuw; het nieuwe antwoord wordt dan voor uw "
        "huidige sleutel verzegeld.",
        "Your present key cannot open it. Put the question again; the new answer is then sealed to your present key.",
    ),
    "open.no_key": Words(
        "Er is niets aan uw sleutel verzegeld. Had u al een sleutel toen dit antwoord werd gegeven?",
        "Nothing was sealed to your key. Did you have a key when this answer was given?",
    ),
    "open.no_script": Words(
        "Verzegelen en openen gebeurt in uw browser. Zet JavaScript aan voor deze pagina, of gebruik `broker client`.",
        "Sealing and opening happens in your browser. Turn on JavaScript for this page, or use `broker client`.",
    ),
}
