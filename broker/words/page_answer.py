"""The words of the professional's pages: the inbox, the weighing, the preview, and the note for his own file."""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.text import Words

ANSWER: Mapping[str, Words] = {
    "inbox.title": Words("Postvak", "Inbox"),
    "inbox.lead": Words("Vragen die op u of uw collega's wachten.", "Requests that wait for you or your colleagues."),
    "inbox.none": Words("Er wacht niets.", "Nothing is waiting."),
    "inbox.from": Words("Van wie", "From whom"),
    "inbox.questions": Words("Vragen: {count}", "Questions: {count}"),
    "matter.title": Words("Vraag van {who}", "Request of {who}"),
    "matter.back": Words("Terug naar het postvak", "Back to the inbox"),
    "matter.who": Words("Wie vraagt dit?", "Who asks this?"),
    "matter.verified": Words("Hoe is dat gecontroleerd?", "How was that verified?"),
    "matter.verified_how": Words(
        "De medewerker meldde zich aan bij zijn eigen organisatie (OIN {oin}), is aan deze zaak toegewezen en heeft "
        "een geldig mandaat. Terugbellen om dit te controleren is niet meer nodig.",
        "The worker signed in with his own organisation (OIN {oin}), is assigned to this case and holds a valid "
        "mandate. Calling back to verify this is no longer needed.",
    ),
    "matter.known": Words("Wat de vrager weet", "What the asker knows"),
    "matter.persons": Words("Over wie het gaat", "Whom it is about"),
    "matter.born": Words("geboren", "born"),
    "matter.told": Words("weet van deze vraag", "knows of this request"),
    "matter.untold": Words("weet nog niet van deze vraag", "does not know of this request yet"),
    "matter.questions": Words("De vragen", "The questions"),
    "matter.about": Words("over {name}", "about {name}"),
    "matter.month": Words("tot een maand terug", "up to a month back"),
    "matter.months": Words("tot {months} maanden terug", "up to {months} months back"),
    "matter.take_lead": Words(
        "Pak de vraag op om te antwoorden of met redenen af te wijzen. Een collega ziet dan dat u ermee bezig bent.",
        "Take up the request to answer it or decline it with reasons. A colleague then sees that you are on it.",
    ),
    "matter.take": Words("Oppakken", "Take it up"),
    "matter.elsewhere": Words("Een collega is hiermee bezig.", "A colleague is working on this."),
    "matter.released": Words("Uw antwoord is verzegeld verstuurd", "Your answer was sent, sealed"),
    "matter.declined": Words("U hebt met redenen afgewezen", "You declined with reasons"),
    "weigh.lead": Words(
        "Wat u invult wordt onderweg bewaard. Wat u antwoordt blijft op dit apparaat tot u het verzegelt.",
        "What you fill in is kept as you go. What you answer stays on this device until you seal it.",
    ),
    "weigh.steps": Words("1. De stappen van de meldcode", "1. The steps of the reporting code"),
    "weigh.steps_lead": Words(
        "Vink aan wat u hebt gedaan. Een stap die vastligt, kunt u aanvullen maar niet weghalen.",
        "Tick what you did. A step on record can be added to, not taken away.",
    ),
    "weigh.done": Words("vastgelegd op", "recorded on"),
    "weigh.note": Words("Wat deed u? (mag kort)", "What did you do? (may be short)"),
    "weigh.told": Words("2. Vragen of vertellen", "2. Asking or telling"),
    "weigh.told_lead": Words(
        "Vraag toestemming of vertel wat u gaat doen, tenzij dat niet kan. Leg dan vast waarom.",
        "Ask consent or tell what you are going to do, unless you cannot. Then record why.",
    ),
    "weigh.consents": Words("Toestemming bekijken of vastleggen", "See or record consent"),
    "weigh.answer": Words("3. Uw antwoord per vraag", "3. Your answer per question"),
    "weigh.answer_lead": Words(
        "Kort en feitelijk, alleen wat de vraag beantwoordt. Zeg erbij wat u zelf zag en wat u van een ander hoorde.",
        "Short and factual, only what answers the question. Say what you saw yourself and what you heard from others.",
    ),
    "weigh.no_script": Words(
        "Een antwoord wordt in uw browser verzegeld. Zet JavaScript aan, of antwoord met `broker client`. Stappen en "
        "weging kunt u hier ook zo vastleggen.",
        "An answer is sealed in your browser. Turn on JavaScript, or answer with `broker client`. Steps and weighing "
        "can be recorded here all the same.",
    ),
    "weigh.give": Words("Geeft u hierop antwoord?", "Do you answer this?"),
    "weigh.give_yes": Words("Ja", "Yes"),
    "weigh.give_no": Words("Nee", "No"),
    "weigh.text": Words("Uw antwoord", "Your answer"),
    "weigh.text_hint": Words("Blijft op dit apparaat tot u verzegelt.", "Stays on this device until you seal."),
    "weigh.kind": Words("Wat voor uitspraak is dit?", "What kind of statement is this?"),
    "weigh.about": Words("Over wie zegt dit iets?", "About whom does this say something?"),
    "weigh.more": Words("Meer over dit antwoord", "More about this answer"),
    "weigh.unneeded": Words(
        "Dit is niet nodig genoeg om mijn geheim voor te doorbreken",
        "This is not necessary enough to break my secrecy for",
    ),
    "weigh.third": Words(
        "De gegevens over deze ander zijn zelf nodig om te antwoorden",
        "The data about this other person are needed to answer",
    ),
    "weigh.approved": Words(
        "Ik heb hier apart naar gekeken en keur het goed", "I looked at this separately and approve it"
    ),
    "weigh.approved_hint": Words(
        "Nodig voor behandelinhoud, strafrechtelijke en seksuele gegevens en gegevens over een ander.",
        "Needed for treatment content, criminal and sexual data, and data about somebody else.",
    ),
    "weigh.add": Words("Nog een uitspraak over {category}", "Another statement on {category}"),
    "weigh.weighing": Words("4. Uw afweging", "4. Your weighing"),
    "weigh.tests": Words("Wat ik geef", "What I give"),
    "weigh.relevant": Words("is van belang voor de vraag", "matters for the question"),
    "weigh.contributes": Words(
        "helpt om het geweld te stoppen of te onderzoeken", "helps to stop or investigate the violence"
    ),
    "weigh.no_lesser_means": Words(
        "kan niet op een minder ingrijpende manier", "cannot be had in a less intrusive way"
    ),
    "weigh.proportionate": Words("weegt op tegen het doorbreken van mijn geheim", "outweighs breaking my secrecy"),
    "weigh.outcome": Words("Mijn besluit", "My decision"),
    "weigh.reasons": Words("Waarom", "Why"),
    "weigh.reasons_hint": Words(
        "In eigen woorden. Dit blijft bij u; de vrager leest het niet.",
        "In your own words. This stays with you; the asker does not read it.",
    ),
    "weigh.declining": Words("Als u geen antwoord geeft", "If you give no answer"),
    "weigh.because": Words("Wat de vrager als reden leest", "The reason that the asker reads"),
    "weigh.message": Words("Een zin voor de vrager (mag leeg blijven)", "A sentence for the asker (may stay empty)"),
    "weigh.message_hint": Words(
        "Bijvoorbeeld wanneer of met wie hij wel verder kan. De afweging zelf hoeft hier niet.",
        "For example when or with whom he can go on. The weighing itself need not be here.",
    ),
    "weigh.not_acute": Words("Het gevaar is volgens mij niet acuut", "In my view the danger is not acute"),
    "weigh.not_acute_hint": Words(
        "Dan gelden de gewone regels en stappen. Belt u bij twijfel met Veilig Thuis, bij levensgevaar met 112.",
        "The ordinary rules and steps then apply. When in doubt call Veilig Thuis; when a life is in danger, 112.",
    ),
    "completion.title": Words("Vul uw dossier aan", "Complete your record"),
    "completion.lead": Words(
        "In acuut gevaar gaat het antwoord voor. Leg binnen 24 uur na de vraag vast wat u deed en waarom; anders gaat "
        "het antwoord voor de vrager dicht.",
        "In acute danger the answer comes first. Record within 24 hours after the question what you did and why; "
        "otherwise the answer closes for the asker.",
    ),
    "completion.save": Words("Aanvullen", "Complete"),
    "weigh.good_care": Words(
        "Goede zorg vraagt om spreken (alleen aan de tafel van het Zorg- en Veiligheidshuis)",
        "Good care asks for speaking (only at the table of the Safety House)",
    ),
    "weigh.preview": Words("Bekijk wat er weg zou gaan", "See what would leave"),
    "weigh.save": Words("Bewaren", "Save"),
    "weigh.decline": Words("Geen antwoord geven", "Give no answer"),
    "weigh.saved": Words("Bewaard.", "Saved."),
    "weigh.not_saved": Words(
        "Dit is nog niet bewaard. Wat u typt blijft staan; gebruik de knop Bewaren.",
        "This is not saved yet. What you type stays; use the button Save.",
    ),
    "weigh.incomplete": Words(
        "Nog niet bewaard: er klopt iets niet. Met de knop Bewaren ziet u wat.",
        "Not saved yet: something is not right. The button Save shows what.",
    ),
    "preview.title": Words("Wat er nu weg zou gaan", "What would leave now"),
    "preview.lead": Words(
        "Lees het na. Alleen dit gaat naar {to}, en alleen zij kunnen het openen.",
        "Read it again. Only this goes to {to}, and only they can open it.",
    ),
    "preview.back": Words("Terug naar de afweging", "Back to the weighing"),
    "preview.parts": Words("Per onderdeel", "Part by part"),
    "preview.leaves": Words("Uw woorden", "Your words"),
    "preview.no_text": Words("Hier staat nog geen tekst.", "There is no text here yet."),
    "preview.stays": Words("Dit blijft hier:", "This stays here:"),
    "preview.recipients": Words("Verzegeld aan sleutels van {to}: {count}.", "Sealed to keys of {to}: {count}."),
    "preview.passphrase_hint": Words(
        "De wachtzin van uw sleutel op dit apparaat. Daarmee verzegelt en ondertekent u.",
        "The passphrase of your key on this device. With it you seal and sign.",
    ),
    "preview.sealing": Words("Wordt verzegeld…", "Sealing…"),
    "preview.release": Words("Verzegelen en versturen", "Seal and send"),
    "preview.change": Words("Iets veranderen", "Change something"),
    "note.title": Words("Voor uw eigen dossier", "For your own file"),
    "note.lead": Words(
        "Neem dit over in uw eigen dossier. Uw woorden staan alleen in dit tabblad en zijn hierna weg.",
        "Copy this to your own file. Your words are in this tab only and are gone after this.",
    ),
    "note.print": Words("Afdrukken", "Print"),
    "note.copy": Words("Kopiëren", "Copy"),
    "note.weighed": Words("Afweging en stappen", "Weighing and steps"),
    "note.given": Words("Wat er is gegeven", "What was given"),
    "note.gone": Words("Uw woorden staan niet meer in dit tabblad.", "Your words are no longer in this tab."),
    "note.decision": Words("Besluit {id}, genomen op", "Decision {id}, made on"),
}
