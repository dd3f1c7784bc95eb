"""What went wrong when a call failed, and what to do: one entry for each code a BrokerError carries.

An error is not a refusal: a refusal is an outcome and its words are in `reason`. No entry says more than the reader may
know: what is not there and what is not there for this reader read the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.text import Explained, Words

_CHECK_INPUT = Words(
    "Controleer wat u hebt ingevuld en probeer het opnieuw.",
    "Check what you filled in and try again.",
)
_SIGN_IN = Words(
    "Meld u opnieuw aan. Lukt dat niet, vraag dan uw beheerder.",
    "Sign in again. If that fails, ask your operator.",
)
_TRY_LATER = Words(
    "Er is niets verloren en niets gedeeld. Probeer het zo opnieuw; bel bij nood rechtstreeks.",
    "Nothing was lost and nothing was shared. Try again in a moment; in an emergency call directly.",
)
_ALARM = Words(
    "Deel of gebruik hiervan niets en waarschuw meteen uw privacy officer en de beheerder.",
    "Share or use nothing of this and warn your privacy officer and the operator at once.",
)
_OPERATOR = Words(
    "Geef deze code door aan de beheerder.",
    "Pass this code on to the operator.",
)
_REBUILD = Words(
    "Bouw de beleidsbundel opnieuw met `make policies` en start daarna opnieuw.",
    "Build the policy bundle again with `make policies`, then start again.",
)
_SIGN = Words(
    "Laat een bevoegde ondertekenaar de bundel nakijken en ondertekenen met `broker policy sign`.",
    "Have an authorised signer review the bundle and sign it with `broker policy sign`.",
)
_RELOAD = Words(
    "Open het verzoek opnieuw en kijk hoe het er nu voor staat.",
    "Open the request again and see how it stands now.",
)
_NEW_KEYFILE = Words(
    "Kies een ander sleutelbestand of maak een nieuw sleutelbestand aan.",
    "Choose another key file or make a new one.",
)
_SEAL_AGAIN = Words(
    "Maak een nieuw voorbeeld en laat uw programma het antwoord opnieuw verzegelen.",
    "Make a new preview and have your program seal the answer again.",
)

ERRORS: Mapping[str, Explained] = {
    "broker.error": Explained(Words("Er ging iets mis.", "Something went wrong."), _TRY_LATER),
    # A question of access by another system (AuthZEN).
    "access.context": Explained(
        Words("De context zegt niet wat er gevraagd zou worden.", "The context does not say what would be asked."),
        Words(
            "Noem ten minste de bevraagde, het doel, de personen en de vragen.",
            "Give at least the responder, the purpose, the persons and the questions.",
        ),
    ),
    "access.page": Explained(
        Words("Deze bladwijzer hoort niet bij deze zoekvraag.", "This page token is not of this search."),
        Words(
            "Stuur dezelfde zoekvraag met de laatste bladwijzer, of begin opnieuw zonder.",
            "Send the same search with the last token, or begin again without one.",
        ),
    ),
    "access.too_many": Explained(
        Words("Dit zijn te veel vragen tegelijk.", "These are too many evaluations at once."),
        Words("Verdeel ze over meer aanroepen van ten hoogste vijftig.", "Spread them over calls of at most fifty."),
    ),
    "access.not_requestable": Explained(
        Words("Hier valt niets aan te vragen.", "There is nothing to request here."),
        Words(
            "Lees de redenen van het besluit; wat niet te herstellen is, verandert niet door een aanvraag.",
            "Read the reasons of the decision; what cannot be put right does not change by a request.",
        ),
    ),
    "access.expired_denial": Explained(
        Words("Deze weigering is te oud om in te dienen.", "This denial is too old to hand in."),
        Words("Stel de vraag opnieuw en dien die weigering in.", "Ask again and hand in that denial."),
    ),
    "access.invalid_denial_binding": Explained(
        Words("De aanvraag hoort niet bij deze weigering.", "The request does not belong to this denial."),
        Words(
            "Neem onderwerp, handeling, zaak en weigering ongewijzigd over uit het antwoord.",
            "Take subject, action, resource and denial unchanged from the answer.",
        ),
    ),
    "access.unknown_task": Explained(
        Words("Deze aanvraag is er niet, of niet voor u.", "This request is not there, or not for you."),
        Words("Controleer het adres dat u bij het indienen kreeg.", "Check the address you got when you handed it in."),
    ),
    # What was sent cannot be read.
    "input.invalid": Explained(
        Words("Wat u stuurde, kunnen we niet lezen.", "We cannot read what you sent."), _CHECK_INPUT
    ),
    "input.malformed": Explained(
        Words("Een deel van wat u stuurde, heeft niet de juiste vorm.", "A part of what you sent is malformed."),
        _CHECK_INPUT,
    ),
    "input.not_canonical": Explained(
        Words("Het document is niet in de vaste vorm geschreven.", "The document is not in its canonical form."),
        _OPERATOR,
    ),
    "input.schema": Explained(
        Words("Er ontbreekt iets, of een waarde past niet.", "Something is missing, or a value does not fit."),
        _CHECK_INPUT,
    ),
    "input.too_large": Explained(
        Words("Wat u stuurde, is te groot.", "What you sent is too large."),
        Words(
            "Stuur minder onderdelen tegelijk of antwoord korter.", "Send fewer parts at once or answer more briefly."
        ),
    ),
    "input.too_slow": Explained(
        Words("Wat u stuurde, kwam niet binnen de tijd aan.", "What you sent did not arrive in time."),
        Words(
            "Er is niets veranderd. Kijk of uw verbinding werkt en probeer het opnieuw.",
            "Nothing was changed. See whether your connection works and try again.",
        ),
    ),
    "caller.at_once": Explained(
        Words("U vraagt te veel tegelijk.", "You ask too much at once."),
        Words(
            "Wacht tot een van uw vorige aanroepen klaar is en probeer het opnieuw.",
            "Wait until one of your earlier calls is done and try again.",
        ),
    ),
    "caller.too_often": Explained(
        Words("U vraagt te vaak achter elkaar.", "You ask too often in a row."),
        Words(
            "Wacht zo lang als erbij staat en probeer het opnieuw. Anderen houden zo ruimte.",
            "Wait as long as the answer says and try again. That leaves room for others.",
        ),
    ),
    "input.media_type": Explained(
        Words("Deze dienst leest alleen JSON.", "This service reads JSON only."),
        Words("Stuur application/json.", "Send application/json."),
    ),
    "input.method": Explained(
        Words("Deze handeling bestaat niet op dit adres.", "This act does not exist at this address."), _OPERATOR
    ),
    "request.unknown_person": Explained(
        Words(
            "De vraag gaat over iemand die niet in de zaak staat.",
            "The question names somebody who is not in the case.",
        ),
        Words("Voeg de persoon eerst aan de zaak toe.", "Add the person to the case first."),
    ),
    "request.too_many_parts": Explained(
        Words(
            "U vraagt te veel in één verzoek: elke categorie van elke vraag is een onderdeel, en er mogen er 400 zijn.",
            "You ask too much in one request: each category of each question is a part, and there may be 400.",
        ),
        Words(
            "Vraag alleen wat voor deze zorg nodig is (AVG artikel 5 lid 1 onder c); stel de rest later in een nieuw "
            "verzoek.",
            "Ask only what this concern needs (GDPR article 5(1)(c)); put the rest in a new request later.",
        ),
    ),
    "case.ref_twice": Explained(
        Words("Twee personen hebben dezelfde aanduiding.", "Two persons have the same ref."),
        Words("Geef elke persoon een eigen aanduiding.", "Give each person a ref of his own."),
    ),
    "case.unknown_authority": Explained(
        Words("Wie het gezag heeft, staat niet in de zaak.", "Whoever holds authority is not in the case."),
        Words("Voeg de gezagsdrager als persoon toe.", "Add the holder of authority as a person."),
    ),
    "consent.no_case": Explained(
        Words("Er staat niet bij welke zaak of vraag de toestemming hoort.", "The consent names no case or request."),
        Words("Kies de zaak of de vraag.", "Choose the case or the request."),
    ),
    "consent.unknown_person": Explained(
        Words(
            "De toestemming noemt iemand die niet in de zaak staat.",
            "The consent names somebody who is not in the case.",
        ),
        Words("Kies personen uit de zaak.", "Choose persons of the case."),
    ),
    "weighing.unknown_step": Explained(Words("Deze stap bestaat niet.", "There is no such step."), _CHECK_INPUT),
    "weighing.not_asked": Explained(
        Words("De afweging noemt iets waar niet naar is gevraagd.", "The weighing names something that was not asked."),
        Words("Weeg alleen wat is gevraagd.", "Weigh only what was asked."),
    ),
    "answer.not_the_allowed_parts": Explained(
        Words(
            "De verzegelde onderdelen zijn niet precies de onderdelen die mogen.",
            "The sealed parts are not exactly the allowed ones.",
        ),
        _SEAL_AGAIN,
    ),
    "seal.length": Explained(
        Words("Een verzegeld onderdeel heeft een onmogelijke lengte.", "A sealed part has an impossible length."),
        _SEAL_AGAIN,
    ),
    "seal.version": Explained(
        Words("Een verzegeld onderdeel is van een onbekende versie.", "A sealed part is of an unknown version."),
        _SEAL_AGAIN,
    ),
    "seal.too_large": Explained(
        Words("Een onderdeel is groter dan één megabyte.", "A part is larger than one megabyte."),
        Words("Antwoord korter en stuur geen heel dossier.", "Answer more briefly and do not send a whole file."),
    ),
    "seal.no_answer": Explained(
        Words("Bij een toegestaan onderdeel ontbreekt het antwoord.", "An allowed part has no answer."),
        Words(
            "Vul het antwoord in, of leg vast dat u dit onderdeel niet geeft.",
            "Fill in the answer, or record that you do not give this part.",
        ),
    ),
    "seal.other_recipient": Explained(
        Words("Het onderdeel is voor een andere ontvanger bedoeld.", "The part is meant for another recipient."),
        _SEAL_AGAIN,
    ),
    "seal.other_recipients": Explained(
        Words(
            "De ontvangers zijn niet meer die welke u hebt goedgekeurd.",
            "The recipients are no longer those that you approved.",
        ),
        Words(
            "Er is niets verstuurd. Bekijk het voorbeeld opnieuw en vergelijk de kenmerken van de sleutels.",
            "Nothing was sent. Look at the preview again and compare the ids of the keys.",
        ),
    ),
    # Who calls.
    "identity.unknown": Explained(Words("We weten niet wie u bent.", "We do not know who you are."), _SIGN_IN),
    "identity.sign_in_lost": Explained(
        Words("Dit aanmelden is niet afgemaakt of duurde te lang.", "This sign-in was not finished or took too long."),
        Words("Begin opnieuw met aanmelden, in dit venster.", "Begin signing in again, in this window."),
    ),
    "identity.sign_in_refused": Explained(
        Words("Uw organisatie heeft u niet aangemeld.", "Your organisation did not sign you in."),
        _SIGN_IN,
    ),
    "identity.issuer_unavailable": Explained(
        Words("Aanmelden bij uw organisatie lukt nu niet.", "Signing in at your organisation does not work now."),
        _TRY_LATER,
    ),
    "web.csrf": Explained(
        Words(
            "Dit formulier hoort niet bij uw aanmelding van nu.", "This form does not belong to your present sign-in."
        ),
        Words(
            "Ga terug, laad de pagina opnieuw en stuur het formulier nog eens.",
            "Go back, load the page again and send the form once more.",
        ),
    ),
    "browser.too_old": Explained(
        Words("Deze browser kan niet veilig verzegelen.", "This browser cannot seal safely."),
        Words("Werk de browser bij, of gebruik een andere.", "Update the browser, or use another one."),
    ),
    "key.not_here": Explained(
        Words("Op dit apparaat staat geen sleutel van u.", "There is no key of yours on this device."),
        Words("Zet uw sleutelbestand terug op de pagina Mijn sleutel.", "Restore your key file on the page My key."),
    ),
    "key.passphrases_differ": Explained(
        Words("De twee wachtzinnen zijn niet gelijk.", "The two passphrases differ."),
        Words("Typ twee keer dezelfde wachtzin.", "Type the same passphrase twice."),
    ),
    "key.replace_unsaid": Explained(
        Words("U hebt al een sleutel in gebruik.", "You have a key in use already."),
        Words(
            "Vink aan dat u hem wilt vervangen, of zet uw sleutelbestand terug.",
            "Tick that you want to replace it, or restore your key file.",
        ),
    ),
    "key.not_made": Explained(
        Words("De pagina stuurde geen sleutel mee.", "The page sent no key along."),
        Words(
            "Zet JavaScript aan voor deze pagina en maak de sleutel opnieuw.",
            "Turn on JavaScript for this page and make the key again.",
        ),
    ),
    "key.not_supported": Explained(
        Words("Dit soort sleutel kan deze browser niet gebruiken.", "This browser cannot use this kind of key."),
        Words("Gebruik het sleutelbestand met de opdracht op de computer.", "Use the key file with the command line."),
    ),
    "identity.not_enrolled": Explained(
        Words("U bent aangemeld, maar staat hier niet ingeschreven.", "You are signed in but not registered here."),
        Words("Vraag uw beheerder om u in te schrijven.", "Ask your operator to register you."),
    ),
    "identity.no_token": Explained(Words("U bent niet aangemeld.", "You are not signed in."), _SIGN_IN),
    "identity.malformed": Explained(Words("Uw aanmelding is niet te lezen.", "Your sign-in cannot be read."), _SIGN_IN),
    "identity.unknown_key": Explained(
        Words(
            "De sleutel van uw inlogdienst is niet bekend of niet op te halen.",
            "The key of your identity provider is unknown or cannot be fetched.",
        ),
        _SIGN_IN,
    ),
    "identity.bad_signature": Explained(
        Words(
            "Uw aanmelding is niet door uw inlogdienst ondertekend.",
            "Your sign-in is not signed by your identity provider.",
        ),
        _SIGN_IN,
    ),
    "identity.wrong_issuer": Explained(
        Words(
            "Uw aanmelding komt van een inlogdienst die hier niet geldt.",
            "Your sign-in is of an identity provider that does not count here.",
        ),
        _SIGN_IN,
    ),
    "identity.wrong_audience": Explained(
        Words("Uw aanmelding is voor een andere dienst bedoeld.", "Your sign-in is meant for another service."),
        _SIGN_IN,
    ),
    "identity.expired": Explained(
        Words("Uw aanmelding is verlopen of nog niet geldig.", "Your sign-in has expired or is not valid yet."),
        _SIGN_IN,
    ),
    "identity.proof_required": Explained(
        Words("Het bewijs dat u zelf aanroept, ontbreekt.", "The proof that it is you who calls is missing."), _SIGN_IN
    ),
    "identity.proof_invalid": Explained(
        Words("Het bewijs bij deze aanroep klopt niet.", "The proof with this call is not right."),
        Words(
            "Controleer de klok van uw computer en meld u opnieuw aan.",
            "Check the clock of your computer and sign in again.",
        ),
    ),
    "identity.replayed": Explained(
        Words("Deze aanroep is al eens gedaan.", "This call was made before."),
        Words(
            "Probeer het opnieuw. Gebeurt dit vaker, waarschuw dan uw beheerder.",
            "Try again. If it happens more often, warn your operator.",
        ),
    ),
    # What the policy or the state says.
    "policy.refused": Explained(
        Words("Dit mag u zo niet doen.", "You may not do this as it stands."),
        Words(
            "Lees de redenen die erbij staan en wat u eraan kunt doen.",
            "Read the reasons given and what you can do about them.",
        ),
    ),
    "store.not_found": Explained(
        Words("Dit bestaat niet, of niet voor u.", "This does not exist, or not for you."),
        Words(
            "Controleer of u op deze zaak werkt, of dat een collega de vraag al heeft opgepakt.",
            "Check that you work on this case, or whether a colleague already took up the request.",
        ),
    ),
    "state.conflict": Explained(Words("Dit kan nu niet.", "This is not possible now."), _RELOAD),
    "request.illegal_transition": Explained(
        Words("Dit kan niet in de stand waarin de vraag nu is.", "This cannot be done to the request as it stands."),
        _RELOAD,
    ),
    "request.stale": Explained(
        Words("Iemand anders heeft de vraag intussen veranderd.", "Somebody else changed the request meanwhile."),
        _RELOAD,
    ),
    "request.not_in_weighing": Explained(
        Words(
            "Alleen wie de vraag heeft opgepakt, kan deze wegen en beantwoorden.",
            "Only who took up the request can weigh and answer it.",
        ),
        Words(
            "Pak de vraag eerst op, of vraag de collega die dat deed.",
            "Take up the request first, or ask the colleague who did.",
        ),
    ),
    "case.order": Explained(
        Words(
            "De maatregel eindigt voor zij begint, of gaat over een kind dat niet in de zaak staat.",
            "The order ends before it begins, or is about a child who is not in the case.",
        ),
        Words(
            "Neem de data en het kind over van de beschikking.", "Copy the dates and the child from the court's order."
        ),
    ),
    "consent.ends_first": Explained(
        Words("De toestemming eindigt voor zij is gegeven.", "The consent ends before it was given."),
        Words("Controleer de twee datums.", "Check the two dates."),
    ),
    "consent.in_the_future": Explained(
        Words("Deze toestemming is nog niet gegeven.", "This consent has not been given yet."),
        Words(
            "Leg een toestemming vast op de dag waarop zij is gegeven, of later.",
            "Record a consent on the day on which it was given, or later.",
        ),
    ),
    "consent.too_many": Explained(
        Words(
            "Uw organisatie heeft in deze zaak al te veel toestemmingen vastgelegd.",
            "Your organisation has recorded too many consents in this case already.",
        ),
        Words(
            "Trek in wat niet meer geldt, of open een nieuwe zaak.",
            "Withdraw what no longer holds, or open a new case.",
        ),
    ),
    "consent.not_given": Explained(
        Words("Er is hier geen gegeven toestemming om in te trekken.", "There is no given consent here to withdraw."),
        Words("Controleer welke toestemming bedoeld is.", "Check which consent is meant."),
    ),
    "answer.changed": Explained(
        Words("Het besluit is anders dan in uw voorbeeld.", "The decision is no longer the one you previewed."),
        Words(
            "Bekijk het nieuwe voorbeeld en verstuur daarna opnieuw.", "Look at the new preview, then release again."
        ),
    ),
    "answer.no_reasons": Explained(
        Words("Afwijzen kan alleen met een afweging en redenen.", "You can decline only with a weighing and reasons."),
        Words("Leg vast dat u niets geeft, en waarom.", "Record that you give nothing, and why."),
    ),
    "answer.no_own_key": Explained(
        Words(
            "U hebt nog geen sleutel om een antwoord mee te ondertekenen.",
            "You have no key yet to sign an answer with.",
        ),
        Words(
            "Maak een sleutelbestand aan, meld het aan en laat een collega het bevestigen.",
            "Make a key file, enrol it and have a colleague confirm it.",
        ),
    ),
    "answer.no_recipient": Explained(
        Words(
            "Niemand bij de vrager heeft een sleutel om het antwoord te openen.",
            "Nobody at the requester has a key to open the answer.",
        ),
        Words(
            "Vraag de vrager om een sleutel aan te melden en door een collega te laten bevestigen.",
            "Ask the requester to enrol a key and to have a colleague confirm it.",
        ),
    ),
    "release.none_yet": Explained(
        Words("Er is nog geen antwoord op deze vraag.", "There is no answer to this request yet."),
        Words(
            "Wacht op de professional, of bel als het haast heeft.",
            "Wait for the professional, or call if it is urgent.",
        ),
    ),
    "release.expired": Explained(
        Words("Het antwoord wordt hier niet meer bewaard.", "The answer is no longer kept here."),
        Words("Stel de vraag opnieuw als u het nog nodig hebt.", "Ask again if you still need it."),
    ),
    "release.not_logged_yet": Explained(
        Words(
            "Het antwoord is er, maar staat nog niet vast in het logboek.",
            "The answer is there but not yet sealed into the log.",
        ),
        Words("Probeer het over een paar seconden opnieuw.", "Try again in a few seconds."),
    ),
    "decision.other_bundle": Explained(
        Words(
            "Dit besluit is genomen met een andere versie van het beleid.",
            "This decision was made with another version of the policy.",
        ),
        Words(
            "Speel het af met de bundel die bij het besluit staat.", "Replay it with the bundle named in the decision."
        ),
    ),
    # No decision, so nothing happens.
    "policy.error": Explained(
        Words(
            "Er is geen bruikbaar besluit, dus er is niets gedeeld.",
            "There is no usable decision, so nothing was shared.",
        ),
        _TRY_LATER,
    ),
    "policy.unavailable": Explained(
        Words("Het beleid kan nu niet worden geraadpleegd.", "The policy cannot be consulted now."), _TRY_LATER
    ),
    "policy.malformed": Explained(
        Words(
            "Het beleid gaf een onbruikbaar antwoord, dus er is niets gedeeld.",
            "The policy gave an unusable answer, so nothing was shared.",
        ),
        _OPERATOR,
    ),
    "store.unavailable": Explained(
        Words(
            "De opslag is nu niet bereikbaar; er is niets veranderd.",
            "The store cannot be reached now; nothing was changed.",
        ),
        _TRY_LATER,
    ),
    "keeper.broke": Explained(
        Words("Het logboek wordt niet bijgehouden.", "The log is not being kept."),
        Words(
            "Zoek in het serverlog bij `log.round` wat er misging.",
            "Look in the server's log at `log.round` for what went wrong.",
        ),
    ),
    "keeper.stuck": Explained(
        Words("Het bijhouden van het logboek staat stil.", "The keeping of the log has come to a stop."),
        Words(
            "Kijk of de database en de schijf antwoorden en start de dienst anders opnieuw.",
            "See whether the database and the disk answer; if they do, start the service again.",
        ),
    ),
    "keeper.stopped": Explained(
        Words("Het bijhouden van het logboek is gestopt.", "The keeping of the log has ended."),
        Words("Start de dienst opnieuw.", "Start the service again."),
    ),
    "case.unknown_colleague": Explained(
        Words(
            "Iemand die aan de zaak zou werken, is geen collega.",
            "Somebody who is to work on the case is no colleague.",
        ),
        Words("Noem alleen mensen van uw eigen organisatie.", "Name people of your own organisation only."),
    ),
    "case.nobody": Explained(
        Words("Niemand zou nog aan de zaak werken.", "Nobody would work on the case any more."),
        Words("Noem wie er verder aan werkt.", "Name who goes on with it."),
    ),
    "erasure.in_use": Explained(
        Words(
            "Op deze zaak loopt nog een vraag, of er wordt nog een antwoord bewaard.",
            "A question on this case is open, or an answer is still kept.",
        ),
        Words("Wacht tot het antwoord is gewist; dat gebeurt vanzelf.", "Wait until the answer is erased by itself."),
    ),
    "erasure.done": Explained(
        Words("Dit is al gewist.", "This was erased before."),
        Words("U hoeft niets te doen.", "There is nothing for you to do."),
    ),
    "request.erased": Explained(
        Words("De gegevens van deze vraag zijn gewist.", "The data of this request were erased."),
        Words(
            "Stel een nieuwe vraag als u nog iets moet weten.",
            "Ask anew when there is something you still need to know.",
        ),
    ),
    "duty.done": Explained(
        Words("Dit was al gedaan.", "This was done before."),
        Words("U hoeft niets te doen.", "There is nothing for you to do."),
    ),
    "duty.goes_on": Explained(
        Words("Deze plicht heeft geen einddatum; zij blijft gelden.", "This duty has no end; it goes on."),
        Words("U hoeft niets te doen.", "There is nothing for you to do."),
    ),
    "store.race": Explained(
        Words(
            "Twee handelingen kwamen tegelijk; de uwe is niet uitgevoerd.",
            "Two acts came at once; yours was not carried out.",
        ),
        _RELOAD,
    ),
    "store.constraint": Explained(
        Words("Dit past niet bij wat al is vastgelegd.", "This does not fit what is already on record."), _RELOAD
    ),
    "store.value": Explained(
        Words("Een waarde kan niet worden opgeslagen.", "A value cannot be stored."), _CHECK_INPUT
    ),
    # Evidence that does not add up.
    "integrity.broken": Explained(Words("Het bewijs klopt niet.", "The evidence does not add up."), _ALARM),
    "integrity.signature": Explained(Words("Een handtekening klopt niet.", "A signature does not verify."), _ALARM),
    "integrity.signature.untrusted": Explained(
        Words("Geen vertrouwde sleutel heeft dit ondertekend.", "No trusted key signed this."), _ALARM
    ),
    "integrity.proof": Explained(
        Words(
            "Het bewijs van het logboek leidt niet naar de ondertekende stand.",
            "The log's proof does not lead to the signed root.",
        ),
        _ALARM,
    ),
    "integrity.proof.index": Explained(
        Words("Het bewijs noemt een plaats die niet in het logboek ligt.", "The proof names a place outside the log."),
        _ALARM,
    ),
    "integrity.proof.length": Explained(
        Words("Het bewijs heeft niet de juiste lengte.", "The proof is not of the right length."), _ALARM
    ),
    "integrity.seal": Explained(
        Words(
            "Dit onderdeel gaat niet open: andere sleutel, andere vraag of veranderd.",
            "This part does not open: another key, another request, or changed.",
        ),
        _ALARM,
    ),
    "integrity.seal.other_recipient": Explained(
        Words("Dit onderdeel is voor een andere sleutel verzegeld.", "This part was sealed to another key."),
        Words("Gebruik het sleutelbestand waarmee u zich had aangemeld.", "Use the key file that you had enrolled."),
    ),
    "integrity.seal.padding": Explained(
        Words("Het onderdeel is niet verzegeld zoals het hoort.", "The part was not sealed as it should be."), _ALARM
    ),
    "integrity.seal.version": Explained(
        Words(
            "De versleutelde gegevens zijn van een onbekende versie.", "The encrypted data is of an unknown version."
        ),
        _OPERATOR,
    ),
    "integrity.fork": Explained(
        Words(
            "Er zijn twee standen van het logboek die niet allebei waar kunnen zijn.",
            "Two states of the log cannot both be true.",
        ),
        _ALARM,
    ),
    "integrity.index": Explained(
        Words("Er ontbreekt een regel in het logboek.", "An entry of the log is missing."), _ALARM
    ),
    "integrity.entry": Explained(
        Words("Een regel in het logboek is veranderd.", "An entry of the log was changed."), _ALARM
    ),
    "integrity.commitment": Explained(
        Words(
            "Een bijzonderheid is niet wat het logboek ervan vastlegde.", "A detail is not what the log committed to."
        ),
        _ALARM,
    ),
    "integrity.decision": Explained(
        Words("Een besluit is niet het besluit dat in het logboek staat.", "A decision is not the one in the log."),
        _ALARM,
    ),
    "integrity.rows": Explained(
        Words(
            "Een rij in de database is niet wat het logboek zegt: iemand kwam buiten de broker om.",
            "A row in the database is not what the log says: somebody went past the broker.",
        ),
        _ALARM,
    ),
    "integrity.empty": Explained(
        Words("Het logboek is leeg: er valt niets te controleren.", "The log is empty: there is nothing to verify."),
        _ALARM,
    ),
    "integrity.release": Explained(
        Words("Een verstrekking staat niet in het logboek.", "A release is not in the log."), _ALARM
    ),
    "integrity.key": Explained(
        Words(
            "Een sleutel van de vrager is niet de sleutel die volgens het logboek is bevestigd.",
            "A key of the requester is not the one that was confirmed according to the log.",
        ),
        _ALARM,
    ),
    "checkpoint.unreadable": Explained(
        Words("Het bestand met de bewaarde stand kan niet worden gelezen.", "The checkpoint's file cannot be read."),
        _CHECK_INPUT,
    ),
    # Keys.
    "key.unavailable": Explained(Words("Een sleutel is niet beschikbaar.", "A key is not available."), _OPERATOR),
    "key.missing": Explained(Words("Er ontbreekt een sleutel.", "A key is missing."), _OPERATOR),
    "key.expired": Explained(Words("Een sleutel is verlopen.", "A key has expired."), _OPERATOR),
    "key.checkpoint": Explained(
        Words(
            "De laatste stand van het logboek kan niet worden onthouden buiten de database.",
            "The newest state of the log cannot be remembered outside the database.",
        ),
        _OPERATOR,
    ),
    "key.replaced": Explained(
        Words("Een sleutel is door een andere vervangen.", "A key was replaced by another."), _OPERATOR
    ),
    "key.wrong_kind": Explained(
        Words("Een sleutel is van de verkeerde soort.", "A key is of the wrong kind."), _OPERATOR
    ),
    "key.exposed": Explained(
        Words("Anderen kunnen een sleutelbestand lezen.", "Others can read a key file."),
        Words(
            "Maak het bestand leesbaar voor alleen de eigenaar en vervang de sleutel.",
            "Make the file readable by its owner only and replace the key.",
        ),
    ),
    "key.not_held": Explained(
        Words("Deze sleutel is niet aangemeld door wie hem heeft.", "This key was not enrolled by who holds it."),
        Words("Meld de sleutel aan uit uw eigen sleutelbestand.", "Enrol the key from your own key file."),
    ),
    "key.foreign": Explained(
        Words("Een sleutelbestand is van een ander account.", "A key file belongs to another account."),
        Words(
            "Geef het bestand aan het account waaronder Deelgrond draait.",
            "Give the file to the account under which Deelgrond runs.",
        ),
    ),
    "key.exists": Explained(
        Words("Er staat al een sleutel op deze plaats.", "There is already a key in this place."),
        Words(
            "Kies een andere plaats, of haal de oude sleutel eerst weg.",
            "Choose another place, or move the old key away first.",
        ),
    ),
    "key.unreadable": Explained(
        Words("Het sleutelbestand is niet te lezen.", "The key file cannot be read."), _NEW_KEYFILE
    ),
    "key.not_written": Explained(
        Words("De sleutel kon niet worden weggeschreven.", "The key could not be written."),
        Words(
            "Controleer of er ruimte is en of u hier mag schrijven.",
            "Check that there is room and that you may write here.",
        ),
    ),
    "weighing.released": Explained(
        Words(
            "Het antwoord is al verstuurd; de afweging daarvan ligt vast.",
            "The answer has been sent; its weighing stands.",
        ),
        Words(
            "U kunt nog stappen en redenen aanvullen, niet wat u hebt gegeven.",
            "You can still add steps and reasons, not change what you gave.",
        ),
    ),
    "key.not_logged_yet": Explained(
        Words(
            "De sleutel van een ontvanger staat nog niet in het ondertekende logboek.",
            "The key of a recipient is not in the signed log yet.",
        ),
        Words("Probeer het over een paar seconden opnieuw.", "Try again in a few seconds."),
    ),
    "key.taken": Explained(
        Words("Deze sleutel hoort al bij iemand anders.", "This key already belongs to somebody else."), _NEW_KEYFILE
    ),
    "key.small_order": Explained(Words("Deze sleutel is onveilig.", "This key is unsafe."), _NEW_KEYFILE),
    "key.cost": Explained(
        Words("Het sleutelbestand is niet beveiligd zoals wij dat doen.", "The key file is not protected in our way."),
        _NEW_KEYFILE,
    ),
    "key.version": Explained(
        Words("Het sleutelbestand is van een onbekende versie.", "The key file is of an unknown version."), _NEW_KEYFILE
    ),
    "key.locked": Explained(
        Words("Uw sleutelbestand is nog niet geopend.", "Your key file is not open yet."),
        Words("Open het met uw wachtzin.", "Open it with your passphrase."),
    ),
    "key.wrong_passphrase": Explained(
        Words(
            "Het sleutelbestand gaat met deze wachtzin niet open.", "The key file does not open with this passphrase."
        ),
        Words(
            "Typ de wachtzin opnieuw, of kies een ander sleutelbestand.",
            "Type the passphrase again, or choose another key file.",
        ),
    ),
    "key.passphrase_too_short": Explained(
        Words("De wachtzin is te kort.", "The passphrase is too short."),
        Words("Kies een zin van minstens twaalf tekens.", "Choose a phrase of at least twelve characters."),
    ),
    "key.passphrase_not_text": Explained(
        Words("De wachtzin bevat tekens die geen tekst zijn.", "The passphrase holds characters that are not text."),
        Words("Typ een andere wachtzin.", "Type another passphrase."),
    ),
    # A client that got a problem it cannot read.
    "client.refused": Explained(
        Words("De dienst antwoordde met een fout.", "The service answered with an error."), _TRY_LATER
    ),
    "client.no_answer": Explained(
        Words("Deelgrond antwoordt niet.", "Deelgrond does not answer."),
        Words(
            "Controleer het adres en de verbinding en probeer het opnieuw; bel bij nood rechtstreeks.",
            "Check the address and the connection and try again; in an emergency call directly.",
        ),
    ),
    "client.session": Explained(
        Words("Het bestand met uw aanmelding is niet te lezen.", "The file with your sign-in cannot be read."), _SIGN_IN
    ),
    # The demonstration.
    "demo.no_case": Explained(
        Words("Dit verhaal bestaat niet.", "There is no such story."),
        Words("Kies een van de genoemde verhalen.", "Choose one of the stories named."),
    ),
    "demo.no_decision": Explained(
        Words("Er is geen besluit om opnieuw te nemen.", "There is no decision to make again."),
        Words("Verbeter het verhaal.", "Correct the story."),
    ),
    "demo.no_server": Explained(
        Words("De server van het verhaal start niet.", "The server of the story does not start."), _TRY_LATER
    ),
    # Refuse to start.
    "settings.invalid": Explained(
        Words(
            "De instellingen kloppen niet; Deelgrond start niet.",
            "The settings are not right; Deelgrond does not start.",
        ),
        Words("Pas de genoemde instelling aan en start opnieuw.", "Correct the setting named and start again."),
    ),
    "settings.workers": Explained(
        Words("Meer dan één proces kan alleen met PostgreSQL.", "More than one process needs PostgreSQL."),
        Words("Gebruik PostgreSQL, of start één proces.", "Use PostgreSQL, or start one process."),
    ),
    "directory.malformed": Explained(
        Words("Het bestand met organisaties en medewerkers klopt niet.", "The directory file does not fit."),
        Words("Verbeter wat wordt genoemd en probeer het opnieuw.", "Correct what is named and try again."),
    ),
    "policy.address": Explained(
        Words("Het adres van OPA klopt niet.", "The address of OPA is not right."),
        Words("Schrijf het als http://host:poort.", "Write it as http://host:port."),
    ),
    "policy.build": Explained(
        Words("Het beleid is niet te vertalen.", "The policies do not compile."),
        Words("Verbeter de regel die OPA noemt.", "Correct the rule that OPA names."),
    ),
    "policy.no_opa": Explained(
        Words("Het programma OPA is er niet.", "The OPA program is not there."),
        Words("Zet OPA op het pad ervan, of draai `make setup`.", "Set OPA to its path, or run `make setup`."),
    ),
    "policy.builtin": Explained(
        Words(
            "Het beleid gebruikt iets wat de ingebouwde motor niet kan.",
            "The policy uses something the embedded engine lacks.",
        ),
        Words("Schrijf de regel zonder die functie.", "Write the rule without that function."),
    ),
    "policy.changed": Explained(
        Words(
            "De beleidsbundel is niet die uit zijn eigen lijst.", "The policy bundle is not the one in its manifest."
        ),
        _REBUILD,
    ),
    "policy.stale": Explained(
        Words("Het beleid is veranderd na de laatste bundel.", "The policy changed after the bundle was built."),
        _REBUILD,
    ),
    "policy.no_bundle": Explained(
        Words("Er is geen bruikbare beleidsbundel.", "There is no usable policy bundle."), _REBUILD
    ),
    "policy.no_schema": Explained(
        Words("Een schema van het beleid ontbreekt of is beschadigd.", "A schema of the policy is missing or broken."),
        _REBUILD,
    ),
    # A signed edition that is not taken up: what decided before goes on deciding.
    "policy.not_loaded": Explained(
        Words("Er is nog geen beleidsbundel geladen.", "No policy bundle is loaded yet."),
        Words(
            "Wacht tot de dienst is gestart; hij laadt de ondertekende bundel zelf.",
            "Wait until the service has started; it loads the signed bundle by itself.",
        ),
    ),
    "policy.no_edition": Explained(
        Words("Er is geen ondertekende beleidsbundel.", "There is no signed policy bundle."),
        Words(
            "Zet BROKER_POLICY__EDITION op de map die `broker policy sign` maakte.",
            "Set BROKER_POLICY__EDITION to the folder that `broker policy sign` made.",
        ),
    ),
    "policy.no_signers": Explained(
        Words("Niemand is aangewezen om het beleid te ondertekenen.", "Nobody is named to sign the policies."),
        Words(
            "Zet BROKER_POLICY__SIGNERS op de sleutelset van de ondertekenaars.",
            "Set BROKER_POLICY__SIGNERS to the key set of the signers.",
        ),
    ),
    "policy.signers": Explained(
        Words("De sleutelset van de ondertekenaars klopt niet.", "The key set of the signers is not right."),
        Words(
            "Zet er alleen openbare P-256-sleutels in, elk één keer en onder het eigen kenmerk.",
            "Put public P-256 keys in it only, each once and under its own id.",
        ),
    ),
    "policy.unsigned": Explained(
        Words("De beleidsbundel is niet ondertekend.", "The policy bundle is not signed."), _SIGN
    ),
    "policy.unknown_signer": Explained(
        Words(
            "Geen bekende ondertekenaar heeft deze beleidsbundel ondertekend.",
            "No known signer has signed this policy bundle.",
        ),
        _SIGN,
    ),
    "policy.signature": Explained(
        Words(
            "Een handtekening hoort niet bij deze beleidsbundel.", "A signature does not belong to this policy bundle."
        ),
        Words(
            "Gebruik deze bundel niet en zoek uit wie hem heeft veranderd.",
            "Do not use this bundle and find out who changed it.",
        ),
    ),
    "policy.downgrade": Explained(
        Words("Deze beleidsbundel is ouder dan een die al gold.", "This policy bundle is older than one that held."),
        Words(
            "Geef de regels van toen een hogere revisie, en laat die ondertekenen.",
            "Give the rules of that time a higher revision, and have that signed.",
        ),
    ),
    "policy.same_revision": Explained(
        Words(
            "Er gold al een andere beleidsbundel met deze revisie.", "Another policy bundle held with this revision."
        ),
        Words("Verhoog de revisie en laat de bundel ondertekenen.", "Raise the revision and have the bundle signed."),
    ),
    "policy.revision": Explained(
        Words(
            "De revisie van het beleid is niet goed geschreven.", "The revision of the policies is not written well."
        ),
        Words("Schrijf getallen met punten, zoals 2026.11.1.", "Write numbers with dots, such as 2026.11.1."),
    ),
    "policy.opa_behind": Explained(
        Words("De OPA-server heeft deze beleidsbundel niet geladen.", "The OPA server has not loaded this bundle."),
        Words(
            "Geef OPA de bundel uit dezelfde map; daarna gaat het vanzelf goed.",
            "Give OPA the bundle from the same folder; after that it comes right by itself.",
        ),
    ),
    "policy.parameters": Explained(
        Words(
            "Een parameter van het beleid valt buiten wat de wet toelaat.",
            "A parameter of the policy is outside what the law allows.",
        ),
        Words(
            "Verbeter de genoemde parameter in policies/data/parameters en bouw opnieuw.",
            "Correct the parameter named in policies/data/parameters and build again.",
        ),
    ),
    "policy.cases": Explained(
        Words("De voorbeeldgevallen zijn niet te lezen.", "The cases cannot be read."),
        Words(
            "Geef een cases.yaml van het beleid, of een besluitdocument als JSON.",
            "Give a cases.yaml of the policies, or a decision document as JSON.",
        ),
    ),
}
