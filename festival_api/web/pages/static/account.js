// Signing up and in, and the pages behind the links of letters. Their codes stand behind the #: no server and no log
// sees them, and nothing happens before a button is pressed (scanners of mail open links too).

import { done, fill, onSubmit, read } from "./forms.js";
import { ask, language, make, words } from "./talk.js";

const form = (id) => document.getElementById(id);
const code = location.hash.slice(1);
const signInLink = () => make("a", { className: "button", href: "/sign-in" }, words("sign_in"));

if (form("main").querySelector("[data-with-code], [data-without-code]")) {
  history.replaceState(null, "", location.pathname + location.search);
  if (code) document.querySelectorAll("a.language").forEach((link) => (link.hash = code));
  const shown = code ? "[data-with-code]" : "[data-without-code]";
  document.querySelectorAll(shown).forEach((one) => (one.hidden = false));
}

/** Where to go after signing in: back where one came from, and never to another site. */
function next() {
  const asked = new URLSearchParams(location.search).get("next") ?? "";
  if (!asked || !URL.canParse(asked, location.origin)) return "/me";
  const wanted = new URL(asked, location.origin);
  return wanted.origin === location.origin ? wanted.pathname + wanted.search : "/me";
}

const ACTIONS = {
  "sign-up": async (here) => {
    const { detail } = await ask("POST", "/api/accounts", read(here));
    done(here, detail, make("p", {}, words("follow_letter")));
  },
  "sign-in": async (here) => {
    await ask("POST", "/api/sessions", read(here));
    location.assign(next());
  },
  confirm: async (here) => {
    await ask("POST", "/api/accounts/confirm", { token: code });
    done(here, words("confirmed"), signInLink());
  },
  resend: async (here) => {
    const { detail } = await ask("POST", "/api/accounts/resend", read(here));
    done(here, detail);
  },
  reset: async (here) => {
    const { detail } = await ask("POST", "/api/password-resets", read(here));
    done(here, detail);
  },
  "new-password": async (here) => {
    await ask("POST", "/api/password-resets/confirm", { ...read(here), token: code });
    done(here, words("password_changed"), signInLink());
  },
  email: async (here) => {
    await ask("POST", "/api/accounts/email", { token: code });
    done(here, words("email_changed"), make("a", { className: "button", href: "/me" }, words("my_account")));
  },
};

for (const [id, action] of Object.entries(ACTIONS)) {
  const here = form(id);
  if (here) onSubmit(here, () => action(here));
}
if (form("sign-up")) fill(form("sign-up"), { language });
