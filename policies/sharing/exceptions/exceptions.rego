# METADATA
# title: Toestemming, tenzij
# description: Why asking or telling somebody was left out, when the reason is recorded and good enough.
# custom: {source: "KNMG-meldcode (toestemming, tenzij); UAVG art. 41 lid 1 i; law.md 3.12"}
# schemas:
#   - input: schema["document.schema"]
package sharing.exceptions

import data.sharing.calendar
import data.sharing.facts
import data.sharing.pair

# METADATA
# title: X1 Veiligheid
# description: Asking or telling endangers somebody, reviewed within the last fortnight; null lies before every date.
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
# description: Not reached after a reasonable effort - attempts, channels and days, fewer in acute danger.
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
# description: There is no time, because the danger is acute.
# custom: {code: X3, source: "KNMG-meldcode (fn 36)", kind: CODE}
_recorded contains {"person": exception.person, "code": "X3"} if {
	some exception in input.exceptions
	exception.code == "X3"
	exception.recorded
	input.danger.acute
}

# METADATA
# title: X4 Plicht
# description: A duty asks no consent; the person is told instead, before or as soon as can be (OB-03).
# custom: {code: X4, source: "Jeugdwet art. 7.3.11 lid 4; law.md 3.12", kind: LAW}
_recorded contains {"person": exception.person, "code": "X4"} if {
	some exception in input.exceptions
	exception.code == "X4"
	exception.recorded
	some row in pair.rows
	some code in row.grounds
	data.law.grounds[code].kind == "duty"
}

# METADATA
# title: X5 Geweigerd
# description: Asked and refused; a right to speak is still weighed.
# custom: {code: X5, source: "KNMG-meldcode art. 6", kind: CODE}
_recorded contains {"person": exception.person, "code": "X5"} if {
	some exception in input.exceptions
	exception.code == "X5"
	exception.recorded
}

# METADATA
# description: The exceptions that count, each while the law knows it.
valid contains exception if {
	some exception in _recorded
	facts.in_force(data.law.exceptions[exception.code])
}

# METADATA
# description: The exceptions recorded for one person that count.
of(ref) := {exception.code | some exception in valid; exception.person == ref}
