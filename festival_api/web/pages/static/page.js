// What every page has: who is signed in, signing out.

import { ask, edition, whoIs } from "./talk.js";

function show(me) {
  if (me === null) {
    delete document.body.dataset.signedIn;
    return;
  }
  document.body.dataset.signedIn = "";
  const roles = me.roles[edition] ?? [];
  const reveal = (what) => document.querySelectorAll(`[data-${what}]`).forEach((one) => (one.hidden = false));
  reveal("own");
  if (roles.includes("juror")) reveal("juror");
  if (roles.includes("office")) reveal("office");
  if (me.admin) reveal("admin");
}

const ofOne = ["me", "new", "entry", "desk", "work", "committee", "office", "jurors", "hearings", "payments", "import", "roles"];
if (ofOne.includes(document.body.dataset.page) || "signedIn" in document.body.dataset) whoIs().then(show, () => {});

document.querySelector("[data-sign-out]").addEventListener("click", async () => {
  try {
    await ask("DELETE", "/api/sessions/current");
  } finally {
    location.assign("/");
  }
});
