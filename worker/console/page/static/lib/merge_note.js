// The note of a merge (E4) in the reader's language. On the card it is English; what this page knows of its sentences is
// said in words of its own, and names, ids and values stay as they are.

import {dateTime, language, words} from "./i18n.js";

const t = words({
  en: {
    merged: "Merged on {when} by {rest}", nobody: "(no person was named)", earlier: ", with {ids} that had been merged into it", left: "Not taken over from {id}: ", all: "All of it was taken over.",
    "name": "name", "staff member": "staff member", "source": "source", "client type": "client type", "industry": "industry", "head count": "head count", "tag": "tag", "e-mail address": "e-mail address", "phone number": "phone number", "payment card": "payment card", "the note": "the note", status: "status {status} since {day}", reason: "status {status} since {day}, reason: {reason}",
  },
  nl: {
    merged: "Samengevoegd op {when} door {rest}", nobody: "(geen persoon genoemd)", earlier: ", met {ids} die er eerder mee waren samengevoegd", left: "Niet overgenomen van {id}: ", all: "Alles is overgenomen.",
    "name": "naam", "staff member": "medewerker", "source": "bron", "client type": "klanttype", "industry": "branche", "head count": "aantal medewerkers", "tag": "label", "e-mail address": "e-mailadres", "phone number": "telefoonnummer", "payment card": "betaalkaart", "the note": "de notitie", status: "status {status} sinds {day}", reason: "status {status} sinds {day}, reden: {reason}",
  },
  it: {
    merged: "Unito il {when} da {rest}", nobody: "(nessuna persona indicata)", earlier: ", con {ids} già uniti in precedenza", left: "Non preso da {id}: ", all: "È stato preso tutto.",
    "name": "nome", "staff member": "collaboratore", "source": "origine", "client type": "tipo di cliente", "industry": "settore", "head count": "numero di dipendenti", "tag": "etichetta", "e-mail address": "indirizzo e-mail", "phone number": "numero di telefono", "payment card": "carta di pagamento", "the note": "la nota", status: "stato {status} dal {day}", reason: "stato {status} dal {day}, motivo: {reason}",
  },
  fi: {
    merged: "Yhdistetty {when}, tekijä {rest}", nobody: "(henkilöä ei mainittu)", earlier: " sekä siihen aiemmin yhdistetyt {ids}", left: "Ei otettu kortilta {id}: ", all: "Kaikki otettiin mukaan.",
    "name": "nimi", "staff member": "työntekijä", "source": "lähde", "client type": "asiakastyyppi", "industry": "toimiala", "head count": "henkilöstömäärä", "tag": "tunniste", "e-mail address": "sähköpostiosoite", "phone number": "puhelinnumero", "payment card": "maksukortti", "the note": "muistiinpano", status: "tila {status} {day} alkaen", reason: "tila {status} {day} alkaen, syy: {reason}",
  },
}, "merge note");

const ID = "[\\w.:-]{1,64}";
const NOTE = /^Merged on (\d{4}-\d\d-\d\d) at (\d\d:\d\d) UTC by ([^]*)$/;
const THINGS = "name|staff member|source|client type|industry|head count|tag|e-mail address|phone number|payment card|the note";

// Any other note stays as it is.
export function noteSaid(note) {
  const found = language() === "en" ? null : NOTE.exec(note ?? "");
  if (!found) return note;
  const [, day, time, rest] = found;
  const [who, ...left] = rest.split(new RegExp(` (?=Not taken over from ${ID}: )`));
  return [t("merged", {when: dateTime(`${day}T${time}:00Z`), rest: whoSaid(who)}), ...left.map(leftSaid)].join(" ");
}

const whoSaid = (said) => said
  .replace(" (no person was named): ", () => ` ${t("nobody")}: `)
  .replace(new RegExp(`, with (${ID}(?:, ${ID})*) that had been merged into it`, "g"), (_, ids) => t("earlier", {ids}))
  .replace(/ All that was on (?:it|them) was taken over\.$/, () => ` ${t("all")}`);

const leftSaid = (said) => said
  .replace(new RegExp(`^Not taken over from (${ID}): `), (_, id) => t("left", {id}))
  .replace(new RegExp(`(: |; )(${THINGS}) "`, "g"), (_, before, thing) => `${before}${t(thing)} "`)
  .replace(/(: |; )status ([^;]+?) since (\d{4}-\d\d-\d\d)(?: for the reason ([\w.:-]+))?(?=[;.])/g, (_, before, status, day, reason) => `${before}${t(reason ? "reason" : "status", {status, day, reason})}`);
