// Beginning an entry.

import { onSubmit, read } from "./forms.js";
import { ask, edition, signedIn } from "./talk.js";

const form = document.getElementById("new");
await signedIn();
onSubmit(form, async () => {
  const { draft = {} } = read(form);
  const { id } = await ask("POST", `/api/editions/${edition}/entries`, { draft });
  location.assign(`/entries/${id}`);
});
