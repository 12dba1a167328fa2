// What is said of the tags of a business.

import {words} from "../../lib/i18n.js";

export const t = words({
  en: {
    title: "Tags", hint: "All that clients have. They come from a client's card, from a selection of clients, from tag rules and from imports.", none: "No tags yet", noneHint: "Add one on a client's card, or to several clients at once in the list of clients.", find: "Find a tag", nothing: "No tag has this in its name.", more: {one: "Show {n} more", other: "Show {n} more"},
    renameTitle: "Rename “{tag}”", rename: "Rename", join: "Make them one", name: "New name", forAll: {one: "{n} client has it.", other: "{n} clients have it."}, becomeOne: {one: "There is the tag “{tag}” already, with {n} client: the two become one. This cannot be undone.", other: "There is the tag “{tag}” already, with {n} clients: the two become one. This cannot be undone."}, renameHint: "Every client that has it gets the new name, also in what arrives late under the old one.", renamed: "“{from}” is now “{to}”.",
    removeTitle: "Delete “{tag}”?", losing: {one: "{n} client loses it. This cannot be undone.", other: "{n} clients lose it. This cannot be undone."},
  },
  nl: {
    title: "Labels", hint: "Alle labels die klanten hebben. Ze komen van de kaart van een klant, van een selectie van klanten, van labelregels en van imports.", none: "Nog geen labels", noneHint: "Voeg er een toe op de kaart van een klant, of bij meerdere klanten tegelijk in de lijst.", find: "Label zoeken", nothing: "Geen label heeft dit in zijn naam.", more: {one: "Nog {n} tonen", other: "Nog {n} tonen"},
    renameTitle: "‘{tag}’ hernoemen", rename: "Hernoemen", join: "Eén label ervan maken", name: "Nieuwe naam", forAll: {one: "{n} klant heeft het.", other: "{n} klanten hebben het."}, becomeOne: {one: "Het label ‘{tag}’ is er al, bij {n} klant: de twee worden één. Dit is niet terug te draaien.", other: "Het label ‘{tag}’ is er al, bij {n} klanten: de twee worden één. Dit is niet terug te draaien."}, renameHint: "Elke klant die het heeft krijgt de nieuwe naam, ook in wat later nog onder de oude binnenkomt.", renamed: "‘{from}’ heet nu ‘{to}’.",
    removeTitle: "‘{tag}’ verwijderen?", losing: {one: "{n} klant raakt het kwijt. Dit is niet terug te draaien.", other: "{n} klanten raken het kwijt. Dit is niet terug te draaien."},
  },
  it: {
    title: "Etichette", hint: "Tutte quelle dei clienti. Vengono dalla scheda di un cliente, da una selezione di clienti, dalle regole e dalle importazioni.", none: "Ancora nessuna etichetta", noneHint: "Aggiungine una nella scheda di un cliente, o a più clienti insieme nell'elenco.", find: "Cerca un'etichetta", nothing: "Nessuna etichetta contiene questo testo.", more: {one: "Mostra ancora {n}", other: "Mostra altre {n}"},
    renameTitle: "Rinomina «{tag}»", rename: "Rinomina", join: "Uniscile", name: "Nuovo nome", forAll: {one: "La ha {n} cliente.", other: "La hanno {n} clienti."}, becomeOne: {one: "L'etichetta «{tag}» esiste già, con {n} cliente: le due diventano una. Non si può annullare.", other: "L'etichetta «{tag}» esiste già, con {n} clienti: le due diventano una. Non si può annullare."}, renameHint: "Tutti i clienti che la hanno ricevono il nuovo nome, anche in ciò che arriverà più tardi con quello vecchio.", renamed: "«{from}» ora è «{to}».",
    removeTitle: "Eliminare «{tag}»?", losing: {one: "{n} cliente la perde. Non si può annullare.", other: "{n} clienti la perdono. Non si può annullare."},
  },
  fi: {
    title: "Tunnisteet", hint: "Kaikki asiakkaiden tunnisteet. Niitä lisätään asiakkaan kortilla, valituille asiakkaille, säännöillä ja tuonnissa.", none: "Ei vielä tunnisteita", noneHint: "Lisää tunniste asiakkaan kortilla tai usealle asiakkaalle kerralla asiakasluettelossa.", find: "Etsi tunniste", nothing: "Yhdenkään tunnisteen nimessä ei ole tätä.", more: {one: "Näytä vielä {n}", other: "Näytä vielä {n}"},
    renameTitle: "Nimeä uudelleen: {tag}", rename: "Nimeä uudelleen", join: "Yhdistä ne", name: "Uusi nimi", forAll: {one: "Se on {n} asiakkaalla.", other: "Se on {n} asiakkaalla."}, becomeOne: {one: "Tunniste ”{tag}” on jo {n} asiakkaalla: näistä kahdesta tulee yksi. Tätä ei voi perua.", other: "Tunniste ”{tag}” on jo {n} asiakkaalla: näistä kahdesta tulee yksi. Tätä ei voi perua."}, renameHint: "Kaikki, joilla se on, saavat uuden nimen, myös siinä, mikä saapuu myöhässä vanhalla nimellä.", renamed: "”{from}” on nyt ”{to}”.",
    removeTitle: "Poistetaanko ”{tag}”?", losing: {one: "{n} asiakas menettää sen. Tätä ei voi perua.", other: "{n} asiakasta menettää sen. Tätä ei voi perua."},
  },
}, "tags");
