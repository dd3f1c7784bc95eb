"""The words of the pages, by page and place; `{name}` is where a value comes in."""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.page_answer import ANSWER
from broker.words.page_ask import ASK
from broker.words.page_oversee import OVERSEE
from broker.words.text import Words

_FRAME: Mapping[str, Words] = {
    "site.name": Words("Deelgrond", "Deelgrond"),
    "site.skip": Words("Naar de inhoud", "Skip to the content"),
    "site.menu": Words("Hoofdmenu", "Main menu"),
    "site.requests": Words("Mijn vragen", "My requests"),
    "site.inbox": Words("Postvak", "Inbox"),
    "site.oversight": Words("Toezicht", "Oversight"),
    "site.key": Words("Mijn sleutel", "My key"),
    "site.signed_in": Words("Aangemeld bij {name}", "Signed in at {name}"),
    "site.sign_out": Words("Afmelden", "Sign out"),
    "site.language": Words("English", "Nederlands"),
    "site.program": Words("Programma in deze pagina:", "Program in this page:"),
    "first.title": Words("Deelgrond", "Deelgrond"),
    "first.lead": Words(
        "Informatie delen bij huiselijk geweld en kindermishandeling: zo veel als nodig is, en niet meer dan mag.",
        "Sharing information about domestic violence and child abuse: as much as is needed, no more than is allowed.",
    ),
    "first.sign_in": Words("Aanmelden", "Sign in"),
    "sign_in.title": Words("U gaat naar uw aanmelding", "You are on your way to sign in"),
    "sign_in.lead": Words(
        "Aanmelden doet u bij uw eigen organisatie. Daarna komt u hier terug.",
        "You sign in at your own organisation. Then you come back here.",
    ),
    "sign_in.go": Words("Verder", "Go on"),
    "fault.back": Words("Terug", "Back"),
    "fault.code": Words("Code voor de beheerder:", "Code for the operator:"),
    "form.wrong": Words("Dit klopt nog niet", "This is not right yet"),
    "form.kept": Words(
        "U was afgemeld. Wat u had ingevuld staat hieronder; er is nog niets verstuurd.",
        "You had been signed out. What you filled in is below; nothing was sent yet.",
    ),
    "list.older": Words("Oudere", "Older"),
    "clock.today": Words("vandaag", "today"),
    "clock.day": Words("1 dag", "1 day"),
    "clock.days": Words("{days} dagen", "{days} days"),
    "part.question": Words("Vraag", "Question"),
    "part.about": Words("Over wie", "About whom"),
    "part.category": Words("Wat voor gegevens", "What kind of data"),
    "part.verdict": Words("Mag het?", "Allowed?"),
    "reason.helps": Words("Wat helpt:", "What helps:"),
    "reason.by": Words("(door {who})", "(by {who})"),
    "decision.grounds": Words("Op grond van", "On the ground of"),
    "decision.steps": Words(
        "De professional zet eerst nog {count} stappen van de meldcode.",
        "The professional first takes {count} more steps of the reporting code.",
    ),
    "decision.exception": Words("Toestemming:", "Consent:"),
    "decision.referral": Words("Wie kan meedenken:", "Who can help:"),
    "changed.title": Words("De zaak is veranderd sinds de vraag", "The case has changed since the question"),
    "changed.lead": Words(
        "Dit is nu anders. Wat mag, wordt hierna op deze feiten beoordeeld.",
        "This is different now. What is allowed is judged on these facts from now on.",
    ),
    "changed.from_to": Words("was {before}, is nu {now}", "was {before}, is now {now}"),
    "duty.title": Words("Verplichtingen die hierbij horen", "Duties that come with this"),
    "duty.who": Words("Wie", "Who"),
    "duty.what": Words("Wat", "What"),
    "duty.due": Words("Uiterlijk", "At the latest"),
    "duty.always": Words("doorlopend", "always"),
    "duty.overdue": Words("Te laat", "Overdue"),
    "duty.done": Words("Gedaan", "Done"),
    "duty.do": Words("Dit is gedaan", "This was done"),
    "duty.decision": Words("Bekijk het besluit", "See the decision"),
    "untold.no": Words("Gevraagd of verteld, of dat gebeurt nog", "Asked or told, or will be"),
    "untold.more": Words("Wat hierover vaststaat", "What is known about this"),
    "untold.reviewed_on": Words("Laatst opnieuw bekeken op", "Last looked at again on"),
    "untold.attempts": Words("Aantal pogingen", "Number of attempts"),
    "untold.channels": Words("Op hoeveel manieren (bellen, brief, bezoek)", "In how many ways (phone, letter, visit)"),
    "untold.days": Words("Verspreid over hoeveel dagen", "Spread over how many days"),
    "key.title": Words("Mijn sleutel", "My key"),
    "key.lead": Words(
        "Met uw sleutel verzegelt en opent u antwoorden. Hij blijft op dit apparaat; Deelgrond krijgt hem nooit.",
        "With your key you seal and open answers. It stays on this device; Deelgrond never gets it.",
    ),
    "key.enrolled": Words("U hebt een sleutel in gebruik", "You have a key in use"),
    "key.is": Words("Kenmerk", "Its name is"),
    "key.since": Words("sinds", "since"),
    "key.waits": Words("Uw nieuwe sleutel wacht op een collega", "Your new key waits for a colleague"),
    "key.waits_why": Words(
        "Noem een collega dit kenmerk, het liefst mondeling; die bevestigt de sleutel op deze pagina. Tot dan worden "
        "antwoorden niet voor deze sleutel verzegeld. Werkt u alleen, dan bevestigt de beheerder hem telefonisch.",
        "Tell a colleague this id, in person if you can; he confirms the key on this page. Until then no answers are "
        "sealed to it. If you work alone, the operator confirms it by telephone.",
    ),
    "key.colleagues": Words("Sleutels van collega's die op u wachten", "Keys of colleagues that wait for you"),
    "key.colleagues_lead": Words(
        "Bevestig een sleutel alleen als uw collega u zelf het kenmerk heeft genoemd en het hier precies zo staat. "
        "Antwoorden worden daarna voor die sleutel verzegeld; een eerdere sleutel van uw collega vervalt.",
        "Confirm a key only when your colleague told you its id himself and it is exactly so here. Answers are then "
        "sealed to that key; an earlier key of your colleague ends.",
    ),
    "key.confirm": Words("Bevestigen", "Confirm"),
    "key.none": Words("U hebt nog geen sleutel", "You have no key yet"),
    "key.none_why": Words(
        "Zonder sleutel kunt u niets verzegelen en kan niemand iets aan u verzegelen. Maak er hieronder een.",
        "Without a key you can seal nothing and nobody can seal anything to you. Make one below.",
    ),
    "key.backup": Words("Een reservekopie bewaren", "Keep a backup"),
    "key.backup_lead": Words(
        "Bewaar het bestand waar u het terugvindt. Zonder bestand of wachtzin is wat aan u verzegeld is, weg.",
        "Keep the file where you will find it again. Without file or passphrase, what was sealed to you is lost.",
    ),
    "key.download": Words("Sleutelbestand bewaren", "Save the key file"),
    "key.restore": Words("Een sleutel terugzetten", "Restore a key"),
    "key.restore_lead": Words(
        "Kies het sleutelbestand dat u eerder bewaarde, hier of met de opdracht op de computer.",
        "Choose the key file that you saved before, here or with the command line.",
    ),
    "key.file": Words("Sleutelbestand", "Key file"),
    "key.make": Words("Een nieuwe sleutel maken", "Make a new key"),
    "key.make_lead": Words(
        "Kies een wachtzin van ten minste twaalf tekens, bijvoorbeeld vier woorden achter elkaar.",
        "Choose a passphrase of at least twelve characters, such as four words in a row.",
    ),
    "key.passphrase": Words("Wachtzin", "Passphrase"),
    "key.passphrase_hint": Words("De wachtzin verlaat deze pagina niet.", "The passphrase does not leave this page."),
    "key.again": Words("Nog eens dezelfde wachtzin", "The same passphrase again"),
    "key.replace": Words("Mijn huidige sleutel vervangen", "Replace my current key"),
    "key.replace_hint": Words(
        "Zodra een collega de nieuwe bevestigt, kan wat aan de oude sleutel verzegeld is, niet meer open.",
        "As soon as a colleague confirms the new one, what was sealed to the old key can no longer be opened.",
    ),
    "key.making": Words("De sleutel wordt gemaakt…", "Making the key…"),
    "key.here": Words("Deze sleutel staat op dit apparaat.", "This key is on this device."),
    "key.not_here": Words("Op dit apparaat staat geen sleutel van u.", "There is no key of yours on this device."),
    "key.other_here": Words(
        "Op dit apparaat staat een andere sleutel dan die u in gebruik hebt.",
        "The key on this device is another than the one you have in use.",
    ),
    "key.make_button": Words("Sleutel maken", "Make the key"),
    "consent.title": Words("Toestemming", "Consent"),
    "consent.back": Words("Terug naar de vraag", "Back to the request"),
    "consent.lead": Words(
        "Wat de betrokkenen over delen hebben gezegd. Wie toestemming geeft, mag die altijd intrekken.",
        "What the persons concerned said about sharing. Whoever consents may take it back at any time.",
    ),
    "consent.about": Words("Over wie", "About whom"),
    "consent.said": Words("Wat is er gezegd", "What was said"),
    "consent.covers": Words("Waarvoor", "For what"),
    "consent.withdraw": Words("Intrekken", "Withdraw"),
    "consent.until": Words("tot", "until"),
    "consent.none": Words("Er is nog niets vastgelegd.", "Nothing has been recorded yet."),
    "consent.record": Words("Vastleggen wat iemand heeft gezegd", "Record what somebody said"),
    "consent.record_lead": Words(
        "Leg vast wat er echt is gezegd, ook als het een weigering is. Vragen zonder druk; weigeren mag.",
        "Record what was really said, a refusal too. Ask without pressure; refusing is allowed.",
    ),
    "consent.given_by": Words("Wie heeft dit gezegd?", "Who said this?"),
    "consent.categories_hint": Words(
        "Toestemming geldt alleen voor wat hier staat.", "Consent holds only for what is here."
    ),
    "consent.on": Words("Op welke dag", "On which day"),
    "consent.until_on": Words("Geldig tot (mag leeg blijven)", "Valid until (may stay empty)"),
    "consent.until_on_hint": Words("De dag zelf telt niet meer mee.", "That day itself no longer counts."),
    "consent.evidence": Words("Hoe weet u dit?", "How do you know?"),
    "consent.free": Words("De toestemming is in vrijheid gegeven", "The consent was given freely"),
    "consent.explicit": Words("De toestemming is uitdrukkelijk gegeven", "The consent was given explicitly"),
    "consent.save": Words("Vastleggen", "Record"),
}

PAGES: Mapping[str, Words] = {**_FRAME, **ASK, **ANSWER, **OVERSEE}
