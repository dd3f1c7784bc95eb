# METADATA
# title: G12 Vastlegging
# description: Niets wordt verstrekt voordat het in het logboek staat. Deelgrond houdt de onderdelen vast totdat een
#   ondertekend controlepunt de verstrekking omvat; het beleid zelf geeft bij elk besluit dat toestaat de verplichting
#   om de vastlegging te bewaren (OB-13).
# custom: {source: "AVG art. 5 lid 2; NEN 7513; Stcrt. 2019, 38007"}
# schemas:
#   - input: schema["document.schema"]
package sharing.record

# METADATA
# title: Bewaren van het log
# description: Inzage en besluit worden gedurende de termijn bewaard, zonder steekproef; bij acuut gevaar volgt de
#   volledige vastlegging binnen de dag en toetst de privacy officer haar. De punten 6 en 7 van law.md 4.3 hebben geen
#   eigen code - zij bepalen wanneer deze verplichting moet zijn vervuld.
# custom: {code: OB-13, source: "AVG art. 5 lid 2; law.md 4.3, 8", kind: LAW}
duties contains {"code": "OB-13", "on": "broker", "term": data.parameters.log.retention, "person": null}
