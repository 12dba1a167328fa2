// What the business has defined, ready to be shown: statuses, lists, own fields and audiences by their codes.

import {labelOf} from "../../lib/labels.js";

// settings: of GET /settings; history: of GET /settings/history, if it is there yet.
export function catalogue(settings, history = []) {
  const lists = settings.classifications ?? {};
  const madeAt = new Map(history.filter(({outcome}) => outcome === "applied").map(({revision, time}) => [revision, time]));
  const status = (code) => settings.statuses.find((one) => one.code === code) ?? {code, label: code, ended: false};
  return {
    statuses: settings.statuses,
    fields: settings.fields ?? [],
    lists,
    requiresEndReason: settings.automation?.require_end_reason ?? false,
    status,
    statusLabel: (code) => labelOf(status(code)),
    classified: (kind, code) => labelOf((lists[kind] ?? []).find((one) => one.code === code)) ?? code,
    field: (fieldId) => labelOf((settings.fields ?? []).find((one) => one.field_id === fieldId)) ?? fieldId,
    audience: (audienceId) => (settings.audiences ?? []).find((one) => one.audience_id === audienceId)?.name ?? audienceId,
    // What a sentence about a change says of the settings: lib/reasons.js.
    inForce: (revision) => ({revision, settingsAt: madeAt.get(revision), days: revision === settings.revision ? settings.automation?.inactive_after_days : undefined}),
  };
}
