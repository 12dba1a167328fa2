// Where a client or a message came from: free text that other systems choose; the usual ones are said in words.

import {words} from "./i18n.js";

const t = words({
  en: {website_widget: "website", business_page: "business page", manual: "staff", email: "E-mail", whatsapp: "WhatsApp", sms: "SMS", phone: "Phone", chat: "Chat"},
  nl: {website_widget: "website", business_page: "bedrijfspagina", manual: "medewerkers", email: "E-mail", whatsapp: "WhatsApp", sms: "Sms", phone: "Telefoon", chat: "Chat"},
  it: {website_widget: "sito web", business_page: "pagina aziendale", manual: "staff", email: "E-mail", whatsapp: "WhatsApp", sms: "SMS", phone: "Telefono", chat: "Chat"},
  fi: {website_widget: "verkkosivusto", business_page: "yrityssivu", manual: "henkilökunta", email: "Sähköposti", whatsapp: "WhatsApp", sms: "Tekstiviesti", phone: "Puhelin", chat: "Chat"},
}, "origins");

const SOURCES = new Set(["website_widget", "business_page", "manual"]);
const CHANNELS = new Set(["email", "whatsapp", "sms", "phone", "chat"]);

export const sourceSaid = (source) => (SOURCES.has(source) ? t(source) : source);
export const channelSaid = (channel) => (CHANNELS.has(channel) ? t(channel) : channel);
