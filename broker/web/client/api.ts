// Written by types.mjs from docs/api/openapi.json: `make pages`. Change the shapes in broker/api, not this file.

import type { Json } from "./canonical";

/**
 * What the client is told, and what it tells.
 */
export type Message = PreviewedOut | OpeningOut | ReleaseIn | EventOut;
/**
 * Where a request stands.
 */
export type State = "asked" | "refused" | "referred" | "delivered" | "weighing" | "released" | "declined";

/**
 * What would leave now, and the keys that each allowed part is to be sealed to.
 *
 * `log` is the log's verifier key by the broker's word: who seals holds it against the one he had from elsewhere.
 */
export interface PreviewedOut {
  readonly decision: DecisionOut;
  readonly log: string;
  readonly recipients: readonly RecipientOut[];
  readonly request: RequestLineOut;
  readonly weighed: readonly WeighedOut[];
}
/**
 * A decision on record around the document of decision.md; with `salt`, base64, `digest` can be made again.
 */
export interface DecisionOut {
  readonly at: string;
  readonly digest: string;
  readonly engine: string;
  readonly exceptions: readonly ("X1" | "X2" | "X3" | "X4" | "X5")[];
  readonly grounds: readonly GroundOut[];
  readonly id: string;
  readonly law_as_of: string;
  readonly obligations: readonly DutyOut[];
  readonly outcome: "deny" | "refer" | "permit_pending" | "permit_duty" | "permit" | "break_glass";
  readonly parts: readonly VerdictOut[];
  readonly policy: PolicyOut;
  readonly reasons: readonly ReasonOut[];
  readonly referrals: readonly ("ES-01" | "ES-02" | "ES-03" | "ES-04" | "ES-05" | "ES-06" | "ES-07" | "ES-08" | "ES-09")[];
  readonly request: string | null;
  readonly salt: string | null;
  readonly stage: "ask" | "answer" | "open";
  readonly todo: readonly ("ST-01" | "ST-02" | "ST-03" | "ST-04" | "ST-05" | "ST-06" | "ST-07" | "ST-08" | "ST-09" | "ST-10" | "ST-11")[];
  readonly version: number;
}
/**
 * A legal ground that carries at least one part.
 */
export interface GroundOut {
  readonly code: string;
  readonly kind: "duty" | "right" | "consent" | "representative" | "vital_interest" | "conflict_of_duties";
  readonly source: string;
  readonly valid_from: string;
}
/**
 * What comes with the decision: on whom, towards whom, by when.
 */
export interface DutyOut {
  readonly code:
    | "OB-01"
    | "OB-02"
    | "OB-03"
    | "OB-04"
    | "OB-05"
    | "OB-06"
    | "OB-07"
    | "OB-08"
    | "OB-09"
    | "OB-10"
    | "OB-11"
    | "OB-12"
    | "OB-13"
    | "OB-14"
    | "OB-15"
    | "OB-02b";
  readonly due: string | null;
  readonly on: "requester" | "responder" | "broker" | "controller" | "privacy_officer";
  readonly person: string | null;
}
/**
 * The verdict on one question, person and category.
 */
export interface VerdictOut {
  readonly category:
    | "id"
    | "contact"
    | "bsn"
    | "gezin"
    | "veiligheid"
    | "zorg_betrokkenheid"
    | "gez_kern"
    | "gez_detail"
    | "opvoeding"
    | "school"
    | "hulp_verloop"
    | "straf"
    | "seks"
    | "etn_rel"
    | "genetisch"
    | "locatie_slachtoffer"
    | "derde"
    | "bron"
    | "werkaantekening"
    | "opinie"
    | "heel_dossier";
  readonly ground: string | null;
  readonly person: string;
  readonly question: string;
  readonly reasons: readonly (
    | "DN-01"
    | "DN-02"
    | "DN-03"
    | "DN-04"
    | "DN-05"
    | "DN-06"
    | "DN-07"
    | "DN-08"
    | "DN-09"
    | "DN-10"
    | "DN-11"
    | "DN-12"
    | "DN-13"
    | "DN-14"
    | "DN-15"
    | "DN-16"
    | "DN-17"
    | "DN-18"
    | "DN-19"
    | "DN-20"
    | "DN-21"
    | "DN-22"
    | "DN-23"
    | "DN-24"
    | "DN-25"
    | "DN-26"
    | "DN-27"
    | "DN-28"
    | "DN-29"
    | "DN-30"
  )[];
  readonly verdict: "allow" | "withhold" | "needs_approval";
}
/**
 * The bundle that decided.
 */
export interface PolicyOut {
  readonly digest: string;
  readonly revision: string;
}
/**
 * Why something is refused or withheld; `stage` is the gate that says so.
 */
export interface ReasonOut {
  readonly code:
    | "DN-01"
    | "DN-02"
    | "DN-03"
    | "DN-04"
    | "DN-05"
    | "DN-06"
    | "DN-07"
    | "DN-08"
    | "DN-09"
    | "DN-10"
    | "DN-11"
    | "DN-12"
    | "DN-13"
    | "DN-14"
    | "DN-15"
    | "DN-16"
    | "DN-17"
    | "DN-18"
    | "DN-19"
    | "DN-20"
    | "DN-21"
    | "DN-22"
    | "DN-23"
    | "DN-24"
    | "DN-25"
    | "DN-26"
    | "DN-27"
    | "DN-28"
    | "DN-29"
    | "DN-30";
  readonly curable: boolean;
  readonly person: string | null;
  readonly question: string | null;
  readonly remedy: string | null;
  readonly stage: "G0" | "G1" | "G2" | "G3" | "G4" | "G5" | "G6" | "G7" | "G8" | "G9" | "G10" | "G11" | "G12";
}
/**
 * A key to seal to, and the event of the log that commits to whose it is, so that who seals checks it.
 *
 * `public_opening` is the X-Wing public key; the log commits under `salt` to `binding`: whose key it is, and who
 * confirmed it.
 */
export interface RecipientOut {
  readonly binding: { readonly [name: string]: Json };
  readonly event: EventOut;
  readonly key_id: string;
  readonly public_opening: string;
  readonly public_signing: string;
  readonly salt: string;
  readonly staff: string;
  readonly status: "in_use" | "waits";
}
/**
 * An event with its entry bytes and its proof, base64, so that the reader verifies it himself.
 *
 * `detail` and `salt` are null when they are not for this reader, or were destroyed; `checkpoint` and `proof` before a
 * checkpoint covers the event.
 */
export interface EventOut {
  readonly checkpoint: string | null;
  readonly detail: { readonly [name: string]: Json } | null;
  readonly entry: string;
  readonly id: string;
  readonly index: number | null;
  readonly proof: readonly string[] | null;
  readonly salt: string | null;
  readonly tag: string;
}
/**
 * A request in a list, without texts; `questions` is how many.
 */
export interface RequestLineOut {
  readonly acute: boolean;
  readonly asked_at: string;
  readonly case: string;
  readonly id: string;
  readonly purpose:
    | "vt_onderzoek"
    | "vt_veiligheidsbeoordeling"
    | "vt_advies"
    | "vt_monitoring"
    | "rvdk_bescherming"
    | "rvdk_gezag_omgang"
    | "rvdk_straf"
    | "ots_uitvoering"
    | "voogdij_uitvoering"
    | "gi_vrijwillig"
    | "behandeling"
    | "toeleiding_jeugdhulp"
    | "ondersteuning_wmo"
    | "leerplicht_handhaving"
    | "opsporing"
    | "casusoverleg_zvh"
    | "casusoverleg_overig"
    | "vir_afstemming"
    | "onderzoek_statistiek"
    | "acuut_gevaar";
  readonly questions: number;
  readonly requester: string;
  readonly responder: string;
  readonly state: State;
}
/**
 * What the professional chose to give, so that his client seals nothing else.
 */
export interface WeighedOut {
  readonly about: string;
  readonly category:
    | "id"
    | "contact"
    | "bsn"
    | "gezin"
    | "veiligheid"
    | "zorg_betrokkenheid"
    | "gez_kern"
    | "gez_detail"
    | "opvoeding"
    | "school"
    | "hulp_verloop"
    | "straf"
    | "seks"
    | "etn_rel"
    | "genetisch"
    | "locatie_slachtoffer"
    | "derde"
    | "bron"
    | "werkaantekening"
    | "opinie"
    | "heel_dossier";
  readonly kind: "fact" | "observation" | "reported_by_other" | "opinion";
  readonly question: string;
}
/**
 * The sealed parts that may be opened now with all that they are bound to, and which stay closed.
 *
 * `responder_public` is the professional's Ed25519 public key; `manifest`, what was released without the parts
 * themselves, and `salt` open the commitment in `event`; `log` is the log's verifier key by the broker's word;
 * `to_earlier_key` how many parts were sealed to a key that the reader had before.
 */
export interface OpeningOut {
  readonly closed: readonly ClosedOut[];
  readonly decision: DecisionOut;
  readonly event: EventOut;
  readonly log: string;
  readonly manifest: { readonly [name: string]: Json };
  readonly parts: readonly SealedPartOut[];
  readonly requester: string;
  readonly responder: string;
  readonly responder_public: string;
  readonly salt: string;
  readonly sealed_under: string;
  readonly to_earlier_key: number;
}
/**
 * A part that was released and may not be opened now, and why.
 */
export interface ClosedOut {
  readonly category:
    | "id"
    | "contact"
    | "bsn"
    | "gezin"
    | "veiligheid"
    | "zorg_betrokkenheid"
    | "gez_kern"
    | "gez_detail"
    | "opvoeding"
    | "school"
    | "hulp_verloop"
    | "straf"
    | "seks"
    | "etn_rel"
    | "genetisch"
    | "locatie_slachtoffer"
    | "derde"
    | "bron"
    | "werkaantekening"
    | "opinie"
    | "heel_dossier";
  readonly person: string;
  readonly question: string;
  readonly reasons: readonly (
    | "DN-01"
    | "DN-02"
    | "DN-03"
    | "DN-04"
    | "DN-05"
    | "DN-06"
    | "DN-07"
    | "DN-08"
    | "DN-09"
    | "DN-10"
    | "DN-11"
    | "DN-12"
    | "DN-13"
    | "DN-14"
    | "DN-15"
    | "DN-16"
    | "DN-17"
    | "DN-18"
    | "DN-19"
    | "DN-20"
    | "DN-21"
    | "DN-22"
    | "DN-23"
    | "DN-24"
    | "DN-25"
    | "DN-26"
    | "DN-27"
    | "DN-28"
    | "DN-29"
    | "DN-30"
  )[];
}
/**
 * One sealed part, base64.
 */
export interface SealedPartOut {
  readonly category:
    | "id"
    | "contact"
    | "bsn"
    | "gezin"
    | "veiligheid"
    | "zorg_betrokkenheid"
    | "gez_kern"
    | "gez_detail"
    | "opvoeding"
    | "school"
    | "hulp_verloop"
    | "straf"
    | "seks"
    | "etn_rel"
    | "genetisch"
    | "locatie_slachtoffer"
    | "derde"
    | "bron"
    | "werkaantekening"
    | "opinie"
    | "heel_dossier";
  readonly person: string;
  readonly question: string;
  readonly recipient: string;
  readonly sealed: string;
}
/**
 * The sealed answer, under the decision that was previewed.
 */
export interface ReleaseIn {
  readonly decision: string;
  /**
   * @minItems 1
   * @maxItems 5000
   */
  readonly parts: readonly SealedPartIn[];
}
/**
 * One sealed part, base64.
 */
export interface SealedPartIn {
  readonly category:
    | "id"
    | "contact"
    | "bsn"
    | "gezin"
    | "veiligheid"
    | "zorg_betrokkenheid"
    | "gez_kern"
    | "gez_detail"
    | "opvoeding"
    | "school"
    | "hulp_verloop"
    | "straf"
    | "seks"
    | "etn_rel"
    | "genetisch"
    | "locatie_slachtoffer"
    | "derde"
    | "bron"
    | "werkaantekening"
    | "opinie"
    | "heel_dossier";
  readonly person: string;
  readonly question: string;
  readonly recipient: string;
  readonly sealed: string;
}
