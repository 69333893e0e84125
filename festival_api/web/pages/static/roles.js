// Administrators: who runs the edition, and who audits it.

import { fill, folded, onSubmit, read, refuse, tell } from "./forms.js";
import { all, ask, edition, line, moment, names, signedIn, words } from "./talk.js";

const at = (id) => document.getElementById(id);
const here = `/api/editions/${edition}/roles`;

async function show() {
  const holders = await all(`${here}?limit=200`);
  const rows = holders.map((one) => {
    const taking = folded(words("take_role", { name: one.name }), "revoke", async () => {
      await ask("DELETE", `${here}/${one.role}/${one.account}`);
      await show();
      tell(at("answer"), words("done"), { focus: true });
    });
    return line(one.name, one.email, names("roles", one.role), moment(one.granted_at), taking);
  });
  at("holders").replaceChildren(...rows);
}

onSubmit(at("grant"), async () => {
  await ask("POST", here, read(at("grant")));
  fill(at("grant"), {});
  await show();
  tell(at("grant"), words("done"), { focus: true });
});

await signedIn();
try {
  await show();
} catch (error) {
  refuse(at("main"), error);
}
