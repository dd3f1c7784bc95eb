# METADATA
# title: Toestemming, tenzij
# description: Waarom iemand niet is gevraagd of geïnformeerd, als de reden is vastgelegd en voldoende is.
# custom: {source: "KNMG-meldcode (toestemming, tenzij); UAVG art. 41 lid 1 i; law.md 3.12"}
# schemas:
#   - input: schema["document.schema"]
package sharing.exceptions

import data.sharing.calendar
import data.sharing.facts
import data.sharing.pair

# METADATA
# title: X1 Veiligheid
# description: Vragen of informeren brengt iemand in gevaar, en dit is in de laatste twee weken opnieuw bekeken. Zonder
#   datum telt de uitzondering niet.
# custom: {code: X1, source: "UAVG art. 41 lid 1 i; KNMG-meldcode", kind: CODE}
_recorded contains {"person": exception.person, "code": "X1"} if {
	some exception in input.exceptions
	exception.code == "X1"
	exception.recorded
	exception.reviewed_on <= facts.today
	exception.reviewed_on >= calendar.days_ago(data.parameters.safety_exception.review_days)
}

# METADATA
# title: X2 Onbereikbaar
# description: Niet bereikt na een redelijke inspanning - pogingen, kanalen en dagen, minder bij acuut gevaar.
# custom: {code: X2, source: "KNMG-meldcode (aangekondigd); law.md 4.4", kind: POLICY}
_recorded contains {"person": exception.person, "code": "X2"} if {
	some exception in input.exceptions
	exception.code == "X2"
	exception.recorded
	exception.attempts >= _effort.attempts
	exception.channels >= _effort.channels
	exception.days >= _effort.days
}

_effort := data.parameters.unreachable.urgent if {
	input.danger.acute
} else := data.parameters.unreachable.regular

# METADATA
# title: X3 Acuut
# description: Er is geen tijd, omdat het gevaar acuut is.
# custom: {code: X3, source: "KNMG-meldcode (fn 36)", kind: CODE}
_recorded contains {"person": exception.person, "code": "X3"} if {
	some exception in input.exceptions
	exception.code == "X3"
	exception.recorded
	input.danger.acute
}

# METADATA
# title: X4 Plicht
# description: Bij een plicht is geen toestemming nodig; in plaats daarvan wordt de persoon geïnformeerd, vooraf of
#   zodra het kan (OB-03).
# custom: {code: X4, source: "Jeugdwet art. 7.3.11 lid 4; law.md 3.12", kind: LAW}
_recorded contains {"person": exception.person, "code": "X4"} if {
	some exception in input.exceptions
	exception.code == "X4"
	exception.recorded
	some row in pair.rows
	some code in row.grounds
	facts.row("grounds", code).kind == "duty"
}

# METADATA
# title: X5 Geweigerd
# description: De persoon is gevraagd en heeft geweigerd; een spreekrecht of meldrecht wordt nog steeds afgewogen.
# custom: {code: X5, source: "KNMG-meldcode art. 6", kind: CODE}
_recorded contains {"person": exception.person, "code": "X5"} if {
	some exception in input.exceptions
	exception.code == "X5"
	exception.recorded
}

# METADATA
# description: De uitzonderingen die tellen, elk zolang het recht haar kent.
valid contains exception if {
	some exception in _recorded
	facts.in_force(facts.row("exceptions", exception.code))
}

# METADATA
# description: De uitzonderingen die voor één persoon zijn vastgelegd en die tellen.
of(ref) := {exception.code | some exception in valid; exception.person == ref}
