# METADATA
# title: G11 Vertrouwen en transport
# description: Beide kanten zijn op dit netwerk aangesloten; anders een ander beveiligd kanaal, via een persoon.
# custom: {source: "AVG art. 28, 32; law.md S22"}
# schemas:
#   - input: schema["document.schema"]
package sharing.transport

import data.sharing.acute
import data.sharing.facts

# METADATA
# title: Aangesloten
# description: Vrager en bevraagde zijn beiden aangesloten.
# custom: {code: ES-07, source: "AVG art. 32", kind: LAW}
satisfied if {
	input.requester.connected
	input.responder.connected
}

# METADATA
# title: Niet aangesloten
# description: Niet aangesloten zijn is geen juridisch beletsel, alleen een beletsel voor het transport - de
#   netwerkbeheerder zoekt een kanaal.
referrals contains "ES-07" if {
	not acute.applies
	not satisfied
}

# METADATA
# title: Mondeling antwoord nog niet geaccordeerd
# description: Wat mondeling is gezegd, wordt pas gebruikt nadat de bevraagde het verslag ervan heeft goedgekeurd (S32).
# custom: {code: ES-01, source: "KN-2018-6.1; HP-8", kind: CODE}
referrals contains "ES-01" if {
	facts.answering
	not acute.applies
	not input.payload.written
	not input.payload.report_approved
}
