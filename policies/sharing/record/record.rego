# METADATA
# title: G12 Vastlegging
# description: Nothing is released before it is in the log. The broker holds the parts until a signed checkpoint covers the
#   release; the policy's share is the duty to keep the record (OB-13), which comes with every permit.
# custom: {source: "AVG art. 5 lid 2; NEN 7513; Stcrt. 2019, 38007"}
# schemas:
#   - input: schema["document.schema"]
package sharing.record

# METADATA
# title: Bewaren van het log
# description: Access and decision are kept for the term, without sampling; in acute danger the full record follows
#   within the day and the privacy officer reviews it. Law.md 4.3 items 6 and 7 have no code of their own - they are
#   when this duty is due.
# custom: {code: OB-13, source: "AVG art. 5 lid 2; law.md 4.3, 8", kind: LAW}
duties contains {"code": "OB-13", "on": "broker", "term": data.parameters.log.retention, "person": null}
