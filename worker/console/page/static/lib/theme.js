// Light or dark: as the system says, until somebody chooses.

const STORED = "client-status.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

export const theme = () => document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");

export function setTheme(to) {
  document.documentElement.dataset.theme = to;
  try {
    localStorage.setItem(STORED, to);
  } catch {
    // the choice then lasts as long as the page
  }
}

const before = stored();
if (before === "dark" || before === "light") document.documentElement.dataset.theme = before;
