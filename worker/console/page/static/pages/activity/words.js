// What the activity page says.

import {words} from "../../lib/i18n.js";

export const t = words({
  en: {
    title: "Activity", hint: "What changed, why, and what waits for somebody.", parts: "Activity", changes: "Changes", reviews: "To review", refusals: "Refused", letters: "Dead letters",
    live: "Live", offline: "Not connected, trying again", show: "Show", all: "Everything", status: "Status", tags: "Tags",
    became: "{name} became {to}", isNew: "{name} is new, as {to}", tagged: "{name} has other tags", review: "{name} should be reviewed", added: "added", removed: "removed", ended: "Reason: {reason}",
    more: "Show older", noChanges: "Nothing has changed yet", noChangesHint: "Changes of status and tags appear here as they happen.",
    reviewsHint: "Nothing that made these clients {converted} stands any more: a booking was cancelled, an invoice withdrawn, a payment refunded. Somebody decides.", noReviews: "Nothing waits for you", noReviewsHint: "A suggestion appears when everything that made a client a customer was taken back.",
    since: "Suggested {when}", keep: "Keep as {status}", set: "Set to {status}", kept: "{name} stays {status}.", moved: "{name} is now {status}.",
    noRefusals: "No command was refused", noRefusalsHint: "What is asked of the worker and cannot be done appears here, with the reason.", part: "In part", whole: "Refused", dry: "Trial", from: "from {source}", clients: {one: "{n} client", other: "{n} clients"},
    lettersHint: "Records that could not be processed. They are kept as they were; once the cause is mended, send them in again.", noLetters: "Everything could be processed", noLettersHint: "A record that cannot be processed appears here, with what is wrong with it.",
    place: "{topic}, partition {partition}, offset {offset}", replay: "Replay", replayed: "Sent in again.", before: "It was sent in again before.", notReplayable: "Cannot be sent in again as it is",
    replayAll: "Replay all", replayAllTitle: "Replay all dead letters?", replayAllHint: "All of them are sent in again, except what was sent in again before.", replayAllOf: "All with the code {code} are sent in again, except what was sent in again before.", comesBack: "What still cannot be processed comes back here.", replaying: "Sending …", replayedAll: {one: "{n} sent in again", other: "{n} sent in again"}, skippedAll: {one: "{n} was before", other: "{n} were before"}, refusedAll: {one: "{n} cannot be", other: "{n} cannot be"},
  },
  nl: {
    title: "Activiteit", hint: "Wat er is veranderd, waarom, en wat op een beslissing wacht.", parts: "Activiteit", changes: "Wijzigingen", reviews: "Te beoordelen", refusals: "Geweigerd", letters: "Niet verwerkt",
    live: "Live", offline: "Geen verbinding, wordt opnieuw geprobeerd", show: "Tonen", all: "Alles", status: "Status", tags: "Labels",
    became: "{name} werd {to}", isNew: "{name} is nieuw, als {to}", tagged: "{name} heeft andere labels", review: "{name} is te beoordelen", added: "toegevoegd", removed: "verwijderd", ended: "Reden: {reason}",
    more: "Oudere tonen", noChanges: "Er is nog niets veranderd", noChangesHint: "Wijzigingen van status en labels verschijnen hier meteen.",
    reviewsHint: "Niets van wat deze klanten de status {converted} gaf, geldt nog: een boeking of factuur is geannuleerd, of een betaling is terugbetaald. U beslist.", noReviews: "Er is niets te beoordelen", noReviewsHint: "Een voorstel verschijnt als alles wat iemand klant maakte, is teruggedraaid.",
    since: "Voorgesteld: {when}", keep: "{status} laten", set: "{status} maken", kept: "{name} blijft {status}.", moved: "{name} is nu {status}.",
    noRefusals: "Er is geen opdracht geweigerd", noRefusalsHint: "Wat gevraagd wordt en niet kan, verschijnt hier, met de reden.", part: "Deels", whole: "Geweigerd", dry: "Proef", from: "van {source}", clients: {one: "{n} klant", other: "{n} klanten"},
    lettersHint: "Berichten die niet verwerkt konden worden. Ze zijn ongewijzigd bewaard; laat ze opnieuw verwerken als de oorzaak is verholpen.", noLetters: "Alles kon worden verwerkt", noLettersHint: "Een bericht dat niet verwerkt kan worden, verschijnt hier, met wat eraan mankeert.",
    place: "{topic}, partitie {partition}, offset {offset}", replay: "Opnieuw verwerken", replayed: "Opnieuw ingestuurd.", before: "Dit is al eerder opnieuw ingestuurd.", notReplayable: "Kan zo niet opnieuw worden verwerkt",
    replayAll: "Alles opnieuw verwerken", replayAllTitle: "Alle niet verwerkte berichten opnieuw verwerken?", replayAllHint: "Alle berichten worden opnieuw ingestuurd, behalve wat dat al eerder is.", replayAllOf: "Alle berichten met de code {code} worden opnieuw ingestuurd, behalve wat dat al eerder is.", comesBack: "Wat nog steeds niet verwerkt kan worden, komt hier terug.", replaying: "Insturen …", replayedAll: {one: "{n} opnieuw ingestuurd", other: "{n} opnieuw ingestuurd"}, skippedAll: {one: "{n} was dat al", other: "{n} waren dat al"}, refusedAll: {one: "{n} kan niet", other: "{n} kunnen niet"},
  },
  it: {
    title: "Attività", hint: "Che cosa è cambiato, perché, e che cosa aspetta una decisione.", parts: "Attività", changes: "Cambiamenti", reviews: "Da verificare", refusals: "Rifiutati", letters: "Non elaborati",
    live: "In tempo reale", offline: "Non connesso, nuovo tentativo in corso", show: "Mostra", all: "Tutto", status: "Stato", tags: "Etichette",
    became: "{name} è diventato {to}", isNew: "{name} è nuovo, come {to}", tagged: "{name} ha altre etichette", review: "{name} è da verificare", added: "aggiunta", removed: "tolta", ended: "Motivo: {reason}",
    more: "Mostra precedenti", noChanges: "Non è ancora cambiato nulla", noChangesHint: "I cambiamenti di stato e di etichette appaiono qui in tempo reale.",
    reviewsHint: "Nulla di ciò che ha dato a questi clienti lo stato {converted} vale ancora: una prenotazione o una fattura è stata annullata, un pagamento rimborsato. Decidi tu.", noReviews: "Niente da verificare", noReviewsHint: "Un suggerimento appare quando tutto ciò che ha reso qualcuno cliente è stato ritirato.",
    since: "Suggerito: {when}", keep: "Lascia {status}", set: "Imposta {status}", kept: "{name} resta {status}.", moved: "{name} ora è {status}.",
    noRefusals: "Nessun comando è stato rifiutato", noRefusalsHint: "Ciò che si chiede e non si può fare appare qui, con il motivo.", part: "In parte", whole: "Rifiutato", dry: "Prova", from: "da {source}", clients: {one: "{n} cliente", other: "{n} clienti"},
    lettersHint: "Messaggi che non si sono potuti elaborare. Sono conservati com'erano; risolta la causa, inviali di nuovo.", noLetters: "È stato elaborato tutto", noLettersHint: "Un messaggio che non si può elaborare appare qui, con ciò che non va.",
    place: "{topic}, partizione {partition}, offset {offset}", replay: "Invia di nuovo", replayed: "Inviato di nuovo.", before: "Era già stato inviato di nuovo.", notReplayable: "Non si può inviare di nuovo così com'è",
    replayAll: "Invia di nuovo tutti", replayAllTitle: "Inviare di nuovo tutti i messaggi non elaborati?", replayAllHint: "Vengono inviati di nuovo tutti, tranne quelli che lo sono già stati.", replayAllOf: "Vengono inviati di nuovo tutti quelli con il codice {code}, tranne quelli che lo sono già stati.", comesBack: "Ciò che ancora non si può elaborare torna qui.", replaying: "Invio …", replayedAll: {one: "{n} inviato di nuovo", other: "{n} inviati di nuovo"}, skippedAll: {one: "{n} lo era già stato", other: "{n} lo erano già stati"}, refusedAll: {one: "{n} non si può inviare", other: "{n} non si possono inviare"},
  },
  fi: {
    title: "Tapahtumat", hint: "Mikä muuttui ja miksi, ja mikä odottaa päätöstä.", parts: "Tapahtumat", changes: "Muutokset", reviews: "Tarkistettavat", refusals: "Hylätyt", letters: "Käsittelemättömät",
    live: "Reaaliajassa", offline: "Ei yhteyttä, yritetään uudelleen", show: "Näytä", all: "Kaikki", status: "Tila", tags: "Tunnisteet",
    became: "{name}: uusi tila on {to}", isNew: "{name} on uusi, tilana {to}", tagged: "{name}: tunnisteet muuttuivat", review: "{name} on tarkistettava", added: "lisätty", removed: "poistettu", ended: "Syy: {reason}",
    more: "Näytä vanhempia", noChanges: "Mikään ei ole vielä muuttunut", noChangesHint: "Tilan ja tunnisteiden muutokset näkyvät tässä sitä mukaa kuin ne tapahtuvat.",
    reviewsHint: "Mikään, minkä vuoksi näillä asiakkailla on tila {converted}, ei ole enää voimassa: varaus peruttiin, lasku mitätöitiin tai maksu palautettiin. Päätös on sinun.", noReviews: "Ei tarkistettavaa", noReviewsHint: "Ehdotus ilmestyy, kun kaikki asiakkuuden perusteet on peruttu.",
    since: "Ehdotettu: {when}", keep: "Pidä tilana {status}", set: "Aseta tilaksi {status}", kept: "{name}: tilana pysyy {status}.", moved: "{name}: tila on nyt {status}.",
    noRefusals: "Yhtään komentoa ei ole hylätty", noRefusalsHint: "Pyynnöt, joita ei voi toteuttaa, näkyvät tässä syineen.", part: "Osittain", whole: "Hylätty", dry: "Kokeilu", from: "lähteestä {source}", clients: {one: "{n} asiakas", other: "{n} asiakasta"},
    lettersHint: "Viestit, joita ei voitu käsitellä. Ne säilytetään sellaisinaan; kun syy on korjattu, lähetä ne uudelleen.", noLetters: "Kaikki on käsitelty", noLettersHint: "Viesti, jota ei voida käsitellä, näkyy tässä syineen.",
    place: "{topic}, osio {partition}, kohta {offset}", replay: "Lähetä uudelleen", replayed: "Lähetetty uudelleen.", before: "Se on jo lähetetty uudelleen.", notReplayable: "Ei voi lähettää uudelleen sellaisenaan",
    replayAll: "Lähetä kaikki uudelleen", replayAllTitle: "Lähetetäänkö kaikki käsittelemättömät uudelleen?", replayAllHint: "Kaikki lähetetään uudelleen, paitsi jo aiemmin uudelleen lähetetyt.", replayAllOf: "Kaikki, joiden koodi on {code}, lähetetään uudelleen, paitsi jo aiemmin uudelleen lähetetyt.", comesBack: "Se, mitä ei vieläkään voida käsitellä, palaa tänne.", replaying: "Lähetetään …", replayedAll: {one: "{n} lähetetty uudelleen", other: "{n} lähetetty uudelleen"}, skippedAll: {one: "{n} oli jo lähetetty", other: "{n} oli jo lähetetty"}, refusedAll: {one: "{n} ei voi lähettää", other: "{n} ei voi lähettää"},
  },
}, "activity");
