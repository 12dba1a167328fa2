// One command for many clients: in as many messages as that takes, with one progress and one answer.

import {command} from "../../lib/api.js";
import {refusals} from "../../lib/refusals.js";

export const CLIENTS_A_COMMAND = 250; // of the 1,000 that are possible: one sees how far it is

// dataOf(ids) -> the data of a message. -> {changed, unchanged, errors: [{client_id?, code, message}], undone}
// `undone`: so many clients were not reached because sending failed; `problem` says why.
export async function forAll(business, type, ids, dataOf, progress) {
  const answer = {changed: 0, unchanged: 0, errors: [], undone: 0, problem: null};
  for (let start = 0; start < ids.length; start += CLIENTS_A_COMMAND) {
    const part = ids.slice(start, start + CLIENTS_A_COMMAND);
    progress({done: start, total: ids.length});
    try {
      const result = await command(business, type, dataOf(part));
      answer.changed += result.applied.length;
      answer.unchanged += result.unchanged.length;
      answer.errors.push(...whose(result, part));
    } catch (problem) {
      return {...answer, undone: ids.length - start, problem};
    }
  }
  progress({done: ids.length, total: ids.length});
  return answer;
}

// A refusal of the whole message is one of each client in it.
function whose({type, errors}, part) {
  if (type !== "command.rejected" || errors.some((error) => error.client_id)) return errors;
  return part.map((client_id) => ({...errors[0], client_id}));
}

// Refused for all of them, with the same words?
export function refusedWhole(answer, ids) {
  const groups = refusals(answer.errors);
  return answer.errors.length === ids.length && groups.length === 1 ? groups[0].said : null;
}
