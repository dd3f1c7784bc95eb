# METADATA
# title: Besluit
# description: Het besluit is het enige wat aan het beleid wordt gevraagd. Toestaan vereist twee dingen - aan elke poort
#   is voldaan, en er is geen weigering.
# custom: {source: "decision.md; law.md 4"}
# schemas:
#   - input: schema["document.schema"]
package sharing.decision

import data.sharing.acute
import data.sharing.escalate
import data.sharing.exceptions
import data.sharing.facts
import data.sharing.ground
import data.sharing.minimise
import data.sharing.obligations
import data.sharing.operation
import data.sharing.phase
import data.sharing.postpone
import data.sharing.purpose
import data.sharing.questions
import data.sharing.receiver
import data.sharing.requester
import data.sharing.responder
import data.sharing.step_record
import data.sharing.steps
import data.sharing.transport
import data.sharing.weighing

# METADATA
# title: Antwoord van het beleid
# description: De uitkomst met alles wat daarbij hoort. Termijnen zijn codes; verzamelingen hebben geen volgorde.
# entrypoint: true
# custom: {source: "decision.md"}
decision := {
	"outcome": _outcome,
	"parts": _parts,
	"grounds": _grounds,
	"reasons": _reasons,
	"referrals": _referrals,
	"obligations": _obligations,
	"todo": _todo,
	"exceptions": {exception.code | some exception in exceptions.valid},
	"bundle": _bundle,
} if {
	input.stage in {"ask", "answer", "open"}
}

decision := {
	"outcome": _operation_outcome,
	"parts": [],
	"grounds": [],
	"reasons": {reason | some refusal in operation.refusals; reason := _at_gate(refusal)},
	"referrals": [],
	"obligations": [],
	"todo": _unless_denied(operation.refusals, step_record.open),
	"exceptions": [],
	"bundle": _bundle,
} if {
	input.stage == "operate"
}

decision := {
	"outcome": _outcome_of(postpone.refusals, postpone.referrals),
	"parts": [],
	"grounds": [],
	"reasons": {reason | some refusal in postpone.refusals; reason := _at_gate(refusal)},
	"referrals": _unless_denied(postpone.refusals, postpone.referrals),
	"obligations": _unless_denied(postpone.refusals | postpone.referrals, postpone.duties),
	"todo": [],
	"exceptions": [],
	"bundle": _bundle,
} if {
	input.stage == "postpone"
}

decision := {
	"outcome": _outcome_of(escalate.refusals, escalate.referrals),
	"parts": [],
	"grounds": [],
	"reasons": {reason | some refusal in escalate.refusals; reason := _at_gate(refusal)},
	"referrals": _unless_denied(escalate.refusals, escalate.referrals),
	"obligations": _unless_denied(escalate.refusals, escalate.duties),
	"todo": [],
	"exceptions": [],
	"bundle": _bundle,
} if {
	input.stage == "escalate"
}

_outcome_of(refusals, _) := "deny" if count(refusals) > 0

_outcome_of(refusals, referrals) := "refer" if {
	count(refusals) == 0
	count(referrals) > 0
}

_outcome_of(refusals, referrals) := "permit" if {
	count(refusals) == 0
	count(referrals) == 0
}

_unless_denied(refusals, said) := said if {
	count(refusals) == 0
} else := set()

_todo contains step if {
	not _denied
	some step in steps.todo
}

# What keeps an answer from going is said also when it is refused.
_todo contains step if {
	input.stage == "answer"
	some step in steps.todo
}

# Which bundle answered, so that the gate notices an engine that serves another one. The build puts it in.
_bundle := data.bundle

default _operation_outcome := "deny"

_operation_outcome := "permit" if {
	operation.satisfied
	count(operation.refusals) == 0
}

# The gates that speak about the request as a whole: both locks of each.
_refusals contains refusal if {
	some gate in [
		acute.refusals, requester.refusals, purpose.refusals, phase.refusals, questions.refusals, responder.refusals,
		ground.refusals, steps.refusals, weighing.refusals,
	]
	some refusal in gate
}

_satisfied if {
	requester.satisfied
	purpose.satisfied
	phase.satisfied
	questions.satisfied
	responder.satisfied
	ground.satisfied
	receiver.satisfied
	steps.satisfied
	weighing.satisfied
	minimise.satisfied
}

# The gates that speak about one part: both locks again. Each part is judged once; what is clear keeps its ground.
_judged := [_judge(one.part, one.ground) | some one in ground.parts]

_judge(part, code) := {"part": part, "ground": code, "why": set(), "waits": _waits(part, ceiling)} if {
	code != null
	questions.concrete(part)
	facts.persons[part.person]
	part.category in receiver.may_process
	ceiling := minimise.ceiling(part)
	ceiling != "n"
	not minimise.protected_source(part)
	_released_by_professional(part, code)
} else := {"part": part, "ground": null, "why": _why(part, code), "waits": false}

_released_by_professional(_, _) if facts.asking

_released_by_professional(part, code) if weighing.given(part, code)

_why(part, code) := {reason |
	some gate in [
		questions.why(part), responder.why(part), ground.why(part), receiver.why(part), weighing.why(part, code),
		minimise.why(part),
	]
	some reason in gate
}

# Clear but for an approval of its own.
default _waits(_, _) := false

_waits(part, ceiling) if {
	minimise.needs_approval(part, ceiling)
	not _approved(part)
}

_approved(part) if {
	facts.answering
	weighing.approved(part)
}

_clear := [one | some one in _judged; one.ground != null]

# What is left: at the question also what still needs an approval, at the answer only what has it.
_left := [one | some one in _clear; _goes(one)]

_goes(_) if facts.asking

_goes(one) if not one.waits

_grounds := {
{
	"code": code,
	"kind": ground.kinds[code],
	"source": data.law.sources[facts.row("grounds", code).source].jci,
	"valid_from": facts.row("grounds", code).valid_from,
} |
	some code in {row.ground | some row in _parts}
}

default _denied := false

_denied if count(_refusals) > 0

_denied if not _satisfied

_denied if count(_left) == 0

_referrals contains code if some code in (phase.referrals | transport.referrals)

_referrals contains code if {
	_denied
	some code in union({purpose.offered, questions.offered, ground.offered, minimise.offered})
}

default _referred := false

_referred if {
	not _denied
	count(phase.referrals | transport.referrals) > 0
}

default _permitted := false

_permitted if {
	not _denied
	not _referred
}

default _outcome := "deny"

_outcome := "refer" if _referred

_outcome := _permit if _permitted

_permit := "permit" if {
	input.stage == "open"
} else := "break_glass" if {
	acute.applies
} else := "permit" if {
	input.stage == "answer"
} else := "permit_duty" if {
	some one in _left
	ground.kinds[one.ground] == "duty"
} else := "permit_pending"

_parts := [_row(one) | some one in _judged]

_row(one) := {
	"question": one.part.question.id,
	"person": one.part.person,
	"category": one.part.category,
	"verdict": _verdict(one),
	"ground": one.ground,
	"reasons": _unapproved(one),
} if {
	_may_go(one)
} else := {
	"question": one.part.question.id,
	"person": one.part.person,
	"category": one.part.category,
	"verdict": "withhold",
	"ground": null,
	"reasons": ((one.why | _unapproved(one)) | _refused),
}

_refused := {refusal.code | some refusal in _refusals}

# At a permit every clear part, at a referral those that a person must look at first.
_may_go(one) if {
	_permitted
	one.ground != null
}

_may_go(one) if {
	_referred
	one.ground != null
	_goes(one)
}

_verdict(one) := "allow" if {
	_permitted
	not one.waits
} else := "needs_approval"

# At the answer an approval that is missing is a reason.
_unapproved(one) := {"DN-16"} if {
	one.waits
	facts.answering
} else := set()

_reasons contains reason if {
	some refusal in ((_refusals | weighing.notes) | minimise.notes)
	reason := _at_gate(refusal)
}

_reasons contains reason if {
	facts.answering
	some one in ground.parts
	some note in weighing.stripped(one.part, one.ground)
	reason := _at_gate(note)
}

_reasons contains reason if {
	some one in _judged
	some code in one.why
	code != "DN-16"
	reason := _at_gate({"code": code, "person": one.part.person, "question": one.part.question.id})
}

# Nobody decided about this very part; the steps may all be done (G9, not G8).
_reasons contains reason if {
	some one in _judged
	"DN-16" in one.why
	reason := _at_gate({
		"code": "DN-16",
		"stage": "G9",
		"remedy": "decide",
		"person": one.part.person,
		"question": one.part.question.id,
	})
}

_reasons contains reason if {
	some one in _clear
	some code in _unapproved(one)
	reason := _at_gate({
		"code": code,
		"stage": "G10",
		"remedy": "approve_separately",
		"person": one.part.person,
		"question": one.part.question.id,
	})
}

# A refusal may name its own gate and remedy where one code serves several gates (DN-16).
_at_gate(refusal) := {
	"code": refusal.code,
	"stage": object.get(refusal, "stage", facts.row("reasons", refusal.code).gate),
	"curable": facts.row("reasons", refusal.code).curable,
	"remedy": object.get(refusal, "remedy", facts.row("reasons", refusal.code).remedy),
	"person": refusal.person,
	"question": refusal.question,
}

_obligations := obligations.withdrawn if {
	_denied
} else := obligations.of(_left)
