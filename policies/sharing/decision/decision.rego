# METADATA
# title: Besluit
# description: The one thing ever asked. A permit needs two locks - every gate satisfied, and no refusal.
# custom: {source: "decision.md; law.md 4"}
package sharing.decision

import data.sharing.acute
import data.sharing.exceptions
import data.sharing.facts
import data.sharing.ground
import data.sharing.minimise
import data.sharing.obligations
import data.sharing.operation
import data.sharing.phase
import data.sharing.purpose
import data.sharing.questions
import data.sharing.receiver
import data.sharing.requester
import data.sharing.responder
import data.sharing.steps
import data.sharing.transport
import data.sharing.weighing

# METADATA
# title: Antwoord van het beleid
# description: The outcome with everything that belongs to it. Terms are codes; sets carry no order.
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
	"todo": [],
	"exceptions": [],
	"bundle": _bundle,
} if {
	input.stage == "operate"
}

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
default _bundle := {"revision": "unbuilt", "digest": "unbuilt"}

_bundle := data.bundle

default _operation_outcome := "deny"

_operation_outcome := "permit" if {
	operation.satisfied
	count(operation.refusals) == 0
}

# The gates that speak about the request as a whole: both locks of each.
_refusals := union({
	requester.refusals, purpose.refusals, phase.refusals, questions.refusals,
	responder.refusals, ground.refusals, steps.refusals, weighing.refusals,
})

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

# The gates that speak about one part.
_withheld[i] contains code if {
	some verdict in union({
		questions.withheld, responder.withheld, ground.withheld, receiver.withheld, weighing.withheld, minimise.withheld,
	})
	i := verdict.at
	code := verdict.code
}

_clear contains i if {
	some i, _ in facts.parts
	not _withheld[i]
	ground.of[i]
	i in receiver.may_process
	minimise.ceiling[i] in {"y", "a"}
	_released_by_professional(i)
}

_released_by_professional(_) if facts.asking

_released_by_professional(i) if i in weighing.given

# What is left: at the question also what still needs an approval, at the answer only what has it.
_left contains i if {
	some i in _clear
	not i in minimise.unapproved
}

_grounds contains ground_in_answer if {
	some i, row in _parts
	row.ground != null
	entry := data.law.grounds[ground.of[i]]
	ground_in_answer := {
		"code": ground.of[i],
		"kind": entry.kind,
		"source": entry.source,
		"valid_from": entry.valid_from,
	}
}

_denied if count(_refusals) > 0

_denied if not _satisfied

_denied if count(_left) == 0

_referrals contains code if some code in (phase.referrals | transport.referrals)

_referrals contains code if {
	_denied
	some code in (purpose.offered | questions.offered)
}

_referred if {
	not _denied
	count(phase.referrals | transport.referrals) > 0
}

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
	some i in _left
	data.law.grounds[ground.of[i]].kind == "duty"
} else := "permit_pending"

_parts := [row |
	some i, part in facts.parts
	verdict := _verdict(i)
	row := {
		"question": part.question,
		"person": part.person,
		"category": part.category,
		"verdict": verdict,
		"ground": _ground(i, verdict),
		"reasons": _codes(i, verdict),
	}
]

_verdict(i) := "needs_approval" if {
	_permitted
	i in minimise.needs_approval
	i in _clear
	_unapproved(i)
} else := "allow" if {
	_permitted
	i in _left
} else := "needs_approval" if {
	# A referral is a person who must look first.
	_referred
	i in _clear
} else := "withhold"

_unapproved(_) if facts.asking

_unapproved(i) if i in minimise.unapproved

_ground(i, verdict) := ground.of[i] if {
	verdict in {"allow", "needs_approval"}
} else := null

_codes(_, "allow") := set()

_codes(i, "needs_approval") := {code | i in minimise.unapproved; code := "DN-16"}

_codes(i, "withhold") := union({
	object.get(_withheld, i, set()),
	{refusal.code | some refusal in _refusals},
	{code | i in minimise.unapproved; code := "DN-16"},
})

_reasons contains reason if {
	some refusal in union({_refusals, weighing.notes, minimise.notes})
	reason := _at_gate(refusal)
}

_reasons contains reason if {
	some i, codes in _withheld
	some code in codes
	part := facts.parts[i]
	reason := _at_gate({"code": code, "person": part.person, "question": part.question})
}

_reasons contains reason if {
	some i in minimise.unapproved
	part := facts.parts[i]
	reason := _at_gate({
		"code": "DN-16",
		"stage": "G10",
		"remedy": "approve_separately",
		"person": part.person,
		"question": part.question,
	})
}

# A refusal may name its own gate and remedy where one code serves several gates (DN-16).
_at_gate(refusal) := {
	"code": refusal.code,
	"stage": object.get(refusal, "stage", data.law.reasons[refusal.code].gate),
	"curable": data.law.reasons[refusal.code].curable,
	"remedy": object.get(refusal, "remedy", data.law.reasons[refusal.code].remedy),
	"person": refusal.person,
	"question": refusal.question,
}

_obligations := obligations.of(_left) if {
	_permitted
} else := obligations.of(_left) if {
	_referred
} else := obligations.withdrawn
