// What somebody has changed and not saved yet: flat names (`triggers.payment_made`) and values, so that it can be told
// and taken back one by one.

export const TRIGGERS = ["booking_attended", "invoice_issued", "payment_made", "message_received"];

export const flat = ({locale, automation}) => ({
  enabled: automation.enabled,
  ...Object.fromEntries(TRIGGERS.map((trigger) => [`triggers.${trigger}`, automation.triggers[trigger]])),
  completion: automation.completion,
  inactive_after_days: automation.inactive_after_days ?? null,
  require_end_reason: automation.require_end_reason,
  locale,
});

// Only what differs from what is in force.
export function changed(inForce, draft) {
  return Object.entries(draft).filter(([name, value]) => inForce[name] !== value).map(([name, value]) => ({name, from: inForce[name], to: value}));
}

// As the data of automation.set.
export function patch(changes) {
  const data = {};
  for (const {name, to} of changes) {
    const [whole, part] = name.split(".");
    if (part) data[whole] = {...data[whole], [part]: to};
    else data[whole] = to;
  }
  return data;
}

export const onlyTrigger = (values, trigger) => values[`triggers.${trigger}`] && TRIGGERS.filter((other) => values[`triggers.${other}`]).length === 1;

const MAX_DAYS = 3650;
export const daysFit = (days) => days === null || (Number.isInteger(days) && days >= 1 && days <= MAX_DAYS);
