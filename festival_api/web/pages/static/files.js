// Files of an entry: uploads in pieces (tus 1.0.0) that pause, go on after a break, and show how far they are.

import { onSubmit, read, refuse, tell } from "./forms.js";
import { Refused, all, ask, make, names, words } from "./talk.js";

const PIECE = 4 * 2 ** 20;
const TRIES = 6;
const WAIT_MS = 1500;
const TUS = { "Tus-Resumable": "1.0.0" };
const AGAIN = ["offline", "upload_locked", "offset_mismatch", "checksum_mismatch", "upload_stalled", "busy", "too_many"];

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const text64 = (text) => base64(new TextEncoder().encode(text));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(3, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const format = { style: "unit", unit: units[step], maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, format).format(bytes / 1000 ** step);
}

/** One upload under way: from where the service is to the file's end, over breaks of the line. */
class Upload {
  constructor(id, file, changed) {
    Object.assign(this, { id, file, changed, received: 0, stopped: new AbortController() });
  }

  async run() {
    let failed = 0;
    await this.#standing();
    while (this.received < this.file.size) {
      try {
        await this.#piece();
        failed = 0;
      } catch (error) {
        failed += 1;
        if (!AGAIN.includes(error.problem?.code) || failed > TRIES) throw error;
        await pause(WAIT_MS * failed);
        if (!this.stopped.signal.aborted) await this.#standing().catch(() => {});
      }
      this.changed(this);
    }
  }

  stop() {
    this.stopped.abort();
  }

  async #piece() {
    const piece = await this.file.slice(this.received, this.received + PIECE).arrayBuffer();
    const headers = { ...TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.received) };
    // Only pages that came over HTTPS can hash.
    if (globalThis.crypto.subtle) {
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", piece));
      headers["Upload-Checksum"] = `sha256 ${base64(hash)}`;
    }
    await this.#ask("PATCH", headers, piece);
  }

  #standing() {
    return this.#ask("HEAD", TUS);
  }

  #ask(method, headers, raw) {
    const answered = (answer) => (this.received = Number(answer.headers.get("Upload-Offset") ?? this.received));
    return ask(method, `/api/files/${this.id}`, undefined, { headers, raw, signal: this.stopped.signal, answered });
  }
}

/** The part of the page that shows an entry's files; `changed` is called with them. */
export class Files {
  #running = new Map();

  constructor(entry, changed) {
    this.entry = entry;
    this.changed = changed;
    this.list = document.getElementById("file-list");
    this.form = document.getElementById("upload");
    onSubmit(this.form, () => this.#begin());
  }

  async show(editable) {
    this.editable = editable;
    this.form.hidden = !editable;
    const files = await all(`/api/entries/${this.entry}/files`);
    this.list.replaceChildren(...files.map((file) => this.#item(file)));
    this.changed(files);
    if (files.some((file) => file.state === "hashing")) setTimeout(() => this.show(this.editable), 2000);
  }

  async #begin() {
    const [file] = document.getElementById("file").files;
    if (file === undefined) {
      tell(this.form, words("choose_file"), { bad: true });
      return;
    }
    const { kind } = read(this.form);
    const metadata = { kind, name: file.name, media_type: file.type || "application/octet-stream" };
    const written = Object.entries(metadata).map(([name, value]) => `${name} ${text64(value)}`);
    const headers = { ...TUS, "Upload-Length": String(file.size), "Upload-Metadata": written.join(",") };
    const { id } = await ask("POST", `/api/entries/${this.entry}/files`, undefined, { headers });
    document.getElementById("file").value = "";
    this.#run(id, file);
  }

  async #run(id, file) {
    const upload = new Upload(id, file, () => this.#progress(upload));
    this.#running.set(id, upload);
    await this.show(this.editable);
    try {
      await upload.run();
      tell(this.form, words("uploaded", { name: file.name }));
    } catch (error) {
      if (error.name !== "AbortError") refuse(this.form, error);
    } finally {
      this.#running.delete(id);
      await this.show(this.editable);
    }
  }

  #progress(upload) {
    const item = this.list.querySelector(`[data-file="${upload.id}"]`);
    item?.querySelector("progress")?.setAttribute("value", upload.received);
    const told = item?.querySelector("[data-told]");
    if (told) told.textContent = this.#far(upload.received, upload.file.size);
  }

  #far(received, whole) {
    return words("received", { received: size(received), size: size(whole) });
  }

  #item(file) {
    const running = this.#running.get(file.id);
    const item = make("li", {}, make("strong", {}, file.name), ` — ${names("files", file.kind)}, ${size(file.size)}`);
    item.dataset.file = file.id;
    const told = make("p", { className: "hint" }, words(`file_${file.state}`));
    item.append(told);
    if (file.state === "incoming") {
      told.dataset.told = "";
      told.textContent = this.#far(running?.received ?? file.received, file.size);
      item.append(make("progress", { max: file.size, value: file.received, ariaLabel: file.name }));
    }
    item.append(...this.#buttons(file, running));
    return item;
  }

  #buttons(file, running) {
    const found = [];
    const button = (name, action) => {
      const made = make("button", { type: "button", className: "plain" }, name);
      made.setAttribute("aria-label", `${name}: ${file.name}`);
      made.addEventListener("click", action);
      found.push(made, " ");
    };
    if (file.state === "complete") found.push(make("a", { href: `/api/files/${file.id}` }, words("download")), " ");
    if (running) button(words("pause"), () => running.stop());
    if (!this.editable) return found;
    if (file.state === "incoming" && !running) found.push(this.#again(file));
    if (!running) button(words("delete"), () => this.#delete(file));
    return found;
  }

  #again(file) {
    const input = make("input", { type: "file" });
    input.addEventListener("change", () => {
      const [chosen] = input.files;
      if (chosen.name === file.name && chosen.size === file.size) this.#run(file.id, chosen);
      else tell(this.form, words("other_file", { name: file.name }), { bad: true });
    });
    return make("label", { className: "field" }, make("span", { className: "label" }, words("go_on", { name: file.name })), input);
  }

  async #delete(file) {
    try {
      await ask("DELETE", `/api/files/${file.id}`, undefined, { headers: TUS });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(this.form, error);
    }
    await this.show(this.editable);
  }
}
