// One's own entries and account.

import { done, fill, onSubmit, read, refuse, tell } from "./forms.js";
import { all, ask, language, make, moment, names, signedIn, words } from "./talk.js";

const form = (id) => document.getElementById(id);
const me = await signedIn();

function entryItem(entry) {
  const [name, next] = names("states", entry.state);
  return make(
    "li",
    {},
    make("h3", {}, make("a", { href: `/entries/${entry.id}` }, entry.title[language])),
    make("p", {}, make("span", { className: "badge" }, name), ` ${entry.category ? names("categories", entry.category) : ""}`),
    make("p", {}, next),
    make("p", { className: "hint" }, words("changed_at", { moment: moment(entry.changed_at) })),
  );
}

async function showEntries() {
  const place = form("entries");
  try {
    const found = await all("/api/entries");
    const list = make("ul", { className: "entries" }, ...found.reverse().map(entryItem));
    place.replaceChildren(found.length ? list : make("p", {}, words("no_entries")));
  } catch (error) {
    place.replaceChildren();
    refuse(form("main"), error);
  } finally {
    place.ariaBusy = "false";
  }
}

function showAccount(account) {
  form("greeting").textContent = words("greeting", { name: account.name });
  form("greeting").hidden = false;
  form("address").textContent = account.email;
  fill(form("profile"), account);
}

const ACTIONS = {
  profile: async (here) => {
    showAccount(await ask("PATCH", "/api/me", read(here)));
    tell(here, words("saved"));
  },
  "change-email": async (here) => {
    const { detail } = await ask("POST", "/api/me/email", read(here));
    done(here, detail);
  },
  "change-password": async (here) => {
    await ask("PUT", "/api/me/password", read(here));
    fill(here, {});
    tell(here, words("password_changed"));
  },
  everywhere: async () => {
    await ask("DELETE", "/api/sessions");
    location.assign("/sign-in");
  },
  erase: async (here) => {
    if (!form("erase-sure").checked) {
      tell(here, words("tick_first"), { bad: true });
      return;
    }
    await ask("POST", "/api/me/erase", read(here));
    location.assign("/");
  },
};

for (const [id, action] of Object.entries(ACTIONS)) onSubmit(form(id), () => action(form(id)));
showAccount(me);
if (location.hash === "#account") form("account").scrollIntoView();
await showEntries();
