"""What a decision says besides its reasons: outcome, grounds, duties, steps, exceptions and whom to consult.

Sentences end in a full stop; VERDICTS, PARTIES and GROUNDS are labels and stand inside a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.text import Words

OUTCOMES: Mapping[str, Words] = {
    "deny": Words("Dit mag zo niet.", "This is not allowed as it stands."),
    "refer": Words("Eerst kijkt een deskundige mee.", "A specialist looks at this first."),
    "permit_pending": Words(
        "De vraag mag gesteld worden; de professional beslist of en wat hij antwoordt.",
        "The question may be asked; the professional decides whether and what to answer.",
    ),
    "permit_duty": Words(
        "De vraag mag gesteld worden; de professional is verplicht te antwoorden wat nodig is.",
        "The question may be asked; the professional has a duty to answer what is necessary.",
    ),
    "permit": Words(
        "Dit mag, voor de onderdelen die hierna zijn toegestaan.",
        "This is allowed, for the parts that are allowed below.",
    ),
    "break_glass": Words(
        "Acuut gevaar: deel nu alleen wat het gevaar afwendt; vastleggen en toetsen volgen daarna.",
        "Acute danger: share now only what averts it; the full record and a review follow.",
    ),
}

ENDINGS: Mapping[str, Words] = {
    "deny": Words("mag niet", "not allowed"),
    "refer": Words("eerst een deskundige", "a specialist first"),
    "permit_pending": Words("mag gevraagd worden", "may be asked"),
    "permit_duty": Words("moet beantwoord worden", "must be answered"),
    "permit": Words("mag", "allowed"),
    "break_glass": Words("mag, bij acuut gevaar", "allowed, in acute danger"),
}
"""The outcomes as labels, for a list."""

STAGES: Mapping[str, Words] = {
    "ask": Words("bij het vragen", "when asked"),
    "answer": Words("bij het antwoorden", "when answered"),
    "open": Words("bij het openen", "when opened"),
}

VERDICTS: Mapping[str, Words] = {
    "allow": Words("mag", "allowed"),
    "withhold": Words("gesloten", "closed"),
    "needs_approval": Words("wacht op aparte goedkeuring", "needs a separate approval"),
}

GROUNDS: Mapping[str, Words] = {
    "WMO-5.2.6": Words(
        "recht om te spreken tegen Veilig Thuis (artikel 5.2.6 Wmo 2015)",
        "right to speak to Veilig Thuis (article 5.2.6 Wmo 2015)",
    ),
    "WMO-5.3.3": Words("toestemming (artikel 5.3.3 Wmo 2015)", "consent (article 5.3.3 Wmo 2015)"),
    "CONSENT-WGBO": Words(
        "toestemming (artikel 7:457 Burgerlijk Wetboek)",
        "consent (article 7:457 Civil Code)",
    ),
    "CONSENT-JW": Words("toestemming (artikel 7.3.11 Jeugdwet)", "consent (article 7.3.11 Youth Act)"),
    "AVG-6-1-a": Words(
        "toestemming (artikel 6 lid 1 onder a AVG)",
        "consent (article 6(1)(a) GDPR)",
    ),
    "WMO-4.1.1-2-d": Words(
        "recht van Veilig Thuis om hulpverleners te informeren (artikel 4.1.1 lid 2 onder d Wmo 2015)",
        "right of Veilig Thuis to inform those who help (article 4.1.1(2)(d) Wmo 2015)",
    ),
    "WMO-4.1.1-2-e": Words(
        "recht van Veilig Thuis om Raad of politie te informeren (artikel 4.1.1 lid 2 onder e Wmo 2015)",
        "right of Veilig Thuis to inform the Raad or the police (article 4.1.1(2)(e) Wmo 2015)",
    ),
    "WMO-4.1.1-2-g": Words(
        "terugmelding van stappen aan de melder (artikel 4.1.1 lid 2 onder g Wmo 2015)",
        "feedback on steps to the reporter (article 4.1.1(2)(g) Wmo 2015)",
    ),
    "BW-1:240": Words(
        "recht om te spreken tegen de Raad (artikel 1:240 Burgerlijk Wetboek)",
        "right to speak to the Raad (article 1:240 Civil Code)",
    ),
    "BW-1:243": Words(
        "plicht van de gemeente om de Raad te antwoorden (artikel 1:243 Burgerlijk Wetboek)",
        "duty of the municipality to answer the Raad (article 1:243 Civil Code)",
    ),
    "BW-1:241a": Words(
        "plicht van de gemeente om de voorlopige voogd te antwoorden (artikel 1:241a Burgerlijk Wetboek)",
        "duty of the municipality to answer the provisional guardian (article 1:241a Civil Code)",
    ),
    "JW-7.3.11-4-D": Words(
        "plicht om te antwoorden bij een ondertoezichtstelling (artikel 7.3.11 lid 4 Jeugdwet)",
        "duty to answer under a supervision order (article 7.3.11(4) Youth Act)",
    ),
    "JW-7.3.11-2a": Words(
        "rechtstreeks betrokken bij dezelfde hulp (artikel 7.3.11 lid 2 onder a Jeugdwet)",
        "directly involved in the same help (article 7.3.11(2)(a) Youth Act)",
    ),
    "BW-7:457-2": Words(
        "rechtstreeks betrokken bij dezelfde behandeling (artikel 7:457 lid 2 Burgerlijk Wetboek)",
        "directly involved in the same treatment (article 7:457(2) Civil Code)",
    ),
    "BW-7:465": Words(
        "vertegenwoordiging door de voogd (artikel 7:465 Burgerlijk Wetboek)",
        "representation by the guardian (article 7:465 Civil Code)",
    ),
    "JW-7.3.15": Words(
        "vertegenwoordiging door de voogd (artikel 7.3.15 Jeugdwet)",
        "representation by the guardian (article 7.3.15 Youth Act)",
    ),
    "JW-7.4.0-2": Words(
        "plicht om de gemeente te geven wat zij voor haar taak nodig heeft (artikel 7.4.0 lid 2 Jeugdwet)",
        "duty to give the municipality what its task needs (article 7.4.0(2) Youth Act)",
    ),
    "JW-7.1.4.1": Words(
        "melding in de verwijsindex (artikel 7.1.4.1 Jeugdwet)",
        "report to the reference index (article 7.1.4.1 Youth Act)",
    ),
    "BPG-4:2-1-i": Words(
        "verstrekking door de politie (artikel 4:2 lid 1 onder i Besluit politiegegevens)",
        "disclosure by the police (article 4:2(1)(i) Police Data Decree)",
    ),
    "BPG-4:2-1-j": Words(
        "verstrekking door de politie aan de Raad (artikel 4:2 lid 1 onder j Besluit politiegegevens)",
        "disclosure by the police to the Raad (article 4:2(1)(j) Police Data Decree)",
    ),
    "LPW": Words(
        "plicht van de school (Leerplichtwet 1969)",
        "duty of the school (Compulsory Education Act 1969)",
    ),
    "WGS-2.29-2": Words(
        "uitdrukkelijke toestemming voor het Zorg- en Veiligheidshuis (artikel 2.29 lid 2 WGS)",
        "explicit consent for the Zorg- en Veiligheidshuis (article 2.29(2) WGS)",
    ),
    "BW-7:453": Words(
        "goed hulpverlenerschap in het Zorg- en Veiligheidshuis (artikel 2.29 lid 2 WGS)",
        "good care in the Zorg- en Veiligheidshuis (article 2.29(2) WGS)",
    ),
    "WGS-1.5-1": Words(
        "plicht van een deelnemer aan het Zorg- en Veiligheidshuis (artikel 1.5 lid 1 WGS)",
        "duty of a participant of the Zorg- en Veiligheidshuis (article 1.5(1) WGS)",
    ),
    "KVP": Words(
        "conflict van plichten (ongeschreven recht; artikel 40 Wetboek van Strafrecht)",
        "conflict of duties (unwritten law; article 40 Criminal Code)",
    ),
}

OBLIGATIONS: Mapping[str, Words] = {
    "OB-01": Words(
        "Gebruik het antwoord alleen voor dit doel en geef het niet door zonder eigen grond.",
        "Use the answer for this purpose only and do not pass it on without a ground of your own.",
    ),
    "OB-02": Words(
        "Veilig Thuis vertelt de betrokkene dat deze gegevens zijn ontvangen.",
        "Veilig Thuis tells the person concerned that it received this data.",
    ),
    "OB-02b": Words(
        "De ontvanger vertelt de betrokkene dat deze gegevens zijn ontvangen.",
        "The receiver tells the person concerned that it received this data.",
    ),
    "OB-03": Words(
        "De professional vertelt de betrokkene wat er is gedeeld, of bekijkt opnieuw of dat veilig kan.",
        "The professional tells the person concerned what was shared, or looks again whether that is safe.",
    ),
    "OB-04": Words(
        "Een gevoelig onderdeel wordt apart goedgekeurd voordat het weggaat.",
        "A sensitive part is approved separately before it goes.",
    ),
    "OB-05": Words(
        "Het antwoord is na deze datum niet meer te openen.",
        "The answer cannot be opened after this date.",
    ),
    "OB-06": Words(
        "Politiegegevens houden hun voorwaarden; overleg met het Openbaar Ministerie als er een strafzaak loopt.",
        "Police data keeps its conditions; consult the public prosecutor when a criminal case runs.",
    ),
    "OB-07": Words(
        "Bewaar niet langer dan de eigen wettelijke termijn en vernietig daarna.",
        "Keep no longer than your own statutory term and destroy after that.",
    ),
    "OB-08": Words(
        "Houd de beschermde bron geheim, ook in brieven, afschriften en logboek.",
        "Keep the protected source secret, in letters, copies and logs too.",
    ),
    "OB-09": Words(
        "De professional keurt het verslag van zijn mondelinge antwoord goed voordat het wordt gebruikt.",
        "The professional approves the report of the spoken answer before it is used.",
    ),
    "OB-10": Words(
        "Laat de professional, als hij de melding deed, in grote lijnen weten wat er met de melding is gebeurd.",
        "If the professional made the report, tell in general terms what became of it.",
    ),
    "OB-11": Words(
        "Bescherm het slachtoffer: geen adres, aparte brieven en geen gedeelde postbus.",
        "Protect the victim: no address, separate letters and no shared mailbox.",
    ),
    "OB-12": Words(
        "Meld een correctie of verwijdering ook aan de ontvanger.",
        "Tell the receiver too about a correction or erasure.",
    ),
    "OB-13": Words(
        "Inzage en besluit blijven volledig vastgelegd.",
        "Access and decision stay fully on record.",
    ),
    "OB-14": Words(
        "Meld een datalek binnen 72 uur aan de Autoriteit Persoonsgegevens.",
        "Report a data breach to the supervisory authority within 72 hours.",
    ),
    "OB-15": Words(
        "Wat op toestemming is gedeeld, sluit zodra die toestemming wordt ingetrokken.",
        "What was shared on consent closes as soon as that consent is withdrawn.",
    ),
}

DUTIES: Mapping[tuple[str, str], Words] = {
    ("OB-07", "broker"): Words(
        "Het verzegelde antwoord wordt hier gewist.",
        "The sealed answer is erased here.",
    ),
    ("OB-13", "responder"): Words(
        "Leg alsnog alle stappen en redenen vast; in het acute moment hoefde dat niet.",
        "Put all steps and reasons on record now; in the acute moment that could wait.",
    ),
    ("OB-13", "privacy_officer"): Words(
        "Toets achteraf of het gevaar acuut was en alleen het nodige is gedeeld.",
        "Review whether the danger was acute and only what was needed was shared.",
    ),
}
"""Where an obligation asks something else of one party than its words in OBLIGATIONS say: by code and party."""

PARTIES: Mapping[str, Words] = {
    "requester": Words("de vrager", "the requester"),
    "responder": Words("de professional", "the professional"),
    "broker": Words("Deelgrond", "Deelgrond"),
    "privacy_officer": Words("de privacy officer", "the privacy officer"),
    "operator": Words("de beheerder", "the operator"),
    "controller": Words("de verwerkingsverantwoordelijke", "the controller"),
}

REFERRALS: Mapping[str, Words] = {
    "ES-01": Words(
        "Overleg met de vertrouwensarts van Veilig Thuis of met uw aandachtsfunctionaris.",
        "Consult the confidential doctor of Veilig Thuis or your own child-protection lead.",
    ),
    "ES-02": Words(
        "Overleg met de privacy officer of gezondheidsjurist.",
        "Consult the privacy officer or health lawyer.",
    ),
    "ES-03": Words(
        "Overleg met de geneesheer-directeur of de KNMG-artseninfolijn.",
        "Consult the medical director or the KNMG information line for doctors.",
    ),
    "ES-04": Words(
        "Overleg direct met de veiligheidscoördinator van de opvang, Veilig Thuis en de politie.",
        "Consult the shelter's safety coordinator, Veilig Thuis and the police at once.",
    ),
    "ES-05": Words(
        "De privacy officers van beide organisaties stemmen dit samen af.",
        "The privacy officers of both organisations settle this together.",
    ),
    "ES-06": Words(
        "Vraag de redenen op schrift en leg ze voor aan uw teamleider; daarna kan de rechter beslissen.",
        "Ask for the reasons in writing and put them to your team lead; after that a judge can decide.",
    ),
    "ES-07": Words(
        "Een van de partijen is niet aangesloten: vraag de netwerkbeheerder om een ander veilig kanaal.",
        "One of the parties is not connected: ask the network's trust officer for another secure channel.",
    ),
    "ES-08": Words(
        "Volg de gezamenlijke escalatieroute; een onveilige situatie wacht nooit op bestuurders.",
        "Follow the joint escalation route; an unsafe situation never waits for board members.",
    ),
    "ES-09": Words(
        "Meld dit aan de Autoriteit Persoonsgegevens of de Inspectie Gezondheidszorg en Jeugd.",
        "Report this to the data-protection authority or the health and youth inspectorate.",
    ),
}

STEPS: Mapping[str, Words] = {
    "ST-01": Words(
        "Ga na wie er vraagt, namens welke organisatie en in welke rol.",
        "Verify who asks, for which organisation and in which role.",
    ),
    "ST-02": Words(
        "Begrijp de zorgen: aard, ernst, inhoud, haast, en wat betrokkenen al weten.",
        "Understand the concern: nature, seriousness, content, urgency, and what those concerned already know.",
    ),
    "ST-03": Words(
        "Stel vast of u moet, mag of alleen met toestemming kunt antwoorden.",
        "Establish whether you must, may, or can answer with consent only.",
    ),
    "ST-04": Words(
        "Overleg zonder namen met een collega, aandachtsfunctionaris of vertrouwensarts.",
        "Consult a colleague, child-protection lead or confidential doctor, without names.",
    ),
    "ST-05": Words(
        "Vraag toestemming of vertel het vooraf, tenzij er een reden is om dat niet te doen.",
        "Ask consent or tell beforehand, unless there is a reason not to.",
    ),
    "ST-06": Words(
        "Weeg het belang van veiligheid tegen uw geheimhouding.",
        "Weigh the interest of safety against your secrecy.",
    ),
    "ST-07": Words(
        "Kies alleen feiten die de vraag beantwoorden, en zeg wat u zelf zag en wat u hoorde.",
        "Select only facts that answer the question, and say what you saw and what you were told.",
    ),
    "ST-08": Words(
        "Antwoord schriftelijk, of keur het verslag van het gesprek goed.",
        "Answer in writing, or approve the report of the conversation.",
    ),
    "ST-09": Words(
        "Besluit: geven, deels geven of weigeren, met redenen.",
        "Decide: give, give in part or refuse, with reasons.",
    ),
    "ST-10": Words(
        "Leg vraag, afweging en besluit vast in het dossier.",
        "Record request, weighing and decision in the file.",
    ),
    "ST-11": Words(
        "Vertel betrokkenen achteraf wat u hebt gedeeld.",
        "Tell those concerned afterwards what you shared.",
    ),
}

EXCEPTIONS: Mapping[str, Words] = {
    "X1": Words("Vragen of vertellen is nu niet veilig.", "Asking or telling is not safe now."),
    "X2": Words(
        "De betrokkene is na genoeg pogingen niet bereikt.",
        "The person concerned was not reached after enough attempts.",
    ),
    "X3": Words("Er is geen tijd, want er is acuut gevaar.", "There is no time, because the danger is acute."),
    "X4": Words(
        "Er is een plicht om te antwoorden; vertellen volstaat.",
        "There is a duty to answer; telling is enough.",
    ),
    "X5": Words(
        "De betrokkene is gevraagd en heeft geweigerd.",
        "The person concerned was asked and refused.",
    ),
}
