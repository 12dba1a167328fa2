// What the business calls the statuses that the automation works with.

import {labelOf} from "../../lib/labels.js";

export const withRole = (settings, role) => settings.statuses.find((status) => status.role === role);
export const statusOf = (settings, role) => labelOf(withRole(settings, role));
