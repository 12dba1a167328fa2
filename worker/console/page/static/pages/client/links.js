// Addresses out of what clients wrote: nothing but an address may come of it. undefined: it is none.

export const mailto = (email) => (/^[^\s@]+@[^\s@]+$/.test(email) ? `mailto:${encodeURIComponent(email).replace("%40", "@")}` : undefined);

export function tel(phone) {
  const digits = phone.replace(/[^\d+]/g, "");
  return /\d{3}/.test(digits) ? `tel:${digits}` : undefined;
}

export const web = (url) => (/^https?:\/\//i.test(url) ? url : undefined);
