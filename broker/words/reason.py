"""Why the policy says no, and what would help: the DN codes of law.md section 9 and the remedies of the policy tables.

A reason speaks to whoever gets it: mostly the one who asks, for DN-16 and DN-17 the professional who answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.text import Explained, Words

REASONS: Mapping[str, Explained] = {
    "DN-01": Explained(
        Words("U bent niet zeker genoeg aangemeld.", "You are not signed in strongly enough."),
        Words(
            "Meld u opnieuw aan met een sterker inlogmiddel, zoals uw pas of app.",
            "Sign in again with a stronger means, such as your card or app.",
        ),
    ),
    "DN-02": Explained(
        Words(
            "Een van de organisaties is hier niet bekend of niet actief.",
            "One of the organisations is not known here, or not active.",
        ),
        Words(
            "Vraag de beheerder om de organisatie in te schrijven.",
            "Ask the operator to register the organisation.",
        ),
    ),
    "DN-03": Explained(
        Words(
            "Uw functie of registratie past niet bij deze handeling.",
            "Your role or registration does not fit this act.",
        ),
        Words(
            "Laat een collega met de juiste functie en registratie dit doen.",
            "Have a colleague with the right role and registration do this.",
        ),
    ),
    "DN-04": Explained(
        Words("Uw mandaat geldt vandaag niet.", "Your mandate does not cover today."),
        Words("Vraag uw leidinggevende om uw mandaat te verlengen.", "Ask your manager to renew your mandate."),
    ),
    "DN-05": Explained(
        Words("U bent niet aan deze zaak toegewezen.", "You are not assigned to this case."),
        Words(
            "Vraag wie de zaak leidt om u toe te wijzen en stuur de vraag daarna opnieuw.",
            "Ask whoever leads the case to assign you, then send the request again.",
        ),
    ),
    "DN-06": Explained(
        Words(
            "Het doel past niet bij de wettelijke taak van uw organisatie, of uw meldings- of zaaknummer ontbreekt.",
            "The purpose is outside your organisation's statutory task, or your report or case number is missing.",
        ),
        Words(
            "Kies het doel dat bij uw taak hoort en vul het meldings- of zaaknummer in.",
            "Choose the purpose that belongs to your task and fill in the report or case number.",
        ),
    ),
    "DN-07": Explained(
        Words(
            "De zorgen zijn niet volledig toegelicht: aard, ernst en inhoud zijn alle drie nodig.",
            "The concern is not fully explained: its nature, seriousness and content are all needed.",
        ),
        Words(
            "Schrijf op wat er speelt, hoe ernstig het is en waar dat uit blijkt, zodat de professional kan wegen.",
            "Write what is going on, how serious it is and what shows it, so that the professional can weigh it.",
        ),
    ),
    "DN-08": Explained(
        Words(
            "In deze fase mag Veilig Thuis deze vraag niet stellen.",
            "Veilig Thuis may not ask this in the present phase.",
        ),
        Words(
            "Vragen kan tijdens de veiligheidsbeoordeling, het onderzoek en voorwaarden en vervolg. "
            "Leg een nieuw vermoeden eerst vast als melding.",
            "You can ask while assessing safety, investigating or setting conditions. "
            "Record a new suspicion as a report first.",
        ),
    ),
    "DN-09": Explained(
        Words(
            "De taak van de Raad voor de Kinderbescherming of het zaaknummer ontbreekt.",
            "The task of the Child Protection Board, or the case number, is missing.",
        ),
        Words("Vul de taak en het zaaknummer in.", "Fill in the task and the case number."),
    ),
    "DN-10": Explained(
        Words(
            "Er is geen maatregel van kracht waarin uw instelling is genoemd, dus is er geen plicht om te antwoorden.",
            "No order is in force that names your institution, so there is no duty to answer.",
        ),
        Words(
            "Vraag toestemming, of overleg met Veilig Thuis als u zich zorgen maakt over de veiligheid.",
            "Ask consent, or consult Veilig Thuis when you worry about safety.",
        ),
    ),
    "DN-11": Explained(
        Words("De beschikking van de rechter is verlopen.", "The court order has run out."),
        Words(
            "Voeg de verlenging toe. Is die er niet, vraag dan toestemming of overleg met Veilig Thuis.",
            "Add the renewal. If there is none, ask consent or consult Veilig Thuis.",
        ),
    ),
    "DN-12": Explained(
        Words(
            "De vraag is te breed: een heel dossier of een vraag zonder richting kan niet.",
            "The question is too broad: a whole file or a question without direction cannot be asked.",
        ),
        Words(
            "Stel concrete vragen: over wie, over welk onderwerp en over welke periode.",
            "Ask concrete questions: about whom, on which subject and over which period.",
        ),
    ),
    "DN-13": Explained(
        Words(
            "De gevraagde organisatie heeft hierover beroepshalve geen informatie.",
            "The responder holds no information about this by profession.",
        ),
        Words(
            "Ga na of u de juiste organisatie en de juiste persoon hebt gekozen.",
            "Check that you chose the right organisation and the right person.",
        ),
    ),
    "DN-14": Explained(
        Words(
            "Er is geen grond om dit te delen: toestemming is nodig en ontbreekt.",
            "There is no ground to share this: consent is needed and missing.",
        ),
        Words(
            "Vraag toestemming aan wie erover gaat en leg die vast. Gaat het om veiligheid, overleg met Veilig Thuis.",
            "Ask consent of whoever may give it and record it. If it is about safety, consult Veilig Thuis.",
        ),
    ),
    "DN-15": Explained(
        Words(
            "De ontvanger mag dit soort gegevens niet gebruiken.",
            "The receiver may not use this kind of data.",
        ),
        Words("Laat dit onderwerp uit de vraag weg.", "Leave this subject out of the question."),
    ),
    "DN-16": Explained(
        Words(
            "Een stap, afweging of goedkeuring die hier nodig is, is nog niet vastgelegd.",
            "A step, weighing or approval that is needed here is not on record yet.",
        ),
        Words(
            "Kijk wat er nog openstaat, doe dat en leg het in een paar woorden vast.",
            "See what is still open, do it and record it in a few words.",
        ),
    ),
    "DN-17": Explained(
        Words(
            "Dit is niet nodig om de vraag te beantwoorden en blijft daarom bij de professional.",
            "This is not needed to answer the question and therefore stays with the professional.",
        ),
        Words(
            "De rest kan wel door. Is dit toch nodig, leg dan uit waarom en vraag er gericht naar.",
            "The rest can go. If this is needed after all, explain why and ask for exactly that.",
        ),
    ),
    "DN-18": Explained(
        Words(
            "Een volwassen slachtoffer weigert uit vrije wil en er is geen ernstig gevaar.",
            "An adult victim refuses of her or his own free will and there is no grave danger.",
        ),
        Words(
            "Volg de weigering, bied hulp en een veiligheidsplan aan, en weeg opnieuw als er nieuwe feiten zijn.",
            "Follow the refusal, offer help and a safety plan, and weigh again when there are new facts.",
        ),
    ),
    "DN-19": Explained(
        Words("De verblijfplaats van het slachtoffer is geheim.", "The victim's whereabouts are secret."),
        Words(
            "Vraag hier niet naar. Overleg bij gevaar met de veiligheidscoördinator van de opvang; bel bij nood 112.",
            "Do not ask for it. In danger consult the shelter's safety coordinator; in an emergency call 112.",
        ),
    ),
    "DN-20": Explained(
        Words(
            "In de adviesfase worden geen persoonsgegevens gedeeld.",
            "No personal data is shared while advice is given.",
        ),
        Words(
            "Bespreek de situatie zonder namen. Wordt het een melding, dan kan Veilig Thuis gericht vragen.",
            "Discuss the situation without names. Once it is a report, Veilig Thuis can ask concrete questions.",
        ),
    ),
    "DN-21": Explained(
        Words(
            "Dit gaat niet over kindermishandeling: dan is toestemming of een zwaarwegende noodzaak vereist.",
            "This is not about child abuse: consent or a compelling need is required then.",
        ),
        Words(
            "Vraag toestemming, of leg uit welke zwaarwegende noodzaak er is.",
            "Ask consent, or explain the compelling need.",
        ),
    ),
    "DN-22": Explained(
        Words(
            "Wie dit heeft verteld, is beschermd en wordt niet bekendgemaakt.",
            "Whoever told this is protected and is not made known.",
        ),
        Words(
            "Vraag niet naar de bron. Overleg bij twijfel met uw privacy officer.",
            "Do not ask for the source. If in doubt, consult your privacy officer.",
        ),
    ),
    "DN-23": Explained(
        Words(
            "Dit is niet nodig om de ondertoezichtstelling uit te voeren.",
            "This is not needed to carry out the supervision order.",
        ),
        Words(
            "Leg uit waarom het voor de uitvoering nodig is, of laat het weg.",
            "Explain why it is needed to carry out the order, or leave it out.",
        ),
    ),
    "DN-24": Explained(
        Words(
            "De plicht om te antwoorden (artikel 7.3.11, vierde lid, Jeugdwet) geldt niet voor deze persoon.",
            "The duty to answer (article 7.3.11(4) Jeugdwet) does not cover this person.",
        ),
        Words("Vraag deze persoon zelf om toestemming.", "Ask this person for consent."),
    ),
    "DN-25": Explained(
        Words(
            "De voogd mag hier niet in plaats van het kind beslissen.",
            "The guardian may not decide here in place of the child.",
        ),
        Words("Vraag het kind zelf om toestemming.", "Ask the child for consent."),
    ),
    "DN-26": Explained(
        Words(
            "Een professional met beroepsgeheim is niet verplicht politie of justitie te antwoorden.",
            "A professional bound by secrecy has no duty to answer police or prosecution.",
        ),
        Words(
            "De betrokkene kan zelf toestemming geven. Overleg bij twijfel met de geneesheer-directeur.",
            "The person concerned can consent. If in doubt, consult the medical director.",
        ),
    ),
    "DN-27": Explained(
        Words(
            "Er is geen risico voor de verwijsindex vastgesteld, of u mag daarin niet melden.",
            "No risk for the reference index is on record, or you may not report to it.",
        ),
        Words(
            "Leg het risico vast, of laat een collega melden die dat mag.",
            "Record the risk, or have a colleague report who may.",
        ),
    ),
    "DN-28": Explained(
        Words(
            "Wetenschappelijk onderzoek loopt niet via deze weg.",
            "Research does not run through here.",
        ),
        Words(
            "Vraag de privacy officer welke weg er voor onderzoek is.",
            "Ask the privacy officer which route there is for research.",
        ),
    ),
    "DN-29": Explained(
        Words("De toestemming is ingetrokken.", "Consent has been withdrawn."),
        Words(
            "Gebruik deze gegevens niet verder. Wat eerder rechtmatig is gelezen, blijft rechtmatig.",
            "Do not use this data any further. What was lawfully read before stays lawful.",
        ),
    ),
    "DN-30": Explained(
        Words(
            "Het burgerservicenummer mag hier niet worden meegegeven.",
            "The citizen service number may not be passed on here.",
        ),
        Words(
            "Laat het nummer weg en gebruik naam en geboortedatum om verwisseling te voorkomen.",
            "Leave the number out and use name and date of birth to prevent a mix-up.",
        ),
    ),
}

WITH_REMEDY: Mapping[tuple[str, str], Explained] = {
    ("DN-16", "record_steps"): Explained(
        Words("Nog niet alle stappen van de meldcode zijn vastgelegd.", "Not all steps of the code are on record yet."),
        Words(
            "Kijk welke stap nog openstaat, zet die en leg dat in een paar woorden vast.",
            "See which step is still open, take it and record that in a few words.",
        ),
    ),
    ("DN-16", "decide"): Explained(
        Words(
            "Er is nog geen besluit met redenen van een professional met de registratie die hierbij hoort.",
            "There is no decision with reasons yet by a professional with the registration this needs.",
        ),
        Words(
            "Leg vast wat u geeft en waarom. Hebt u de registratie niet, vraag dan een collega die haar heeft.",
            "Record what you give and why. If you lack the registration, ask a colleague who has it.",
        ),
    ),
    ("DN-16", "give_reasons"): Explained(
        Words("Waarom vertellen moet wachten, is niet vastgelegd.", "Why telling must wait is not on record."),
        Words(
            "Leg de redenen vast en vraag het uitstel opnieuw aan.",
            "Put the reasons on record and ask for the extension again.",
        ),
    ),
    ("DN-16", "inform_now"): Explained(
        Words(
            "Er is geen goede reden om het vertellen langer uit te stellen.",
            "There is no good reason to put off telling any longer.",
        ),
        Words(
            "Vertel de betrokkene nu welke gegevens zijn gedeeld.",
            "Tell the person concerned now which data was shared.",
        ),
    ),
    ("DN-16", "approve_separately"): Explained(
        Words(
            "Dit gevoelige onderdeel, of deze lange periode, is nog niet apart goedgekeurd.",
            "This sensitive part, or this long period, has not been approved separately yet.",
        ),
        Words(
            "Keur het apart goed met een reden, of geef het niet.",
            "Approve it separately with a reason, or do not give it.",
        ),
    ),
}
"""One code that several gates give, said more exactly where the decision names the remedy."""

REMEDIES: Mapping[str, Words] = {
    "sign_in_stronger": Words("Meld u aan met een sterker middel.", "Sign in with a stronger means."),
    "register_organisation": Words("Laat de organisatie inschrijven.", "Have the organisation registered."),
    "authorised_colleague": Words("Laat een bevoegde collega dit doen.", "Have an authorised colleague do this."),
    "renew_mandate": Words("Laat het mandaat verlengen.", "Have the mandate renewed."),
    "assign_to_case": Words("Laat u aan de zaak toewijzen.", "Have yourself assigned to the case."),
    "state_purpose_and_case": Words("Vul doel en zaaknummer in.", "State the purpose and the case number."),
    "explain_concern": Words(
        "Licht aard, ernst en inhoud van de zorgen toe.",
        "Explain the nature, seriousness and content of the concern.",
    ),
    "state_task_and_case": Words("Vul taak en zaaknummer in.", "State the task and the case number."),
    "consent_or_veilig_thuis": Words(
        "Vraag toestemming of overleg met Veilig Thuis.",
        "Ask consent or consult Veilig Thuis.",
    ),
    "ask_concrete_questions": Words("Stel concrete vragen.", "Ask concrete questions."),
    "ask_consent": Words("Vraag toestemming en leg die vast.", "Ask consent and record it."),
    "decide": Words("Leg uw besluit met redenen vast.", "Record your decision with its reasons."),
    "record_steps": Words("Leg vast wat nog openstaat.", "Record what is still open."),
    "consent_or_compelling_need": Words(
        "Vraag toestemming, of licht toe waarom u echt niet zonder kunt.",
        "Ask consent, or explain why you really cannot do without.",
    ),
    "explain_need_for_order": Words(
        "Leg uit waarom dit nodig is om de maatregel uit te voeren.",
        "Explain why this is needed to carry out the measure.",
    ),
    "consent_or_upbringing": Words(
        "Vraag alleen naar de opvoeding, of vraag deze persoon om toestemming.",
        "Ask about the upbringing only, or ask this person for consent.",
    ),
    "consent_of_the_child": Words(
        "Vraag het kind zelf om toestemming.",
        "Ask the child itself for consent.",
    ),
    "give_reasons": Words(
        "Leg vast waarom vertellen nog niet kan.",
        "Record why telling cannot be done yet.",
    ),
    "inform_now": Words(
        "Vertel het nu aan de betrokkene.",
        "Tell the person concerned now.",
    ),
    "strip": Words("Laat dit onderdeel weg.", "Leave this part out."),
    "new_facts": Words("Weeg opnieuw bij nieuwe feiten.", "Weigh again when there are new facts."),
    "approve_separately": Words(
        "Keur dit onderdeel apart goed, met een reden.",
        "Approve this part separately, with a reason.",
    ),
}
