# METADATA
# title: G11 Vertrouwen en transport
# description: Both sides are connected to this network; otherwise another secure channel, by way of a person.
# custom: {source: "AVG art. 28, 32; law.md S22"}
# schemas:
#   - input: schema["document.schema"]
package sharing.transport

import data.sharing.acute
import data.sharing.facts

# METADATA
# title: Aangesloten
# description: Requester and responder are both connected.
# custom: {code: ES-07, source: "AVG art. 32", kind: LAW}
satisfied if {
	input.requester.connected
	input.responder.connected
}

# METADATA
# description: Not connected is no legal obstacle, only one of transport - the trust officer finds a channel.
referrals contains "ES-07" if {
	not acute.applies
	not satisfied
}

# METADATA
# title: Mondeling antwoord nog niet geaccordeerd
# description: What was said by word of mouth is used only after the responder approved the report of it (S32).
# custom: {code: ES-01, source: "KN-2018-6.1; HP-8", kind: CODE}
referrals contains "ES-01" if {
	facts.answering
	not acute.applies
	not input.payload.written
	not input.payload.report_approved
}
